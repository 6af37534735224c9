"""The pages for everyone who wants to hold a conversation: the shelf of guides, a guide, and its sheets to print."""

from __future__ import annotations

from flask import abort, render_template, request
from flask_babel import gettext as _

from solidarity.search_engine import engine
from solidarity.teaching import guide_list, guide_page
from solidarity.teaching.blueprint import blueprint
from solidarity.web import locales, query_params
from solidarity.web.db import session
from stories import queries
from stories.models import Guide


@blueprint.get("/guides")
def guides() -> str:
    """Every guide that fits the hour, the group and the language."""
    reader = locales.current().tag
    asked_for = guide_list.wanted()
    themes = queries.themes(session(), reader)
    lists = guide_list.choices(asked_for, themes, reader)
    return render_template(
        "teaching/guides.html",
        cards=guide_list.cards(session(), asked_for, reader),
        lists=lists,
        picks=guide_list.picks(asked_for, lists),
    )


@blueprint.get("/guides/<slug>")
def guide(slug: str) -> str:
    """A guide, with the stories that are public and that the index finds for it now."""
    return render_template("teaching/guide.html", shown=guide_page.page_of(session(), engine(), _public(slug)))


@blueprint.get("/guides/<slug>/sheet")
def sheet(slug: str) -> str:
    """A guide to print: everything for the facilitator, or what participants hold in their hands."""
    for_participants = request.args.get("for") == "participants"
    return render_template(
        "teaching/sheet.html",
        shown=guide_page.page_of(session(), engine(), _public(slug)),
        for_participants=for_participants,
        sheet_name=_("Participants’ sheet") if for_participants else _("Facilitator’s sheet"),
    )


def _public(slug: str) -> Guide:
    found = queries.guide_at(session(), slug[: query_params.LONGEST])
    if found is None or not found.is_public:
        abort(404)
    return found
