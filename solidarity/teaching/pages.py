"""The pages for everyone who wants to hold a conversation: the shelf of guides, a guide, and its sheets to print."""

from __future__ import annotations

from flask import abort, render_template, request
from flask_babel import gettext as _

from solidarity import asked, locales
from solidarity.db import session
from solidarity.searching import engine
from solidarity.teaching import library, showing
from solidarity.teaching.blueprint import blueprint
from stories import queries
from stories.models import Guide


@blueprint.get("/guides")
def guides() -> str:
    """Every guide that fits the hour, the group and the language."""
    reader = locales.current().tag
    asked_for = library.wanted()
    themes = [theme for theme, _count in queries.themes_with_counts(session())]
    lists = library.choices(asked_for, themes, reader)
    return render_template(
        "teaching/guides.html",
        cards=library.cards(session(), asked_for, reader),
        lists=lists,
        picks=library.picks(asked_for, lists),
    )


@blueprint.get("/guides/<slug>")
def guide(slug: str) -> str:
    """A guide, with the stories that are public and that the index finds for it now."""
    return render_template("teaching/guide.html", shown=showing.shown(session(), engine(), _public(slug)))


@blueprint.get("/guides/<slug>/sheet")
def sheet(slug: str) -> str:
    """A guide to print: everything for the facilitator, or what participants hold in their hands."""
    for_participants = request.args.get("for") == "participants"
    return render_template(
        "teaching/sheet.html",
        shown=showing.shown(session(), engine(), _public(slug)),
        for_participants=for_participants,
        sheet_name=_("Participants’ sheet") if for_participants else _("Facilitator’s sheet"),
    )


def _public(slug: str) -> Guide:
    found = queries.guide_at(session(), slug[: asked.LONGEST])
    if found is None or not found.is_public:
        abort(404)
    return found
