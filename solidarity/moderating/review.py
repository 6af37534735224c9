"""The review of one story, and the decisions on it. Whatever goes wrong, what was typed stays on the page."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from solidarity import search_engine
from solidarity.letters import outbox, story_news
from solidarity.moderating import history
from solidarity.moderating.blueprint import blueprint
from solidarity.moderating.decisions import DECISIONS, Decision, offered
from solidarity.moderating.forms import StepForm
from solidarity.web import db
from solidarity.web.clock import now
from solidarity.web.errors import words_for
from solidarity.web.form_recovery import not_resendable
from solidarity.web.permissions import current_person, roles_required
from stories import consent, queries, wording
from stories.actors import open_to
from stories.errors import NotNow, Refused, StaleRevision, Unmet
from stories.models import Purpose, Revision, Role, Story
from stories.queries import review_queue
from stories.text import diff
from stories.workflow import Verb

STORY = "/moderating/stories/<row:story_id>"
NOUNS = ", ".join(f'"{noun}"' for noun in DECISIONS)


@blueprint.get(STORY)
@roles_required(Role.MODERATOR)
def story(story_id: int) -> str:
    """One story as readers will see it, with all that a moderator needs to decide."""
    return review_page(*under_review(story_id))


@blueprint.post(f"{STORY}/<any({NOUNS}):noun>")
@roles_required(Role.MODERATOR)
@not_resendable(_l("Decide about a story"))
def decide(story_id: int, noun: str) -> Any:
    """Take one step, once: on the revision that the moderator was looking at, if it still is the newest."""
    decision = DECISIONS[noun]
    story, revision = under_review(story_id, decision.verb)
    form = decision.form(noun)
    if not form.validate():
        return review_page(story, revision, sent=(noun, form)), 422
    try:
        verb = _take(decision, story, revision, form)
    except (StaleRevision, NotNow, Unmet) as refused:
        return _again(story_id, noun, form, refused)
    return _done(story, decision, verb)


def _take(decision: Decision, story: Story, revision: Revision, form: StepForm) -> Verb:
    if form.seen != revision.id:
        raise StaleRevision
    return decision.take(story, form, current_person(), now())


def under_review(story_id: int, verb: Verb | None = None) -> tuple[Story, Revision]:
    """The story with this number and the wording that moderators may read; a draft does not exist for them.

    Whoever sends a form for `verb` on a story that was taken back or withdrawn meanwhile gets it back: NotNow.
    """
    story = queries.story_with_id(db.session(), story_id)
    revision = review_queue.revision_for_moderators(story) if story is not None else None
    if story is not None and revision is None and story.transitions and verb is not None:
        raise NotNow(verb, story.visibility)
    if story is None or revision is None:
        abort(404)
    return story, revision


def _again(story_id: int, noun: str, form: StepForm, refused: Refused) -> Any:
    """The page as it is now, with what was typed, saying what has happened in the meantime."""
    db.rollback()
    story, revision = under_review(story_id, DECISIONS[noun].verb)
    form.revision.data = str(revision.id)
    page = review_page(story, revision, sent=(noun, form), trouble=_trouble(story, refused))
    return page, 422 if isinstance(refused, Unmet) else 409


def _trouble(story: Story, refused: Refused) -> str:
    """What stood in the way, and who did what and when, if it was somebody."""
    if isinstance(refused, Unmet) or not story.transitions:
        return words_for(refused)
    return f"{words_for(refused)} {history.last_step(story, current_person())}"


def _done(story: Story, decision: Decision, verb: Verb) -> Response:
    """Make it last, put readers' pages right, and tell the author."""
    story_news.tell(story, verb, by=current_person())
    where = url_for("moderating.story", story_id=story.id)
    db.commit()
    told = str(decision.done)
    if verb is Verb.PUBLISH and not story.is_readable:
        told = str(_("The words are approved. Readers do not see the story just now: it is taken down or withdrawn."))
    if decision.is_public:
        told = f"{told} {after_commit()}"
    outbox.hand_over()
    flash(told, "success")
    return redirect(where, 303)


def after_commit() -> str:
    """Bring the search up to date, and say whether it is."""
    done = search_engine.catch_up()
    return str(_("Search is up to date.") if done else _("The lists and the search follow in a moment."))


def review_page(
    story: Story, revision: Revision, *, sent: tuple[str, StepForm] | None = None, trouble: str = ""
) -> str:
    """The review page; `sent` is the form that could not be taken."""
    submission = story.open_submission
    confirmed = wording.last_confirmed(submission) if submission is not None else None
    read = wording.last_read(submission) if submission is not None else None
    return render_template(
        "moderating/review.html",
        story=story,
        revision=revision,
        submission=submission,
        turn=review_queue.turn_of(submission) if submission is not None else None,
        is_own=story.belongs_to(current_person()),
        steps=_forms(story, revision, sent),
        open=open_to(story, current_person()),
        sent=sent,
        trouble=trouble,
        changed=diff.of(confirmed, revision) if confirmed is not None else {},
        since_read=diff.of(read, submission.revision) if read is not None and submission is not None else {},
        request_answered=history.request_answered(story) if read is not None else "",
        compared=review_queue.revisions_for_moderators(story),
        answers=consent.answers_of(story),
        asked=_asked_last(story),
        history=history.of(story),
    )


def _forms(story: Story, revision: Revision, sent: tuple[str, StepForm] | None) -> dict[str, tuple[Decision, StepForm]]:
    """The steps that are open, each with its form: empty, or as it was sent."""
    forms = {}
    for noun, decision in offered(story, current_person()).items():
        empty = decision.form(noun, formdata=None, data={"revision": str(revision.id)})
        forms[noun] = (decision, sent[1] if sent is not None and sent[0] == noun else empty)
    return forms


def _asked_last(story: Story) -> Any:
    """The newest event on consent to publish: how and when the teller was asked."""
    events = [event for event in consent.ledger_of(story) if event.purpose is Purpose.PUBLISH]
    return events[-1] if events else None
