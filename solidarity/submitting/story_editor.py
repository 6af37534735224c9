"""Writing a story: a new one, or the next words of a draft. Whatever goes wrong, everything typed stays on the page."""

from __future__ import annotations

import secrets
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from solidarity import story_form
from solidarity.submitting import submission_status
from solidarity.submitting.blueprint import STORY, blueprint, number, own_story, sparingly, to_story
from solidarity.submitting.forms import OTHERS, OWN, StoryForm, typed
from solidarity.submitting.my_stories import is_answerable, is_writable
from solidarity.submitting.originals import original_at, original_refusal
from solidarity.web import locales
from solidarity.web.clock import now
from solidarity.web.db import commit, session
from solidarity.web.form_recovery import resendable
from solidarity.web.forms import show_refusal
from solidarity.web.permissions import current_person, roles_required
from solidarity.web.urls import story_path
from stories import editorial, origins, queries, wording
from stories.editorial import Origin
from stories.errors import NotNow, Refused, StaleRevision
from stories.models import Role, Story
from stories.wording import Words

SHARED = ("teller_naming", "teller_name", "organisation", "themes")  # what a translation takes over from its original
OFFERED = 50  # own stories whose addresses the form shows
_THEN = {"preview": "submitting.preview", "send": "submitting.submission"}


@blueprint.route("/my/stories/new", methods=["GET", "POST"])
@roles_required(Role.LEADER)
@sparingly
@resendable(_l("Save a new story"))
def new_story() -> Any:
    """A form for a new story; sent twice, it makes one."""
    if request.method == "GET":
        return _page(_form(_beginning()))
    form = _form({})
    begun = queries.story_from(session(), _source(form), current_person())
    if begun is not None:
        return _save(begun, form)
    given = _given(form)
    if given is None:
        return _page(form, status=422)
    new, origin = given
    story = editorial.begin_story(session(), new, origin, by=current_person(), at=now())
    commit()
    return _saved(story, form)


@blueprint.route(f"{STORY}/words", methods=["GET", "POST"])
@roles_required(Role.LEADER)
@sparingly
@resendable(_l("Save the words of a story"))
def write(story_id: int) -> Any:
    """The words of a draft."""
    story = own_story(story_id)
    if request.method == "POST":
        return _save(story, _form(_origin_of(story)))
    if not is_writable(story):
        flash(_("These words cannot be changed just now. Here is where the story stands."), "info")
        return to_story(story)
    begin_with = typed(wording.of(story.own_revision)) | _origin_of(story)
    return _page(_form(begin_with | {"revision_id": str(story.own_revision.id)}), story)


def _save(story: Story, form: StoryForm) -> Any:
    given = _given(form, story)
    if given is None:
        return _page(form, story, status=422)
    new, origin = given
    try:
        if origins.is_open(story, current_person()):
            origins.put_right(story, origin, by=current_person(), at=now())
        editorial.write(story, new, by=current_person(), at=now(), revision_id=number(form.revision_id.data))
    except StaleRevision:
        if new.tidied().digest != story.own_revision.digest:
            return _page(form, story, status=409, trouble="stale")
    except NotNow:
        return _page(form, story, status=409, trouble="moved on")
    commit()
    return _saved(story, form)


def _saved(story: Story, form: StoryForm) -> Response:
    flash(_("Saved."), "success")
    if lost := story_form.left_out(form.body.data or ""):
        flash(lost, "warning")
    then = _THEN.get(request.form.get("then", ""), "submitting.write")
    return redirect(url_for(then, story_id=story.id), 303)


def _given(form: StoryForm, story: Story | None = None) -> tuple[Words, Origin] | None:
    """The words and the origin that were typed, or None, with the reason beside its field."""
    if not form.validate():
        return None
    try:
        new = form.words().tidied()
    except Refused as error:
        if not show_refusal(form, error):
            raise
        return None
    original = original_at(form.translation_of.data or "")
    if refusal := original_refusal(form, original, story):
        form.translation_of.errors = [refusal]
        return None
    teller = current_person() if form.whose.data == OWN else None
    return new, Origin(form.language.data, teller, original, source_id=_source(form))


def _source(form: StoryForm) -> str:
    """By what a story is known that this very form made, so that sending it twice makes one."""
    return f"form:{current_person().id}:{form.form_key.data}"


def _form(begin_with: dict[str, Any]) -> StoryForm:
    """The form with what was sent, or where a field was not sent, with what it begins with."""
    form = StoryForm(data=begin_with)
    reader = locales.current().tag
    themes = queries.themes(session(), reader)
    organisations = queries.organisations(session(), reader)
    form.offer(themes, organisations, reader)
    if not 16 <= len(form.form_key.data or "") <= 64:
        form.form_key.data = secrets.token_urlsafe(24)
    return form


def _beginning() -> dict[str, Any]:
    """What a new form begins with."""
    mine = current_person().organisation
    given = {"language": locales.current().tag, "organisation": mine.slug if mine else ""}
    address = request.args.get("translation_of", "")
    original = original_at(address)
    if original is None or not origins.may_translate(original, current_person()):
        return given | {"translation_of": address}
    shared = typed(wording.of(original.published_revision or original.own_revision))
    whose = OWN if original.teller_id == current_person().id else OTHERS
    return given | {name: shared[name] for name in SHARED} | {"translation_of": story_path(original), "whose": whose}


def _origin_of(story: Story) -> dict[str, Any]:
    """Where a story comes from, as the form asks for it; once it was sent, these fields are no longer shown."""
    return {
        "language": story.language,
        "whose": OWN if story.teller_id == current_person().id else OTHERS,
        "translation_of": story_path(story.original) if story.original else "",
    }


def _page(form: StoryForm, story: Story | None = None, *, status: int = 200, trouble: str = "") -> Any:
    """The form; where newer words exist it takes their number, so that saving again is meant."""
    if trouble == "stale" and story is not None:
        form.revision_id.data = str(story.own_revision.id)
    page = render_template(
        "submitting/story-editor.html",
        form=form,
        story=story,
        trouble=trouble,
        origin_open=story is None or origins.is_open(story, current_person()),
        own=[
            other
            for other in queries.stories_of(session(), current_person(), size=OFFERED).rows
            if origins.may_translate(other, current_person())
        ],
        note=submission_status.unanswered_note(story) if story else "",
        suggested=story is not None and is_answerable(story),
        standing=submission_status.status_of(story, current_person()) if story else None,
        name_was_stored=story is not None and any(revision.teller_name for revision in story.revisions),
    )
    return page, status
