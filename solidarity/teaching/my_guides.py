"""The desk of an educator: my guides, one of them as others will see it, publishing it and taking it back."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from solidarity.search_engine import catch_up, engine
from solidarity.teaching import guide_page
from solidarity.teaching.blueprint import blueprint
from solidarity.teaching.guide_editor import mine
from solidarity.web import db
from solidarity.web.clock import now
from solidarity.web.db import session
from solidarity.web.form_recovery import not_resendable
from solidarity.web.permissions import current_person, roles_required
from stories import guides, queries
from stories.errors import Missing
from stories.models import Guide, Role


@blueprint.app_template_global("guides_desk")
def way_back() -> tuple[str, str]:
    """Where somebody who works on a guide came from: an educator's own desk, a steward's the shelf of all guides."""
    if current_person().is_a(Role.EDUCATOR):
        return _("My guides"), url_for("teaching.my_guides")
    return _("Guides"), url_for("teaching.guides")


@blueprint.get("/my/guides")
@roles_required(Role.EDUCATOR)
def my_guides() -> str:
    """What this person wrote, the last changed first."""
    return render_template("teaching/my-guides.html", guides=queries.guides_of(session(), current_person()))


@blueprint.get("/my/guides/<row:guide_id>")
@roles_required(Role.EDUCATOR, Role.STEWARD)
def my_guide(guide_id: int) -> str:
    """A guide as educators will see it, and what its author can do with it."""
    return _preview(mine(guide_id))


@blueprint.post("/my/guides/<row:guide_id>/publication")
@roles_required(Role.EDUCATOR, Role.STEWARD)
@not_resendable(_l("Publish a guide"))
def publish_guide(guide_id: int) -> Any:
    """Show the guide to everybody, or say what it still needs."""
    guide = mine(guide_id)
    try:
        guides.publish(guide, by=current_person(), at=now())
    except Missing:
        db.rollback()
        return _preview(guide), 422
    return _done(
        guide_id,
        _("Your guide is public. Educators find it now."),
        _("Your guide is public. The search will show it in a moment."),
    )


@blueprint.post("/my/guides/<row:guide_id>/return")
@roles_required(Role.EDUCATOR, Role.STEWARD)
@not_resendable(_l("Take a guide back"))
def take_back_guide(guide_id: int) -> Any:
    """Take a public guide back to its author's desk."""
    guides.unpublish(mine(guide_id), by=current_person(), at=now())
    return _done(
        guide_id, _("Only you see the guide now."), _("Only you see the guide now. Searches forget it in a moment.")
    )


def _done(guide_id: int, at_once: str, in_a_moment: str) -> Response:
    db.commit()
    flash(at_once if catch_up() else in_a_moment, "success")
    return redirect(url_for("teaching.my_guide", guide_id=guide_id), 303)


def _preview(guide: Guide) -> str:
    return render_template(
        "teaching/my-guide.html",
        shown=guide_page.page_of(session(), engine(), guide),
        guide=guide,
        lacking=guides.lacking(guide),
        may_translate=current_person().is_a(Role.EDUCATOR),
    )
