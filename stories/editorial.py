"""The verbs: every step of a story's life, each a function with its actor named.

Each asks `stories.workflow` whether the step is permitted, takes it, appends a transition, and notes the change for the
index, all in the caller's transaction. Nothing here commits. Every verb raises `NotPermitted` (this person never may),
`NotNow` (the story stands elsewhere), `Unmet` (something is missing) or `StaleRevision` (newer words exist).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from stories import actors, changes, consent, erasing, steps, suggestions, wording
from stories.database import session_of
from stories.errors import AddressTaken, NotAnAddress, NotNow, NotPermitted, StaleRevision
from stories.models import Naming, OldAddress, Person, Purpose, Revision, Story, Submission
from stories.steps import Act
from stories.text import old_addresses, prose, slugs
from stories.wording import Words
from stories.workflow import Actor, State, Verb, Visibility


class Scope(StrEnum):
    """How far a withdrawal goes."""

    HIDE = "hide"
    DELETE = "delete"


@dataclass(frozen=True)
class Origin:
    """Where a story comes from. `teller` is None while the teller has no account of their own.

    `published_at` and `old_addresses` are when and where readers first had it, on another site.
    """

    language: str
    teller: Person | None = None
    original: Story | None = None
    source_id: str | None = None
    licence: str = ""
    is_sample: bool = False
    published_at: datetime | None = None
    old_addresses: tuple[str, ...] = ()


# --- writing


def begin_story(session: Session, words: Words, origin: Origin, *, by: Person, at: datetime) -> Story:
    """A new draft of `by`. A translation of a translation is a translation of the original.

    Raises NotNow where the original was withdrawn, NotAnAddress or AddressTaken for an old address, and what
    `Words.tidied` raises.
    """
    words = words.tidied()
    story = Story(
        slug=slugs.for_title(words.title), language=origin.language, submitter=by, teller=origin.teller,
        original=root_of(origin), source_id=prose.plain(origin.source_id or "") or None, licence=origin.licence,
        is_sample=origin.is_sample, visibility=Visibility.PRIVATE, consented=False, published_at=origin.published_at,
        created_at=at, changed_at=at,
    )  # fmt: skip
    session.add(story)
    if origin.old_addresses:
        session.flush()
        _keep_addresses(story, origin.old_addresses)
    steps.open_submission(story, State.DRAFT, words, Act(Verb.REVISE, by, at))
    return story


def root_of(origin: Origin) -> Story | None:
    """The original that a translation gathers around, held: it is not withdrawn while a translation begins. Or None."""
    if origin.original is None:
        return None
    root = origin.original.original or origin.original
    steps.hold(root)
    if root.visibility is Visibility.WITHDRAWN:
        raise NotNow(Verb.REVISE, root.visibility)
    return root


def _keep_addresses(story: Story, addresses: tuple[str, ...]) -> None:
    """Remember where the story stood before; the address of a family leads to the first of it."""
    session = session_of(story)
    for address in addresses:
        form = old_addresses.normal(address)
        if not form:
            raise NotAnAddress(address)
        taken = session.scalar(select(OldAddress).where(OldAddress.address == form))
        if taken is not None and taken.story.root_id != story.root_id:
            raise AddressTaken(address)
        if taken is None:
            session.add(OldAddress(address=form, story=story))
            session.flush()


def write(story: Story, words: Words, *, by: Person, at: datetime, revision_id: int) -> Revision:
    """Save the author's words as the next revision of a draft, or return the newest one if they are the same.

    `revision_id` is the revision the author was looking at.
    """
    steps.hold(story)
    if Actor.AUTHOR not in actors.parts_of(by, story):
        raise NotPermitted(Verb.REVISE)
    submission = _in_state(story, {State.DRAFT}, Verb.REVISE)
    return _replace(submission, words, by=by, at=at, revision_id=revision_id)


def amend(story: Story, words: Words, *, by: Person, at: datetime, revision_id: int) -> Revision:
    """Lay the reviewer's words beside the author's while the story is in review; the author's own take them back.

    `revision_id` is the proposed wording that the reviewer was looking at. Returns the one that is proposed now.
    """
    steps.hold(story)
    if Actor.MODERATOR not in actors.parts_of(by, story):
        raise NotPermitted(Verb.ASK_TELLER)
    submission = _in_state(story, {State.IN_REVIEW}, Verb.ASK_TELLER)
    if submission.reviewer is not by:
        raise NotNow(Verb.ASK_TELLER, submission.state)
    if submission.proposed.id != revision_id:
        raise StaleRevision
    words = words.tidied()
    if words.digest == submission.revision.digest:
        submission.suggestion = None
    elif words.digest != submission.proposed.digest:
        submission.suggestion = steps.next_revision(story, words, Act(Verb.ASK_TELLER, by, at))
    story.changed_at = at
    session_of(story).flush()
    return submission.proposed


def take_up(
    story: Story, chosen: Iterable[str], *, by: Person, at: datetime, revision_id: int, suggestion_id: int
) -> Revision:
    """Put some of the suggested differences into the author's words, or all; returns these.

    `chosen` are keys of `suggestions.differences`; the two wordings are those between which they were shown.
    """
    steps.hold(story)
    if Actor.AUTHOR not in actors.parts_of(by, story):
        raise NotPermitted(Verb.REVISE)
    submission = _in_state(story, {State.DRAFT}, Verb.REVISE)
    suggestion = submission.suggestion
    if suggestion is None or suggestion.id != suggestion_id:
        raise StaleRevision
    words = suggestions.taken_up(submission.revision, suggestion, chosen)
    return _replace(submission, words, by=by, at=at, revision_id=revision_id)


def _replace(submission: Submission, words: Words, *, by: Person, at: datetime, revision_id: int) -> Revision:
    if submission.revision_id != revision_id:
        raise StaleRevision
    words = words.tidied()
    if words.digest != submission.revision.digest:
        submission.revision = steps.next_revision(submission.story, words, Act(Verb.REVISE, by, at))
        submission.story.changed_at = at
        session_of(submission.story).flush()
    return submission.revision


# --- the author's steps


def submit(story: Story, *, by: Person, at: datetime, revision_id: int, shown_id: int | None = None) -> None:
    """Send a draft to the moderators: what they had suggested is answered with it.

    Sent by the teller, its words count as confirmed if every one of them is known to the teller, or if the teller was
    shown what is not in the wording `shown_id`.
    """
    submission = steps.step(story, Act(Verb.SUBMIT, by, at), revision_id=revision_id)
    submission.suggestion = None
    if story.speaks(by) and submission.revision in {wording.known_to(by, story), _shown(story, shown_id)}:
        submission.confirmed_digest = submission.revision.digest


def _shown(story: Story, revision_id: int | None) -> Revision | None:
    return next((revision for revision in story.revisions if revision.id == revision_id), None)


def recall(story: Story, *, by: Person, at: datetime) -> None:
    """Take a submission back to draft before anybody began to read it."""
    steps.step(story, Act(Verb.RECALL, by, at))


def revise(story: Story, *, by: Person, at: datetime) -> Submission:
    """Go back to writing: after changes were requested, instead of confirming, or on a published story."""
    steps.hold(story)
    if story.open_submission is None and story.visibility is Visibility.PUBLIC:
        return steps.open_again(story, Act(Verb.REVISE, by, at), wording.of(story.own_revision))
    return steps.step(story, Act(Verb.REVISE, by, at))


def confirm(story: Story, *, by: Person, at: datetime, revision_id: int, note: str = "") -> None:
    """The teller says yes to the proposed words; they are the story's, and approved.

    A moderator who asked them by hand gives the evidence in `note`.
    """
    submission = steps.step(story, Act(Verb.CONFIRM, by, at, note), revision_id=revision_id)
    submission.revision, submission.suggestion = submission.proposed, None
    submission.confirmed_digest = submission.revision.digest


def withdraw(story: Story, scope: Scope, *, by: Person, at: datetime, tombstone: str = "") -> None:
    """Take the story from every reader at once, its translations with it; `delete` destroys the words too.

    `tombstone` is what its address says from now on, in the teller's words; empty, the address is simply not found.
    """
    act = Act(Verb.WITHDRAW, by, at)
    steps.hold(story)
    steps.permitted(story, story.visibility, act)
    translations = sorted(story.translations, key=lambda translation: translation.id)
    for translation in translations:
        steps.hold(translation)
    for relative in [story, *translations]:
        _leave(relative, act)
        if scope is Scope.DELETE:
            erasing.erase(relative, at=at)
    story.tombstone = prose.lines(tombstone)


def _leave(story: Story, act: Act) -> None:
    """Close what is open, hide the story, and end the consent to publish."""
    submission = story.open_submission
    if submission is not None:
        steps.move(submission, State.WITHDRAWN, act)
    if story.visibility is not Visibility.WITHDRAWN:
        steps.show(story, Visibility.WITHDRAWN, act)
    if act.by is not None:
        consent.record(story, {Purpose.PUBLISH: False}, consent.Circumstances(story.language), by=act.by, at=act.at)
    changes.story_changed(session_of(story), story)


def discard(story: Story, *, by: Person, at: datetime) -> None:
    """Throw away what is under way on a published story: the newer wordings are destroyed, readers see no change.

    Raises NotNow where nothing is under way, or readers have no wording yet: that is a withdrawal.
    """
    act = Act(Verb.WITHDRAW, by, at)
    steps.hold(story)
    submission, kept = story.open_submission, story.published_revision
    if kept is None or submission is None:
        raise NotNow(Verb.WITHDRAW, actors.stages_of(story)[0])
    steps.permitted(story, submission.state, act)
    newer = [revision for revision in story.revisions if revision.number > kept.number]
    submission.suggestion = None
    if newer:
        submission.revision = steps.next_revision(story, wording.of(kept), act)
        erasing.erase_wordings(newer, at=at)
    steps.move(submission, State.WITHDRAWN, act)


def take_name_off(story: Story, *, by: Person, at: datetime) -> None:
    """Show a published story, and its translations, without the teller's name from now on.

    Earlier wordings are destroyed. An address in which the name stands leads nowhere any more. What the text itself
    says stays. Raises NotNow where no name is kept.
    """
    steps.hold(story)
    translations = sorted(story.translations, key=lambda translation: translation.id)
    for translation in translations:
        steps.hold(translation)
    act = Act(Verb.TAKE_NAME_OFF, by, at)
    steps.permitted(story, story.visibility, act)
    if not wording.carry_name(story):
        raise NotNow(act.verb, story.visibility)
    for relative in [story, *translations]:
        if relative.published_revision is not None and relative.visibility is not Visibility.WITHDRAWN:
            _anonymise(relative, relative.published_revision, act)
    if story.published_revision is not None:
        changes.story_changed(session_of(story), story)


def _anonymise(story: Story, named: Revision, act: Act) -> None:
    if act.by is None:
        raise NotPermitted(act.verb)
    name = named.teller_name
    words = replace(wording.of(named), teller_naming=Naming.ANONYMOUS)
    if name and name.casefold() in words.attribution.casefold():
        words = replace(words, attribution="")
    before, under_way = list(story.revisions), story.open_submission
    story.published_revision = steps.next_revision(story, words.tidied(), act)
    if story.submission is not None:
        story.submission.revision, story.submission.suggestion = story.published_revision, None
        story.submission.confirmed_digest = story.published_revision.digest
    if under_way is not None:
        steps.move(under_way, State.WITHDRAWN, act)
    erasing.erase_wordings(before, at=act.at)
    if set(slugs.plain(name).split("-")) & set(story.slug.split("-")) - {""}:
        erasing.erase_addresses(story)
    consent.record(story, {Purpose.NAME: False}, consent.Circumstances(story.language), by=act.by, at=act.at)
    steps.show(story, story.visibility, act)


# --- the moderators' steps


def begin_review(story: Story, *, by: Person, at: datetime) -> None:
    """Take a submission to read it, an approved one too: its date is taken back. Decisions are now this moderator's."""
    submission = steps.step(story, Act(Verb.BEGIN_REVIEW, by, at))
    submission.reviewer, submission.publish_at = by, None


