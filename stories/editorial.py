"""The verbs: every step of a story's life, each a function with its actor named.

Each asks `stories.workflow` whether the step is permitted, takes it, appends a transition, and notes the change for the
index, all in the caller's transaction. Nothing here commits. Every verb raises `NotPermitted` (this person never may),
`NotNow` (the story stands elsewhere), `Unmet` (something is missing) or `StaleRevision` (newer words exist).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session, object_session

from stories import changes, consent, slugs, workflow
from stories import words as wording
from stories.errors import NotNow, NotPermitted, StaleRevision, Unmet
from stories.models import Person, Purpose, Revision, Story, Submission, Transition
from stories.words import Words
from stories.workflow import ENDS, Actor, Need, Rule, Stage, State, Verb, Visibility


class Scope(StrEnum):
    """How far a withdrawal goes."""

    HIDE = "hide"
    DELETE = "delete"


@dataclass(frozen=True)
class Origin:
    """Where a story comes from. `teller` is None while the teller has no account of their own."""

    language: str
    teller: Person | None = None
    original: Story | None = None
    source_id: str | None = None
    licence: str = ""
    is_sample: bool = False


# --- writing


def begin_story(session: Session, words: Words, origin: Origin, *, by: Person, at: datetime) -> Story:
    """A new draft of `by`. A translation of a translation is a translation of the original."""
    words = words.tidied()
    original = origin.original
    story = Story(
        slug=slugs.for_title(words.title), language=origin.language, submitter=by, teller=origin.teller,
        original=original.original or original if original else None, source_id=origin.source_id,
        licence=origin.licence, is_sample=origin.is_sample, visibility=Visibility.PRIVATE, consented=False,
        created_at=at, changed_at=at,
    )  # fmt: skip
    session.add(story)
    session.flush()
    _open(story, State.DRAFT, words, by=by, at=at)
    return story


def write(story: Story, words: Words, *, by: Person, at: datetime, revision_id: int) -> Revision:
    """Save the author's words as the next revision of a draft, or return the newest one if they are the same.

    `revision_id` is the revision the author was looking at.
    """
    if Actor.AUTHOR not in workflow.parts_of(by, story):
        raise NotPermitted(Verb.REVISE)
    submission = _in_state(story, {State.DRAFT}, Verb.REVISE)
    return _replace(submission, words, by=by, at=at, revision_id=revision_id)


def amend(story: Story, words: Words, *, by: Person, at: datetime, revision_id: int) -> Revision:
    """Save the reviewer's suggested words while the story is in review; the teller will be asked."""
    if Actor.MODERATOR not in workflow.parts_of(by, story):
        raise NotPermitted(Verb.ASK_TELLER)
    submission = _in_state(story, {State.IN_REVIEW}, Verb.ASK_TELLER)
    if submission.reviewer is not by:
        raise NotNow(Verb.ASK_TELLER, submission.state)
    return _replace(submission, words, by=by, at=at, revision_id=revision_id)


def _replace(submission: Submission, words: Words, *, by: Person, at: datetime, revision_id: int) -> Revision:
    if submission.revision_id != revision_id:
        raise StaleRevision
    words = words.tidied()
    if words.digest != submission.revision.digest:
        submission.revision = _next_revision(submission.story, words, by=by, at=at)
        submission.story.changed_at = at
        _session(submission.story).flush()
    return submission.revision


# --- the author's steps


def submit(story: Story, *, by: Person, at: datetime, revision_id: int) -> None:
    """Send a draft to the moderators. Sent by the teller, its words count as confirmed."""
    submission = _step(story, Verb.SUBMIT, by=by, at=at, revision_id=revision_id)
    if story.speaks(by):
        submission.confirmed_digest = submission.revision.digest


def recall(story: Story, *, by: Person, at: datetime) -> None:
    """Take a submission back to draft before anybody began to read it."""
    _step(story, Verb.RECALL, by=by, at=at)


def revise(story: Story, *, by: Person, at: datetime) -> Submission:
    """Go back to writing: after changes were requested, instead of confirming, or on a published story."""
    if story.open_submission is None and story.visibility is Visibility.PUBLIC:
        return _open_again(story, Verb.REVISE, wording.of(story.newest_revision), by=by, at=at)
    return _step(story, Verb.REVISE, by=by, at=at)


def confirm(story: Story, *, by: Person, at: datetime, revision_id: int) -> None:
    """The teller says yes to the words as they now stand; they are approved."""
    submission = _step(story, Verb.CONFIRM, by=by, at=at, revision_id=revision_id)
    submission.confirmed_digest = submission.revision.digest


def withdraw(story: Story, scope: Scope, *, by: Person, at: datetime, tombstone: str = "") -> None:
    """Take the story from every reader at once, its translations with it; `delete` destroys the words too.

    `tombstone` is what its address says from now on, in the teller's words; empty, the address is simply not found.
    """
    _session(story).flush()
    rule = _permitted(story, story.visibility, Verb.WITHDRAW, by)
    for relative in [story, *story.translations]:
        _leave(relative, rule.end, by=by, at=at)
        if scope is Scope.DELETE:
            _erase(relative, at=at)
    story.tombstone = wording.prose.lines(tombstone)


