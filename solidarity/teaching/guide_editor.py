"""Writing a guide: one form that keeps everything typed, whatever button is pressed and whatever goes wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from solidarity.search_engine import catch_up
from solidarity.teaching import plan_form, step_editing, story_picker
from solidarity.teaching.blueprint import blueprint
from solidarity.teaching.forms import GuideForm
from solidarity.web import db, locales, query_params
from solidarity.web.clock import now
from solidarity.web.db import session
from solidarity.web.form_recovery import resendable
from solidarity.web.forms import show_refusal
from solidarity.web.permissions import current_person, roles_required
from stories import guides, queries
from stories.errors import Missing, Refused, StaleRevision, TooLong
from stories.guides import GuideOrigin
from stories.models import Guide, Role

SAVE = "save"
NO_VERSION = -1


@dataclass
class EditorPage:
    """The page of the form: what is typed on it, the guide it is about, and what the page has to say."""

    form: GuideForm
    guide: Guide | None = None
    focus: str = ""
    found: story_picker.StorySearch | None = None
    notice: str = ""

    def page(self, status: int = 200) -> tuple[str, int]:
        """The form with everything that was typed."""
        self.form.point_at(self.focus)
        html = render_template(
            "teaching/guide-editor.html",
            sheet=self,
            form=self.form,
            guide=self.guide,
            stories=story_picker.picked_stories(session(), self.form.stories.data, self.guide),
        )
        return html, status


@blueprint.get("/my/guides/new")
@roles_required(Role.EDUCATOR)
def new_guide() -> Any:
    """An empty form with an outline, or the words of a guide that is to be translated."""
    original = _original(query_params.text("translation_of", query_params.LONGEST))
    return EditorPage(_form(plan_form.translation_of(original) if original else plan_form.blank())).page()


@blueprint.post("/my/guides/new")
@roles_required(Role.EDUCATOR)
@resendable(_l("Save a new guide"))
def begin_guide() -> Any:
    """Make the guide; the same form sent twice makes one."""
    form = _form()
    if _order() != SAVE:
        return _rearranged(form, None)
    source_id = _source(form)
    already = queries.guide_from(session(), source_id) if source_id else None
    if already is not None:
        return redirect(url_for("teaching.my_guide", guide_id=already.id), 303)
    if not form.validate_on_submit():
        return EditorPage(form).page(422)
    origin = GuideOrigin(original=_original(form.translation_of.data), source_id=source_id)
    try:
        guide = guides.draft(session(), plan_form.plan(session(), form), by=current_person(), at=now(), origin=origin)
    except (Missing, TooLong) as refusal:
        return _refused(form, None, refusal)
    return _kept(guide)


@blueprint.get("/my/guides/<row:guide_id>/wording")
@roles_required(Role.EDUCATOR, Role.STEWARD)
def guide_wording(guide_id: int) -> Any:
    """The form with the guide as it stands."""
    guide = mine(guide_id)
    return EditorPage(_form(plan_form.of(guide)), guide).page()


@blueprint.post("/my/guides/<row:guide_id>/wording")
@roles_required(Role.EDUCATOR, Role.STEWARD)
@resendable(_l("Save a guide"))
def save_guide(guide_id: int) -> Any:
    """Save the guide, unless somebody saved it since; or rearrange the form."""
    guide = mine(guide_id)
    form = _form()
    if _order() != SAVE:
        return _rearranged(form, guide)
    if not form.validate_on_submit():
        return EditorPage(form, guide).page(422)
    version = query_params.whole(form.version.data or "", most=10**9)
    try:
        guides.save(
            guide, plan_form.plan(session(), form, guide), by=current_person(), at=now(),
            version=NO_VERSION if version is None else version,
        )  # fmt: skip
    except StaleRevision:
        return _newer(form, guide)
    except (Missing, TooLong) as refusal:
        return _refused(form, guide, refusal)
    return _kept(guide)


def mine(guide_id: int) -> Guide:
    """The guide with this number, if it is this person's to change."""
    guide = queries.guide_with_id(session(), guide_id)
    if guide is None:
        abort(404)
    if not guides.may_change(guide, current_person()):
        abort(403)
    return guide


def _form(written: dict[str, Any] | None = None) -> GuideForm:
    """The form as it was sent, or with what is `written`."""
    if written is None and step_editing.is_beyond_measure(request.form):
        abort(413)
    form = GuideForm() if written is None else GuideForm(formdata=None, data=written)
    reader = locales.current().tag
    themes = queries.themes(session(), reader)
    plan_form.offer_themes(form, themes, reader)
    return form


def _order() -> str:
    """The button that was pressed; the key Enter saves."""
    return request.form.get("do", SAVE)


def _source(form: GuideForm) -> str | None:
    """Where a new guide comes from: this very form of this very person."""
    key = form.form_key.data
    return f"form:{current_person().id}:{key[:60]}" if key else None


def _original(slug: str | None) -> Guide | None:
    """The guide that is translated: a public one, or one's own."""
    guide = queries.guide_at(session(), slug) if slug else None
    return guide if guide and (guide.is_public or guides.may_change(guide, current_person())) else None


def _rearranged(form: GuideForm, guide: Guide | None) -> Any:
    """The same form with a step added, removed or moved, or with stories to choose from. Nothing is saved."""
    db.rollback()
    order = _order()
    written = form.data
    written["phases"], focus = step_editing.rearrange(order, written["phases"])
    written["stories"], moved = story_picker.reorder(order, written["stories"])
    sheet = EditorPage(_form(written), guide, focus or moved)
    if order == story_picker.LOOK:
        sheet.found = story_picker.find_stories(session(), form.story_words.data or "", written["stories"])
    return sheet.page()


def _newer(form: GuideForm, guide: Guide) -> Any:
    """Somebody saved the guide since this form was opened: say so, keep what was typed, let its author decide."""
    db.rollback()
    written = form.data | {"version": guide.version}
    return EditorPage(_form(written), guide, notice="newer").page(409)


def _refused(form: GuideForm, guide: Guide | None, refusal: Refused) -> Any:
    """Say beside its field what the domain refused; a refusal that has no field goes to the site's own page."""
    if not show_refusal(form, refusal):
        raise refusal
    db.rollback()
    return EditorPage(form, guide).page(422)


def _kept(guide: Guide) -> Response:
    """Make it last, tell the index if readers see the guide, and show it as they do."""
    was_public, guide_id = guide.is_public, guide.id
    db.commit()
    if was_public and not catch_up():
        flash(_("Saved. What readers find will follow in a moment."), "success")
    else:
        flash(_("Saved."), "success")
    return redirect(url_for("teaching.my_guide", guide_id=guide_id), 303)
