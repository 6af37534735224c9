"""What the site says of itself: how to use its stories, what it is, and what it does not keep."""

from __future__ import annotations

from flask import render_template

from solidarity.reading import conversation_hour
from solidarity.reading.blueprint import blueprint
from solidarity.web.db import session
from stories import queries


@blueprint.get("/how-to-use")
def how_to_use() -> str:
    """For four audiences; and a conversation of one hour around any story."""
    return render_template(
        "reading/how-to-use.html",
        audiences=conversation_hour.AUDIENCES,
        prepare=conversation_hour.PREPARE,
        hour=conversation_hour.HOUR,
        minutes=sum(step.minutes for phase in conversation_hour.HOUR for step in phase.steps),
        agreements=conversation_hour.AGREEMENTS,
        guides=queries.public_guides(session())[:4],
    )


@blueprint.get("/about")
def about() -> str:
    """What the site is for, and how a story comes to be on it."""
    return render_template("reading/about.html")


@blueprint.get("/privacy")
def privacy() -> str:
    """What is kept of readers (nothing), of tellers, and what a withdrawal does."""
    return render_template("reading/privacy.html")


@blueprint.get("/concern")
def concern() -> str:
    """What to do when a story could hurt somebody, for its teller and for others, and what follows."""
    return render_template("reading/concern.html")