def _leave(story: Story, end: Stage, *, by: Person, at: datetime) -> None:
    submission = story.open_submission
    if submission is not None:
        _move(story, submission, State.WITHDRAWN, Verb.WITHDRAW, by=by, at=at)
    if story.visibility is not Visibility.WITHDRAWN:
        _show(story, Visibility(end), Verb.WITHDRAW, by=by, at=at)
    asked = consent.Asked(language=story.language)
    consent.record(story, {Purpose.PUBLISH: False}, asked, by=by, at=at)
    changes.story_changed(_session(story), story)


def _erase(story: Story, *, at: datetime) -> None:
    """Destroy the words of a story; that it existed, and each step without its note, stays on record."""
    story.slug = slugs.random_part(story.slug)
    for revision in story.revisions:
        for name in (*wording.SHORT_FIELDS, *wording.LONG_FIELDS, "body", "digest"):
            setattr(revision, name, "")
        for name in wording.LIST_FIELDS:
            setattr(revision, name, [])
        revision.erased_at = at
    for transition in story.transitions:
        transition.note = ""
    _session(story).flush()


# --- the moderators' steps


def begin_review(story: Story, *, by: Person, at: datetime) -> None:
    """Take a submission to read it; decisions on it are now this moderator's."""
    _step(story, Verb.BEGIN_REVIEW, by=by, at=at).reviewer = by


def release(story: Story, *, by: Person, at: datetime) -> None:
    """Put a submission back for another moderator; any moderator may, for somebody may be ill."""
    _step(story, Verb.RELEASE, by=by, at=at).reviewer = None


def approve(
    story: Story,
    *,
    by: Person,
    at: datetime,
    revision_id: int,
    note: str = "",
    publish_at: datetime | None = None,
) -> None:
    """Approve the words named by `revision_id`. They are published at `publish_at`, or as soon as `publish` is called."""
    submission = _step(story, Verb.APPROVE, by=by, at=at, revision_id=revision_id, note=note)
    submission.publish_at = publish_at


def request_changes(story: Story, *, by: Person, at: datetime, revision_id: int, note: str) -> None:
    """Ask the author for changes; `note` tells them which, and is theirs to read."""
    _step(story, Verb.REQUEST_CHANGES, by=by, at=at, revision_id=revision_id, note=note)


def decline(story: Story, *, by: Person, at: datetime, revision_id: int, note: str) -> None:
    """Close the submission; `note` tells the author why, about fit and never about worth."""
    _step(story, Verb.DECLINE, by=by, at=at, revision_id=revision_id, note=note)


def ask_teller(
    story: Story,
    *,
    by: Person,
    at: datetime,
    revision_id: int,
    note: str = "",
    publish_at: datetime | None = None,
) -> None:
    """Approve the changed words on condition that the teller says yes to them."""
    submission = _step(story, Verb.ASK_TELLER, by=by, at=at, revision_id=revision_id, note=note)
    submission.publish_at = publish_at


def publish(story: Story, *, by: Person | None, at: datetime) -> None:
    """Show the approved words to readers. `by` is None where the clock does it."""
    submission = _step(story, Verb.PUBLISH, by=by, at=at)
    story.published_revision = submission.revision
    story.published_at = story.published_at or at
    if story.visibility is Visibility.PRIVATE:
        story.visibility = Visibility.PUBLIC
    changes.story_changed(_session(story), story)


def correct(story: Story, words: Words, *, by: Person, at: datetime, revision_id: int, note: str) -> Submission:
    """Propose other words for a published story. What is public stays until the teller has said yes."""
    if story.newest_revision.id != revision_id:
        raise StaleRevision
    return _open_again(story, Verb.CORRECT, words, by=by, at=at, note=note)


def archive(story: Story, *, by: Person, at: datetime, note: str) -> None:
    """Take a story out of lists and search; its page stays readable at its address."""
    _turn(story, Verb.ARCHIVE, by=by, at=at, note=note)


def restore(story: Story, *, by: Person, at: datetime, note: str = "") -> None:
    """Show an archived or unpublished story to readers again."""
    _turn(story, Verb.RESTORE, by=by, at=at, note=note)


def unpublish(story: Story, *, by: Person, at: datetime, note: str) -> None:
    """Take a story from readers, with a reason; the teller can see it."""
    _turn(story, Verb.UNPUBLISH, by=by, at=at, note=note)


# --- how a step is taken


