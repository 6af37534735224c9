"""Walks the chain of the security log, page by page, and names whatever does not belong to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import RowMapping, Select, String, Table, func, select, type_coerce
from sqlalchemy.orm import Session

from stories.models import ConsentEvent, EventKind, Head, Transition
from stories.models.chain import EMPTY, EVENTS, ROW_COLUMNS, WORDS, digest_of, link, text_digest

PAGE = 500  # lines looked at together
TABLES: dict[EventKind, Table] = {
    EventKind.STEP_TAKEN: Transition.__table__,  # type: ignore[dict-item]
    EventKind.CONSENT_RECORDED: ConsentEvent.__table__,  # type: ignore[dict-item]
}
ROW_NAMES = {EventKind.STEP_TAKEN: "transition", EventKind.CONSENT_RECORDED: "consent event"}


class Fault(StrEnum):
    """What is wrong with a line, or with the row whose line it is."""

    CHANGED = "was changed"
    MISSING = "is missing"
    FOREIGN = "was put there by something else than the site"


@dataclass(frozen=True)
class Finding:
    """One thing that does not belong: a line by its position, or the row whose line it is. `last` ends a gap."""

    fault: Fault
    position: int | None
    row: str = ""  # such as "transition 51"
    last: int | None = None

    def __str__(self) -> str:
        if self.row:
            where = "it has no line in the log" if self.position is None else f"line {self.position} of the log"
            return f"{self.row} {self.fault} ({where})"
        if self.last is not None and self.last != self.position:
            return f"lines {self.position} to {self.last} of the log are missing"
        line = "a line without a position" if self.position is None else f"line {self.position} of the log"
        return f"{line} {self.fault}"


def verify(session: Session, kept: Head = EMPTY) -> Iterator[Finding]:
    """Everything that is wrong with the log, line by line.

    `kept` is a head that was written down elsewhere before: what was cut off since shows by it.
    """
    walk = _Walk(kept)
    for line in _lines(session):
        yield from walk.see(line)
    yield from walk.end()
    yield from _without_position(session)
    for kind in TABLES:
        yield from _without_line(session, kind)


def lines_without_words(session: Session) -> int:
    """How many lines had words that were erased. They are whole: their digests stand for what is gone."""
    query = select(func.count()).select_from(EVENTS).where(EVENTS.c.text_digest != "", EVENTS.c.salt == "")
    return session.scalar(query) or 0


# --- reading


@dataclass(frozen=True)
class _Line:
    """A line as it was read; `values` is None for one that cannot be."""

    position: int
    values: dict[str, Any] | None
    row: dict[str, Any] | None = None


def _lines(session: Session) -> Iterator[_Line]:
    last = -(2**31)
    while page := _page(session, last, PAGE):
        yield from page
        last = page[-1].position


def _page(session: Session, after: int, size: int) -> list[_Line]:
    query = _query().where(EVENTS.c.position > after).order_by(EVENTS.c.position).limit(size)
    try:
        return [_read(found) for found in session.execute(query).mappings()]
    except (ValueError, LookupError, TypeError):  # something in it is not what its column holds
        return [line for position in _positions(session, after, size) for line in _one(session, position)]


def _positions(session: Session, after: int, size: int) -> list[int]:
    query = select(EVENTS.c.position).where(EVENTS.c.position > after).order_by(EVENTS.c.position).limit(size)
    return list(session.scalars(query))


def _one(session: Session, position: int) -> list[_Line]:
    try:
        return [_read(found) for found in session.execute(_query().where(EVENTS.c.position == position)).mappings()]
    except (ValueError, LookupError, TypeError):
        return [_Line(position, None)]


def _query() -> Select[Any]:
    columns = [_plain(column).label(f"line_{column.name}") for column in EVENTS.c]
    query = select(*columns)
    joined: Any = EVENTS
    for kind, table in TABLES.items():
        names = {*ROW_COLUMNS[kind], WORDS[kind]}
        query = query.add_columns(*(_plain(table.c[name]).label(f"{table.name}_{name}") for name in names))
        joined = joined.outerjoin(table, (_plain(EVENTS.c.kind) == kind.value) & (EVENTS.c.row_id == table.c.id))
    return query.select_from(joined)


def _plain(column: Any) -> Any:
    """A column of an enumeration as the text in it, whatever that is."""
    return type_coerce(column, String) if isinstance(column.type, String) else column


def _read(found: RowMapping) -> _Line:
    line = {column.name: found[f"line_{column.name}"] for column in EVENTS.c}
    row = None
    if line["kind"] in TABLES:
        kind = EventKind(line["kind"])
        table = TABLES[kind]
        row = {name: found[f"{table.name}_{name}"] for name in (*ROW_COLUMNS[kind], WORDS[kind])}
    return _Line(line["position"], line, row)


# --- judging


@dataclass
class _Walk:
    """What was seen of the chain so far."""

    kept: Head
    last: Head = EMPTY
    # The hash that the line before has, and the one that it should have: what follows goes on from either.
    befores: set[str] = field(default_factory=lambda: {EMPTY.hash})

    def see(self, line: _Line) -> Iterator[Finding]:
        """The faults of the next line."""
        if not isinstance(line.position, int) or line.position <= self.last.position:  # before the first, or no number
            yield Finding(Fault.FOREIGN, line.position)
            return
        gap = line.position != self.last.position + 1
        if gap:
            yield Finding(Fault.MISSING, self.last.position + 1, last=line.position - 1)
        values = line.values
        if values is None:
            yield Finding(Fault.CHANGED, line.position)
            self._step(line.position, set())
            return
        links = {link(before, line.position, values["id"], values["digest"]) for before in self.befores}
        yield from self._faults(line, values, follows=gap or not self.befores or values["hash"] in links)
        if line.position == self.kept.position and values["hash"] != self.kept.hash:
            yield Finding(Fault.CHANGED, line.position)
        self._step(line.position, {values["hash"], *links}, values["hash"])

    def _step(self, position: int, befores: set[str], its_hash: str = "") -> None:
        self.last, self.befores = Head(position, its_hash), befores

    def end(self) -> Iterator[Finding]:
        """What was cut off at the end."""
        if self.last.position < self.kept.position:
            yield Finding(Fault.MISSING, self.last.position + 1, last=self.kept.position)

    def _faults(self, line: _Line, values: dict[str, Any], *, follows: bool) -> Iterator[Finding]:
        row = line.row
        name = _name(values) if row is not None else ""
        if row is not None and row["id"] is None:
            yield Finding(Fault.MISSING, line.position, name)
            row = None
        elif not _words_fit(values, row) or digest_of(values, row) != values["digest"]:
            yield Finding(Fault.CHANGED, line.position, name)
            return
        if not follows:
            yield Finding(Fault.FOREIGN, line.position)


def _words_fit(line: dict[str, Any], row: dict[str, Any] | None) -> bool:
    """Whether the words of a line are those that were written, or were erased together with their salt."""
    words = line["text"] if row is None else row[WORDS[EventKind(line["kind"])]]
    if row is not None and line["text"]:
        return False
    if not line["salt"]:
        return not words
    return bool(words) and text_digest(line["salt"], words) == line["text_digest"]


def _name(line: dict[str, Any]) -> str:
    return f"{ROW_NAMES[EventKind(line['kind'])]} {line['row_id']}"


# --- what the chain does not lead to


def _without_position(session: Session) -> Iterator[Finding]:
    unnumbered = session.scalar(select(func.count()).select_from(EVENTS).where(EVENTS.c.position.is_(None))) or 0
    for _ in range(unnumbered):
        yield Finding(Fault.FOREIGN, None)


def _without_line(session: Session, kind: EventKind) -> Iterator[Finding]:
    table = TABLES[kind]
    its_line = (_plain(EVENTS.c.kind) == kind.value) & (EVENTS.c.row_id == table.c.id)
    query = select(table.c.id).select_from(table.outerjoin(EVENTS, its_line)).where(EVENTS.c.id.is_(None))
    last: int | None = None
    while True:
        after = query if last is None else query.where(table.c.id > last)
        found = list(session.scalars(after.order_by(table.c.id).limit(PAGE)))
        for last in found:
            yield Finding(Fault.FOREIGN, None, f"{ROW_NAMES[kind]} {last}")
        if len(found) < PAGE:
            return
