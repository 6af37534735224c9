"""The security log as stewards read it: the newest first, page by page."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, or_, select, union
from sqlalchemy.orm import Session

from stories.models import Event, EventKind, Person

PAGE = 50
OF_STORIES = (EventKind.STEP_TAKEN, EventKind.CONSENT_RECORDED)


@dataclass(frozen=True)
class EventFilter:
    """Which lines are wanted: of one kind, by or about one person, since a moment. Those of stories only on demand."""

    kind: EventKind | None = None
    person_id: int | None = None
    since: datetime | None = None
    with_stories: bool = False


def events(session: Session, wanted: EventFilter, *, before: int | None = None, limit: int = PAGE) -> Sequence[Event]:
    """The newest lines that are wanted, from before the position `before`."""
    query = _chosen(wanted).order_by(Event.position.desc()).limit(limit)
    return session.scalars(query.where(Event.position < before) if before is not None else query).all()


def _chosen(wanted: EventFilter) -> Select[Event]:
    query = select(Event).where(Event.position.is_not(None))
    if wanted.kind is not None:
        query = query.where(Event.kind == wanted.kind)
    elif not wanted.with_stories:
        query = query.where(Event.kind.not_in(OF_STORIES))
    if wanted.person_id is not None:
        query = query.where(or_(Event.by_id == wanted.person_id, Event.person_id == wanted.person_id))
    if wanted.since is not None:
        query = query.where(Event.at >= wanted.since)
    return query


def people_in(session: Session) -> dict[int, str]:
    """Everybody whom the log knows by number, with their name; it is empty where they left."""
    numbers = union(select(Event.by_id.label("number")), select(Event.person_id)).subquery()
    query = select(numbers.c.number, func.coalesce(Person.name, "")).outerjoin(Person, Person.id == numbers.c.number)
    return {number: name for number, name in session.execute(query.where(numbers.c.number.is_not(None)))}  # noqa: C416


def names_of(session: Session, lines: Collection[Event]) -> dict[int, str]:
    """The names of the people in these lines, by their numbers; somebody who left has none."""
    numbers = {number for line in lines for number in (line.by_id, line.person_id) if number is not None}
    query = select(Person.id, Person.name).where(Person.id.in_(numbers), Person.name != "")
    return {number: name for number, name in session.execute(query)}  # noqa: C416 - dict() wants tuples, says mypy
