"""Writes the security log: one line for each thing that happened, in the transaction in which it happened.

Transitions and consent events get their lines by themselves (`stories.models.chain`); everything else is recorded here.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from stories.models import Event, EventKind, Person, Story, chain

Fact = str | int | bool | None


def record(
    session: Session, kind: EventKind, *, by: Person | None, at: datetime, about: Person | Story | None = None,
    **facts: Any,
) -> Event:  # fmt: skip
    """Append a line: who did it (None: nobody known, or the site), when, and whom or what it is about.

    Of the facts `session_mark` tells sessions apart, and `text` is words that may have to be erased (an address that
    was given up, say); every other is a code, a number or a list of them. Raises ValueError for one that is not.
    """
    session.flush()
    line = {
        "kind": kind, "at": at, "by_id": by.id if by else None,
        "person_id": about.id if isinstance(about, Person) else None,
        "story_id": about.id if isinstance(about, Story) else None,
        "row_id": None, "session_mark": facts.pop("session_mark", ""),
    }  # fmt: skip
    text = facts.pop("text", "")
    line["details"] = {name: _code(fact) for name, fact in facts.items()}
    row = Event(text=text, **chain.sealed(line, text))
    session.add(row)
    session.flush()
    return row


LONGEST_CODE = 60


def _code(fact: Any) -> Fact | list[Fact]:
    if isinstance(fact, list | tuple | set | frozenset):
        return [_one(entry) for entry in sorted(fact)]
    return _one(fact)


def _one(fact: Any) -> Fact:
    if isinstance(fact, StrEnum):
        return fact.value
    if fact is None or isinstance(fact, bool | int) or (isinstance(fact, str) and len(fact) <= LONGEST_CODE):
        return fact
    raise ValueError(f"{fact!r:.80} is no code: words belong into the text of an event")


def erase_about(session: Session, person: Person) -> int:
    """Destroy the words of every line about `person`, and the salts of these; returns how many lines there were.

    That it happened stays on record, and so does the chain.
    """
    session.flush()
    theirs = or_(Event.person_id == person.id, Event.by_id == person.id) & (Event.text != "")
    erased = session.execute(
        update(Event).where(theirs).values(text="", salt="").execution_options(synchronize_session="fetch")
    )
    return int(erased.rowcount)  # type: ignore[attr-defined] # an UPDATE has one
