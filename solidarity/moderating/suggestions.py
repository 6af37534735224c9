"""The moderator's own words for a story: suggested while it is in review, or as a correction of what is public.

Nothing of it reaches readers before the teller has said yes.
"""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from solidarity import story_form
from solidarity.letters import outbox, story_news
from solidarity.moderating import history
from solidarity.moderating.blueprint import blueprint
from solidarity.moderating.forms import StepForm
from solidarity.moderating.review import STORY, under_review
from solidarity.moderating.suggestion_form import CorrectionForm, SuggestionForm, typed
from solidarity.web import db, locales
from solidarity.web.clock import now
from solidarity.web.errors import words_for
from solidarity.web.form_recovery import not_resendable, resendable
from solidarity.web.forms import show_refusal
from solidarity.web.permissions import current_person, roles_required
from stories import editorial, queries, wording
from stories.actors import open_to
from stories.errors import NotNow, Refused, StaleRevision, TooDeep, TooLong, TooMuchMarkup
from stories.models import Revision, Role, Story
from stories.wording import Words
from stories.workflow import Verb


@blueprint.route(f"{STORY}/words", methods=["GET", "POST"])
@roles_required(Role.MODERATOR)
@resendable(_l("Suggest other words"))
def words(story_id: int) -> Any:
    """Other words for a story in review. They are saved; the teller is asked from the review page."""
    return _write(story_id, SuggestionForm, Verb.ASK_TELLER)


@blueprint.route(f"{STORY}/correction", methods=["GET", "POST"])
@roles_required(Role.MODERATOR)
@resendable(_l("Propose a correction"))
def correction(story_id: int) -> Any:
    """Other words for a story that readers have; the teller is asked at once."""
    return _write(story_id, CorrectionForm, Verb.CORRECT)


@blueprint.post(f"{STORY}/words/removal")
@roles_required(Role.MODERATOR)
@not_resendable(_l("Take a suggestion back"))
def take_suggestion_back(story_id: int) -> Any:
    """Leave the author's words alone again."""
    story, _revision = under_review(story_id, Verb.ASK_TELLER)
    own, seen = wording.of(story.own_revision), StepForm("removal").seen
    try:
        editorial.amend(story, own, by=current_person(), at=now(), revision_id=seen)
    except (StaleRevision, NotNow) as refused:
        db.rollback()
        flash(f"{words_for(refused)} {history.last_step(story, current_person())}", "warning")
    else:
        db.commit()
        flash(_("Your suggestion is taken back. The author’s words stand as they were."), "success")
    return redirect(url_for("moderating.story", story_id=story_id), 303)


def _write(story_id: int, kind: type[SuggestionForm], verb: Verb) -> Any:
    story, revision = under_review(story_id, verb if request.method == "POST" else None)
    form = _form(kind, revision)
    if not form.is_submitted():
        if verb not in open_to(story, current_person()):
            flash(_("The words of this story cannot be changed just now."), "warning")
            return redirect(url_for("moderating.story", story_id=story_id), 303)
        return _page(story, revision, form)
    new = _given(form, revision)
    if new is None:
        return _page(story, revision, form), 422
    try:
        _save(story, new, form, verb)
    except (StaleRevision, NotNow) as refused:
        return _again(story_id, form, verb, refused)
    if lost := story_form.left_out(form.body.data or ""):
        flash(lost, "warning")
    return _saved(story, verb)


def _save(story: Story, new: Words, form: SuggestionForm, verb: Verb) -> None:
    if verb is Verb.CORRECT:
        editorial.correct(story, new, by=current_person(), at=now(), revision_id=form.seen, note=form.note.data)
    else:
        editorial.amend(story, new, by=current_person(), at=now(), revision_id=form.seen)


def _saved(story: Story, verb: Verb) -> Any:
    where = url_for("moderating.story", story_id=story.id)
    if verb is Verb.CORRECT:
        story_news.tell(story, verb, by=current_person())
    db.commit()
    outbox.hand_over()
    asked = _("The correction waits for the teller’s yes. Readers go on seeing the words as they are.")
    flash(asked if verb is Verb.CORRECT else _("Your words are saved. Look at them, then ask the teller."), "success")
    return redirect(where, 303)


def _again(story_id: int, form: SuggestionForm, verb: Verb, refused: Refused) -> Any:
    """The form with what was typed; sent once more, it goes on top of the newest words."""
    db.rollback()
    story, revision = under_review(story_id, verb)
    form.revision.data = str(revision.id)
    trouble = f"{words_for(refused)} {history.last_step(story, current_person())}"
    return _page(story, revision, form, trouble), 409


def _form(kind: type[SuggestionForm], revision: Revision) -> SuggestionForm:
    form = kind("words", data=typed(revision))
    reader = locales.current().tag
    themes = queries.themes(db.session(), reader)
    organisations = queries.organisations(db.session(), reader)
    form.offer(themes, organisations, reader)
    return form


def _given(form: SuggestionForm, revision: Revision) -> Words | None:
    """The words that were typed, or None, with the reason beside its field."""
    if not form.validate():
        return None
    try:
        return form.new_words(revision).tidied()
    except (TooLong, TooMuchMarkup, TooDeep) as refused:
        if not show_refusal(form, refused):
            raise
        return None


def _page(story: Story, revision: Revision, form: SuggestionForm, trouble: str = "") -> str:
    return render_template("moderating/suggestion.html", story=story, revision=revision, form=form, trouble=trouble)