def release(story: Story, *, by: Person, at: datetime) -> None:
    """Put a submission back for another moderator; any moderator may, for somebody may be ill."""
    steps.step(story, Act(Verb.RELEASE, by, at)).reviewer = None


def approve(
    story: Story, *, by: Person, at: datetime, revision_id: int, note: str = "", publish_at: datetime | None = None
) -> None:
    """Approve the words named by `revision_id`; `publish` shows them to readers, no earlier than `publish_at`.

    What is approved already is given another date; the same one raises NotNow.
    """
    steps.hold(story)
    before = story.open_submission
    if before is not None and before.state is State.APPROVED and before.publish_at == publish_at:
        raise NotNow(Verb.APPROVE, before.state)
    submission = steps.step(story, Act(Verb.APPROVE, by, at, note), revision_id=revision_id)
    submission.publish_at = publish_at


def request_changes(story: Story, *, by: Person, at: datetime, revision_id: int, note: str) -> None:
    """Ask the author for changes; `note` tells them which, and is theirs to read."""
    steps.step(story, Act(Verb.REQUEST_CHANGES, by, at, note), revision_id=revision_id)


def decline(story: Story, *, by: Person, at: datetime, revision_id: int, note: str) -> None:
    """Close the submission; `note` tells the author why, about fit and never about worth."""
    steps.step(story, Act(Verb.DECLINE, by, at, note), revision_id=revision_id)


