"""What lies before the moderators: the piles of submissions, whose turn it is, and which wording they may read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session, joinedload

from stories.models import Person, Revision, Role, Story, Submission, Transition
from stories.queries.pagination import Page, Wanted, paginate
from stories.text import languages
from stories.workflow import Actor, State, Verb, Visibility

QUIET = timedelta(hours=1)  # between two letters about what was sent


class QueueTab(StrEnum):
    """How a moderator looks at the queue."""

    WAITING = "waiting"
    MINE = "mine"
    OTHERS = "others"
    AUTHORS = "authors"
    SCHEDULED = "scheduled"
    ALL = "all"


_STATES: Mapping[QueueTab, tuple[State, ...]] = {
    QueueTab.WAITING: (State.SUBMITTED,),
    QueueTab.MINE: (State.IN_REVIEW,),
    QueueTab.OTHERS: (State.IN_REVIEW,),
    QueueTab.AUTHORS: (State.AWAITING_TELLER, State.CHANGES_REQUESTED),
    QueueTab.SCHEDULED: (State.APPROVED,),
    QueueTab.ALL: tuple(state for state in State if state.is_open and not state.is_writable),
}
TURNS: Mapping[State, Actor] = {
    State.DRAFT: Actor.AUTHOR,
    State.SUBMITTED: Actor.MODERATOR,
    State.IN_REVIEW: Actor.REVIEWER,
    State.CHANGES_REQUESTED: Actor.AUTHOR,
    State.AWAITING_TELLER: Actor.TELLER,
    State.APPROVED: Actor.CLOCK,
}


@dataclass(frozen=True)
class QueueFilter:
    """Which submissions a moderator wants to see; no language asks for all of them."""

    pile: QueueTab = QueueTab.WAITING
    language: str = ""


def turn_of(submission: Submission) -> Actor | None:
    """Who takes the next step; None where it has ended."""
    if submission.state is State.AWAITING_TELLER and submission.story.speaker.is_stand_in:
        return Actor.WITNESS
    return TURNS.get(submission.state)


def submissions(
    session: Session, asked: QueueFilter, person: Person, *, number: int = 1, size: int = 30
) -> Page[Submission]:
    """The submissions of a pile as `person` sees it, the one that has waited longest first."""
    query = select(Submission).join(Story).where(_lies_on(asked.pile, person))
    if asked.language:
        query = query.where(Story.language.in_(languages.family(asked.language)))
    shown = (
        joinedload(Submission.revision).load_only(Revision.title),
        joinedload(Submission.reviewer),
        joinedload(Submission.story).options(joinedload(Story.submitter), joinedload(Story.teller)),
    )
    return paginate(session, query, (Submission.moved_at, Submission.id), shown, Wanted(number, size))


def sent_again(session: Session, submissions: Sequence[Submission]) -> set[int]:
    """The numbers of those that were sent more than once."""
    stories = [submission.story_id for submission in submissions]
    sent = select(Transition.submission_id).where(Transition.story_id.in_(stories), Transition.verb == Verb.SUBMIT)
    return {
        number
        for number in session.scalars(sent.group_by(Transition.submission_id).having(func.count() > 1))
        if number is not None
    }


def tab_counts(session: Session, person: Person) -> dict[QueueTab, int]:
    """How many submissions lie on each pile, as `person` sees it."""
    counts = [select(func.count(Submission.id)).where(_lies_on(pile, person)).scalar_subquery() for pile in QueueTab]
    return dict(zip(QueueTab, session.execute(select(*counts)).one(), strict=True))


def languages_in(session: Session, person: Person, pile: QueueTab) -> dict[str, int]:
    """The (folded) languages of a pile, each with its number of submissions."""
    query = select(Story.language, func.count()).join(Submission).where(_lies_on(pile, person))
    counts: dict[str, int] = {}
    for tag, count in session.execute(query.group_by(Story.language)):
        counts[languages.folded(tag)] = counts.get(languages.folded(tag), 0) + count
    return dict(sorted(counts.items()))


def _lies_on(pile: QueueTab, person: Person) -> ColumnElement[bool]:
    stands = Submission.state.in_(_STATES[pile])
    if pile is QueueTab.MINE:
        return and_(stands, Submission.reviewer_id == person.id)
    if pile is QueueTab.OTHERS:
        return and_(stands, Submission.reviewer_id != person.id)
    return stands


def moderators_to_tell(session: Session, story: Story, at: datetime) -> list[Person]:
    """The moderators who may read `story`, sent at `at`, and for whom nothing else was sent during the hour before."""
    sent = select(Transition).where(Transition.verb == Verb.SUBMIT, Transition.at > at - QUIET, Transition.at < at)
    others = [step.story for step in session.scalars(sent.options(joinedload(Transition.story)))]
    moderators = session.scalars(select(Person).where(Person.role_rows.any(role=Role.MODERATOR)))
    return [
        person
        for person in moderators
        if not story.belongs_to(person) and all(other.belongs_to(person) for other in others)
    ]


def revision_for_moderators(story: Story) -> Revision | None:
    """The wording that moderators may read now: what was sent to them, else what is public, else what they declined.

    A draft is its author's alone, and a withdrawn story nobody's.
    """
    submission = story.submission
    if submission is None or story.visibility is Visibility.WITHDRAWN:
        return None
    if submission.state.is_writable:
        return story.published_revision
    return submission.proposed


def revisions_for_moderators(story: Story) -> list[Revision]:
    """Wordings that were sent to moderators, suggested by one or made public, oldest first; no draft, none erased."""
    if story.visibility is Visibility.WITHDRAWN:
        return []
    sent = {step.revision_id for step in story.transitions if step.start != State.DRAFT or step.verb is Verb.SUBMIT}
    sent.add(story.published_revision_id)
    authors = {story.submitter_id, story.teller_id}
    return [
        revision
        for revision in story.revisions
        if revision.erased_at is None and (revision.id in sent or revision.written_by_id not in authors)
    ]