def _step(
    story: Story,
    verb: Verb,
    *,
    by: Person | None,
    at: datetime,
    revision_id: int | None = None,
    note: str = "",
) -> Submission:
    """Move the open submission by `verb`, or raise. Nothing else in the project assigns a submission's state."""
    submission = story.open_submission
    if submission is None:
        raise _refusal(story, verb, by)
    rule = _permitted(story, submission.state, verb, by)
    if revision_id is not None and submission.revision_id != revision_id:
        raise StaleRevision
    _require(rule, story, note, at)
    _move(story, submission, State(rule.end), verb, by=by, at=at, note=note)
    return submission


def _turn(story: Story, verb: Verb, *, by: Person, at: datetime, note: str) -> None:
    rule = _permitted(story, story.visibility, verb, by)
    _require(rule, story, note, at)
    _show(story, Visibility(rule.end), verb, by=by, at=at, note=note)
    changes.story_changed(_session(story), story)


def _open_again(story: Story, verb: Verb, words: Words, *, by: Person, at: datetime, note: str = "") -> Submission:
    """Open a new submission on a story that readers already have."""
    rule = _permitted(story, story.visibility, verb, by)
    if story.open_submission is not None:
        raise NotNow(verb, story.open_submission.state)
    _require(rule, story, note, at)
    submission = _open(story, State(rule.end), words.tidied(), by=by, at=at)
    if Actor.MODERATOR in rule.actors:
        submission.reviewer = by
    _record(story, submission, verb, story.visibility, rule.end, by=by, at=at, note=note)
    return submission


def _permitted(story: Story, stage: Stage, verb: Verb, by: Person | None) -> Rule:
    rule = workflow.rule_for(verb, stage, workflow.parts_of(by, story))
    if rule is None:
        raise _refusal(story, verb, by)
    return rule


def _refusal(story: Story, verb: Verb, by: Person | None) -> Exception:
    """NotPermitted where this person never takes such a step on this story, NotNow where it is only too late."""
    parts = workflow.parts_of(by, story)
    if Actor.MODERATOR in parts:
        parts |= {Actor.REVIEWER}  # may become one
    if not any(rule.verb is verb and rule.actors & parts for rule in workflow.RULES):
        return NotPermitted(verb)
    return NotNow(verb, workflow.stages_of(story)[0])


_MET: dict[Need, Callable[[Story, str, datetime], bool]] = {
    Need.CONSENT: lambda story, _note, _at: story.consented,
    Need.NOTE: lambda _story, note, _at: bool(note.strip()),
    Need.CONFIRMED_WORDS: lambda story, _note, _at: _passage(story).is_confirmed,
    Need.CHANGED_WORDS: lambda story, _note, _at: not _passage(story).is_confirmed,
    Need.DUE: lambda story, _note, at: (_passage(story).publish_at or at) <= at,
}


def _require(rule: Rule, story: Story, note: str, at: datetime) -> None:
    for need in sorted(rule.needs):
        if not _MET[need](story, note, at):
            raise Unmet(need)


def _open(story: Story, state: State, words: Words, *, by: Person, at: datetime) -> Submission:
    revision = _next_revision(story, words, by=by, at=at)
    submission = Submission(state=state, revision=revision, opened_at=at, moved_at=at, confirmed_digest="")
    story.submissions.append(submission)
    story.changed_at = at
    _session(story).flush()
    return submission


def _next_revision(story: Story, words: Words, *, by: Person, at: datetime) -> Revision:
    revision = wording.revision_of(story, words, by=by, at=at)
    story.revisions.append(revision)
    _session(story).flush()
    return revision


def _move(
    story: Story,
    submission: Submission,
    end: State,
    verb: Verb,
    *,
    by: Person | None,
    at: datetime,
    note: str = "",
) -> None:
    _record(story, submission, verb, submission.state, end, by=by, at=at, note=note)
    submission.state = end
    submission.moved_at = story.changed_at = at
    if end in ENDS or end is State.DRAFT:
        submission.reviewer = submission.reviewer if end in ENDS else None


def _show(story: Story, end: Visibility, verb: Verb, *, by: Person, at: datetime, note: str = "") -> None:
    _record(story, None, verb, story.visibility, end, by=by, at=at, note=note)
    story.visibility = end
    story.changed_at = at


def _record(
    story: Story, submission: Submission | None, verb: Verb, start: Stage, end: Stage, *,
    by: Person | None, at: datetime, note: str,
) -> None:  # fmt: skip
    revision = submission.revision if submission is not None else story.published_revision
    story.transitions.append(
        Transition(
            submission=submission, revision=revision, verb=verb, start=start, end=end, by=by, at=at,
            note=wording.prose.lines(note),
        )
    )  # fmt: skip


def _passage(story: Story) -> Submission:
    submission = story.open_submission
    if submission is None:
        raise ValueError("the story has no open submission")
    return submission


def _in_state(story: Story, states: set[State], verb: Verb) -> Submission:
    submission = story.open_submission
    if submission is None or submission.state not in states:
        raise NotNow(verb, workflow.stages_of(story)[0])
    return submission


def _session(story: Story) -> Session:
    session = object_session(story)
    if session is None:
        raise ValueError("the story belongs to no session")
    return session
