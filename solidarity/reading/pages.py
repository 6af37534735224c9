"""What the site says of itself: how to use its stories, what it is, and what it does not keep."""

from __future__ import annotations

from flask import current_app, render_template

from solidarity.db import session
from solidarity.reading import hour
from solidarity.reading.blueprint import blueprint
from stories import queries


@blueprint.get("/how-to-use")
def how_to_use() -> str:
    """For four audiences; and a conversation of one hour around any story."""
    return render_template(
        "reading/how-to-use.html",
        audiences=hour.AUDIENCES,
        prepare=hour.PREPARE,
        hour=hour.HOUR,
        minutes=sum(step.minutes for phase in hour.HOUR for step in phase.steps),
        agreements=hour.AGREEMENTS,
        guides=queries.public_guides(session())[:4],
    )


@blueprint.get("/about")
def about() -> str:
    """What the site is for, and how a story comes to be on it."""
    return render_template("reading/about.html", contact=_contact())


@blueprint.get("/privacy")
def privacy() -> str:
    """What is kept of readers (nothing), of tellers, and what a withdrawal does."""
    return render_template("reading/privacy.html", contact=_contact())


def _contact() -> str:
    contact: str = current_app.config["SETTINGS"].contact
    return contact
