"""Somebody leaves for good: what becomes of their stories, their guides, the reviews they hold, and their name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from stories import editorial, guides, wording
from stories.database import session_of
from stories.editorial import Scope
from stories.models import Guide, Person, Role, Story, Submission
from stories.workflow import State, Visibility


class Farewell(StrEnum):
    """What becomes of somebody's published stories when they leave."""

    STAY = "stay"
    WITHOUT_NAME = "without name"
    HIDE = "hide"
    DELETE = "delete"


@dataclass(frozen=True)
class LeftBehind:
    """What somebody would leave: stories that readers know, those that they do not, and guides of either kind."""

    published: Sequence[Story]
    unpublished: Sequence[Story]
    guides: Sequence[Guide]
    drafted_guides: Sequence[Guide]


def left_behind_by(person: Person) -> LeftBehind:
    """What is `person`'s to decide about: the stories they speak for, and the guides they wrote."""
    stories = [story for story in _stories_of(person) if story.visibility is not Visibility.WITHDRAWN]
    written = session_of(person).scalars(select(Guide).where(Guide.author_id == person.id).order_by(Guide.id)).all()
    return LeftBehind(
        published=[story for story in stories if story.published_revision_id is not None],
        unpublished=[story for story in stories if story.published_revision_id is None],
        guides=[guide for guide in written if guide.is_public],
        drafted_guides=[guide for guide in written if not guide.is_public],
    )


def _stories_of(person: Person) -> list[Story]:
    """The stories that `person` speaks for, an original before its translations."""
    own = select(Story).where(or_(Story.teller_id == person.id, Story.submitter_id == person.id))
    speakers = own.options(joinedload(Story.teller), joinedload(Story.submitter))
    found = session_of(person).scalars(speakers.order_by(Story.original_id.is_not(None), Story.id))
    return [story for story in found if story.speaks(person)]


def leave(person: Person, farewell: Farewell, *, at: datetime) -> None:
    """Do what `person` wishes for their stories, give back what they hold, and forget who they were.

    Stories that were never published, and guides that were not, are deleted; a published guide stays, in the stewards'
    care. The steps they took stay on record, without a name.
    """
    session = session_of(person)
    left = left_behind_by(person)
    for story in left.unpublished:
        if story.visibility is not Visibility.WITHDRAWN:  # with its original, just now
            editorial.withdraw(story, Scope.DELETE, by=person, at=at)
    for story in left.published:
        if story.visibility is not Visibility.WITHDRAWN:
            _say_farewell(story, farewell, by=person, at=at)
    for submission in _held_by(session, person) if person.is_a(Role.MODERATOR) else ():
        editorial.release(submission.story, by=person, at=at)
    for guide in left.drafted_guides:
        guides.discard(guide, by=person)
    _forget(person)
    session.flush()


def _say_farewell(story: Story, farewell: Farewell, *, by: Person, at: datetime) -> None:
    match farewell:
        case Farewell.WITHOUT_NAME if wording.carry_name(story):
            editorial.take_name_off(story, by=by, at=at)
        case Farewell.STAY | Farewell.WITHOUT_NAME if story.open_submission is not None:
            editorial.discard(story, by=by, at=at)
        case Farewell.HIDE:
            editorial.withdraw(story, Scope.HIDE, by=by, at=at)
        case Farewell.DELETE:
            editorial.withdraw(story, Scope.DELETE, by=by, at=at)


def _held_by(session: Session, person: Person) -> Sequence[Submission]:
    """What `person` is reading for the moderators."""
    held = select(Submission).where(Submission.reviewer_id == person.id, Submission.state == State.IN_REVIEW)
    return session.scalars(held.order_by(Submission.story_id)).all()


def _forget(person: Person) -> None:
    """Nobody answers for this person any more, so that moderators ask by hand where words of theirs are in question."""
    for role in Role:
        person.revoke(role)
    person.name = ""
    person.organisation = None
    person.is_stand_in = True
