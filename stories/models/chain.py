"""How lines of the security log are chained, so that none can be changed, added or left out without being noticed.

A line is written in the flush that writes its transition, consent event or `Event`, so that no verb can forget it. Its
position and hash are given as the transaction commits, under a lock that only a commit takes: positions have no gaps
and are in the order of commits. See docs/decisions/security-log.md.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, bindparam, event, insert, inspect, select, update
from sqlalchemy.orm import Session

from stories.database import Lock, take_turn
from stories.models.consent import ConsentEvent
from stories.models.events import Event, EventKind
from stories.models.stories import Transition

Values = Mapping[str, Any]
EVENTS: Table = Event.__table__  # type: ignore[assignment] # what a mapped class always has

# What a line is about besides itself, column by column: the row whose line it is, but for the words in it.
ROW_COLUMNS = {
    EventKind.STEP_TAKEN: (
        "id", "story_id", "submission_id", "revision_id", "verb", "start", "end", "by_id", "at",
    ),
    EventKind.CONSENT_RECORDED: (
        "id", "story_id", "purpose", "granted", "text_version", "language", "method", "recorded_by_id", "at",
    ),
}  # fmt: skip
LINE_COLUMNS = (
    "kind", "at", "by_id", "person_id", "story_id", "row_id", "session_mark", "details", "text_digest",
)  # fmt: skip
WORDS = {EventKind.STEP_TAKEN: "note", EventKind.CONSENT_RECORDED: "evidence"}  # what may be erased of a row


class Head(NamedTuple):
    """The last line: how many there are, and the hash that stands for all of them."""

    position: int
    hash: str


EMPTY = Head(0, "0" * 64)


# --- digests


def digest_of(line: Values, row: Values | None = None) -> str:
    """The digest of what a line says, and of the row whose line it is; words enter by their salted digest alone."""
    said = {name: line[name] for name in LINE_COLUMNS}
    if row is not None:
        said["row"] = {name: row[name] for name in ROW_COLUMNS[EventKind(line["kind"])]}
    return _sha256(json.dumps(said, sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=_plain))


def text_digest(salt: str, text: str) -> str:
    """The digest that stands for words that may be erased; empty where there are none."""
    return _sha256(f"{salt}|{text}") if text else ""


def link(before: str, position: int, line_id: int, digest: str) -> str:
    """The hash that ties a line to the one before it."""
    return _sha256(f"{before}|{position}|{line_id}|{digest}")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _plain(value: object) -> str:
    """A moment, in the one way that both databases agree on."""
    if not isinstance(value, datetime):
        raise TypeError(f"{value!r} cannot be put into a line")
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")


def sealed(line: dict[str, Any], text: str, row: Values | None = None) -> dict[str, Any]:
    """A whole line: with salt and digests, not yet with a position."""
    salt = secrets.token_hex(16) if text else ""
    line = {**line, "salt": salt, "text_digest": text_digest(salt, text)}
    return {**line, "digest": digest_of(line, row)}


# --- the lines of rows


def _line_of_transition(row: Transition) -> dict[str, Any]:
    facts = {"verb": row.verb.value, "end": str(row.end)}
    return _line(EventKind.STEP_TAKEN, row, by_id=row.by_id, details=facts)


def _line_of_consent(row: ConsentEvent) -> dict[str, Any]:
    facts = {"purpose": row.purpose.value, "granted": bool(row.granted)}
    return _line(EventKind.CONSENT_RECORDED, row, by_id=row.recorded_by_id, details=facts)


def _line(kind: EventKind, row: Any, **more: Any) -> dict[str, Any]:
    line = {
        "kind": kind, "at": row.at, "person_id": None, "story_id": row.story_id, "row_id": row.id,
        "session_mark": "", "text": "", "hash": "", **more,
    }  # fmt: skip
    values = {name: getattr(row, name) for name in ROW_COLUMNS[kind]}
    return sealed(line, getattr(row, WORDS[kind]), values)


_LINES: dict[type[Any], tuple[EventKind, Callable[[Any], dict[str, Any]]]] = {
    Transition: (EventKind.STEP_TAKEN, _line_of_transition),
    ConsentEvent: (EventKind.CONSENT_RECORDED, _line_of_consent),
}


# --- written with each flush, numbered at each commit

_UNNUMBERED = "lines of the security log without a position"


@event.listens_for(Session, "after_flush")
def _write_lines(session: Session, _context: Any) -> None:
    written = {row.id for row in session.new if isinstance(row, Event)}
    lines = [_LINES[type(row)][1](row) for row in session.new if type(row) in _LINES]
    if lines:
        written.update(session.connection().execute(insert(EVENTS).returning(EVENTS.c.id), lines).scalars())
    if written:
        session.info.setdefault(_UNNUMBERED, set()).update(written)
    _erase_salts(session)


def _erase_salts(session: Session) -> None:
    """Words of a row that are erased in this flush take the salt of their line with them."""
    for row in session.dirty:
        if type(row) in _LINES:
            kind, _ = _LINES[type(row)]
            words = WORDS[kind]
            if not getattr(row, words) and inspect(row).attrs[words].history.has_changes():
                its_line = (EVENTS.c.kind == kind) & (EVENTS.c.row_id == row.id)
                session.connection().execute(update(EVENTS).where(its_line).values(salt=""))


@event.listens_for(Session, "before_commit")
def _number_lines(session: Session) -> None:
    if session.in_nested_transaction():  # a savepoint; its lines are numbered with all the others
        return
    session.flush()
    if unnumbered := session.info.get(_UNNUMBERED):
        _number(session.connection(), unnumbered)


def _number(connection: Connection, unnumbered: Iterable[int]) -> None:
    take_turn(connection, Lock.EVENTS)
    last = head(connection)
    numbered = []
    for line_id, digest in _digests(connection, set(unnumbered)):
        last = Head(last.position + 1, link(last.hash, last.position + 1, line_id, digest))
        numbered.append({"line_id": line_id, "number": last.position, "link": last.hash})
    if numbered:
        one = update(EVENTS).where(EVENTS.c.id == bindparam("line_id"))
        connection.execute(one.values(position=bindparam("number"), hash=bindparam("link")), numbered)


def _digests(connection: Connection, ids: set[int]) -> list[tuple[int, str]]:
    """Those of `ids` that were not rolled back with a savepoint, in the order in which they were written."""
    query = select(EVENTS.c.id, EVENTS.c.digest).where(
        EVENTS.c.id.between(min(ids), max(ids)), EVENTS.c.position.is_(None)
    )
    return [(line_id, digest) for line_id, digest in connection.execute(query.order_by(EVENTS.c.id)) if line_id in ids]


def head(connection: Connection | Session) -> Head:
    """The last line of the log."""
    query = select(EVENTS.c.position, EVENTS.c.hash).where(EVENTS.c.position.is_not(None))
    found = connection.execute(query.order_by(EVENTS.c.position.desc()).limit(1)).first()
    return Head(*found) if found else EMPTY


@event.listens_for(Session, "after_transaction_end")
def _forget(session: Session, transaction: Any) -> None:
    if transaction.parent is None:
        session.info.pop(_UNNUMBERED, None)