def ask_teller(
    story: Story, *, by: Person, at: datetime, revision_id: int, note: str = "", publish_at: datetime | None = None
) -> None:
    """Approve the changed words on condition that the teller says yes to them."""
    submission = steps.step(story, Act(Verb.ASK_TELLER, by, at, note), revision_id=revision_id)
    submission.publish_at = publish_at


def publish(story: Story, *, by: Person | None, at: datetime) -> None:
    """Show the approved words to readers. `by` is None where the clock does it."""
    submission = steps.step(story, Act(Verb.PUBLISH, by, at))
    story.published_revision = submission.revision
    story.published_at = story.published_at or at
    if story.visibility is Visibility.PRIVATE:
        story.visibility = Visibility.PUBLIC
    changes.story_changed(session_of(story), story)


def correct(story: Story, words: Words, *, by: Person, at: datetime, revision_id: int, note: str) -> Submission:
    """Propose other words for a published story. What is public stays until the teller has said yes."""
    steps.hold(story)
    if story.own_revision.id != revision_id:
        raise StaleRevision
    return steps.open_again(story, Act(Verb.CORRECT, by, at, note), words)


def archive(story: Story, *, by: Person, at: datetime, note: str) -> None:
    """Take a story out of lists and search; its page stays readable at its address."""
    steps.turn(story, Act(Verb.ARCHIVE, by, at, note))


def restore(story: Story, *, by: Person, at: datetime, note: str = "") -> None:
    """Show an archived or unpublished story to readers again."""
    steps.turn(story, Act(Verb.RESTORE, by, at, note))


def unpublish(story: Story, *, by: Person, at: datetime, note: str) -> None:
    """Take a story from readers, with a reason; the teller can see it."""
    steps.turn(story, Act(Verb.UNPUBLISH, by, at, note))


def _in_state(story: Story, states: set[State], verb: Verb) -> Submission:
    submission = story.open_submission
    if submission is None or submission.state not in states:
        raise NotNow(verb, actors.stages_of(story)[0])
    return submission
