"""Whatever is changed, left out, put in or swapped behind the site's back is named."""

from __future__ import annotations

from typing import Any

import factories as make
import pytest
import sqlalchemy
from factories import NOW
from sqlalchemy import text
from sqlalchemy.orm import Session
from tampering import tamper

from stories import audit, consent, editorial
from stories.models import ConsentEvent, Event, EventKind, Method, Purpose, Role, Transition, chain
from stories.models.chain import EMPTY, Head
from stories.workflow import State


@pytest.fixture
def log(session: Session) -> Session:
    """Ten lines: 1 signed in, 2 consent 1, 3 to 5 steps 1 to 3 (the last has a note), 6 role granted, 7 consent 2 (has
    evidence), 8 address changed (with a text), 9 step 4, 10 signed out."""
    ana, mo = make.person(session, Role.LEADER), make.person(session, Role.MODERATOR)
    audit.record(session, EventKind.SIGNED_IN, by=ana, at=NOW, about=ana, way="password", session_mark="a1b2")
    story = make.story_in(session, State.CHANGES_REQUESTED, by=ana, moderator=mo)
    session.flush()
    audit.record(session, EventKind.ROLE_GRANTED, by=mo, at=NOW, about=ana, role=Role.EDUCATOR)
    asked = consent.Circumstances("en", Method.IN_WRITING, "a letter")
    consent.record(story, {Purpose.QUOTE: True}, asked, by=ana, at=NOW)
    audit.record(session, EventKind.ADDRESS_CHANGED, by=ana, at=NOW, about=ana, text="old@example.org")
    editorial.revise(story, by=ana, at=NOW)
    session.flush()
    audit.record(session, EventKind.SIGNED_OUT, by=ana, at=NOW, about=ana)
    session.commit()
    return session


def found(session: Session, kept: Head = EMPTY) -> list[str]:
    return [str(finding) for finding in audit.verify(session, kept)]


def test_a_log_that_nobody_touched_is_whole(log: Session) -> None:
    assert chain.head(log).position == 10
    assert found(log, chain.head(log)) == []


OTHER = {
    "DATETIME": "'2001-01-01 00:00:00.000000'", "INTEGER": "77", "BOOLEAN": "false", "VARCHAR": "'forged'",
    "TEXT": "'forged'", "JSON": """'{"role": "steward"}'""",
}  # fmt: skip


def _columns(model: type[Any]) -> list[tuple[str, str]]:
    """The columns of a table, each with another value for it."""
    columns = []
    for column in model.__table__.columns:
        kind = "JSON" if isinstance(column.type, sqlalchemy.JSON) else column.type.compile().split("(")[0]
        columns.append((column.name, OTHER[kind]))
    return columns


# Line 6 is moved to 77: then 6 to 76 are not there, and 10 is not the last.
OTHER_NAMES = {
    ("events", "position"): [
        "line 6 of the log is missing", "lines 11 to 76 of the log are missing",
    ],
    ("transitions", "id"): [
        "transition 3 is missing (line 5 of the log)",
        "transition 77 was put there by something else than the site (it has no line in the log)",
    ],
    ("consent_events", "id"): [
        "consent event 2 is missing (line 7 of the log)",
        "consent event 77 was put there by something else than the site (it has no line in the log)",
    ],
    ("events", "id"): ["line 6 of the log was put there by something else than the site"],
    ("events", "hash"): ["line 6 of the log was put there by something else than the site"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("table", "where", "name", "value", "named"),
    [
        (model.__tablename__, where, name, value, named)
        for model, where, named in (
            (Event, "position = 6", "line 6 of the log was changed"),
            (Transition, "id = 3", "transition 3 was changed (line 5 of the log)"),
            (ConsentEvent, "id = 2", "consent event 2 was changed (line 7 of the log)"),
        )
        for name, value in _columns(model)
    ],
)
def test_each_column_that_is_changed_is_named(
    log: Session, table: str, where: str, name: str, value: str, named: str
) -> None:
    tamper(log, f'UPDATE {table} SET "{name}" = {value} WHERE {where}')

    assert found(log) == OTHER_NAMES.get((table, name), [named])


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE events SET text = 'new@example.org' WHERE position = 8", "line 8 of the log was changed"),
        ("UPDATE events SET text = '' WHERE position = 8", "line 8 of the log was changed"),
        ("UPDATE events SET salt = '' WHERE position = 8", "line 8 of the log was changed"),
        ("UPDATE transitions SET note = '' WHERE id = 3", "transition 3 was changed (line 5 of the log)"),
        ("UPDATE transitions SET note = 'x' WHERE id = 1", "transition 1 was changed (line 3 of the log)"),
        ("UPDATE events SET salt = '' WHERE position = 5", "transition 3 was changed (line 5 of the log)"),
        ("UPDATE consent_events SET evidence = '' WHERE id = 2", "consent event 2 was changed (line 7 of the log)"),
        ("UPDATE consent_events SET evidence = 'x' WHERE id = 1", "consent event 1 was changed (line 2 of the log)"),
        ("UPDATE events SET row_id = 4 WHERE position = 6", "line 6 of the log was changed"),
        ("UPDATE events SET kind = 'signed out', row_id = NULL WHERE position = 5", "line 5 of the log was changed"),
        ("UPDATE events SET position = NULL WHERE position = 6", "line 6 of the log is missing"),
    ],
)
def test_words_and_what_a_line_is_about_are_not_changed_unnoticed(log: Session, statement: str, named: str) -> None:
    tamper(log, statement)

    assert named in found(log)


@pytest.mark.sqlite("PostgreSQL takes no such value")
@pytest.mark.parametrize(
    "what", ["at = 'yesterday'", "details = '{'", "position = 'six'", "by_id = 'me'", "at = 7", "kind = 12"]
)
def test_a_value_that_its_column_cannot_hold_breaks_nothing_and_is_named(log: Session, what: str) -> None:
    tamper(log, f"UPDATE events SET {what} WHERE position = 6")

    assert found(log)[0] in {"line 6 of the log was changed", "line 6 of the log is missing"}


@pytest.mark.parametrize(
    ("condition", "named"),
    [
        ("position = 1", "line 1 of the log is missing"),
        ("position BETWEEN 1 AND 3", "lines 1 to 3 of the log are missing"),
        ("position BETWEEN 4 AND 6", "lines 4 to 6 of the log are missing"),
        ("position = 10", "line 10 of the log is missing"),
        ("position > 7", "lines 8 to 10 of the log are missing"),
        ("1 = 1", "lines 1 to 10 of the log are missing"),
    ],
)
def test_lines_that_are_deleted_are_named_at_the_beginning_in_the_middle_and_at_the_end(
    log: Session, condition: str, named: str
) -> None:
    kept = chain.head(log)
    tamper(log, f"DELETE FROM events WHERE {condition}")

    assert [name for name in found(log, kept) if "has no line" not in name] == [named]


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ("transitions", ["transition 1 is missing (line 3 of the log)", "transition 4 is missing (line 9 of the log)"]),
        ("consent_events", ["consent event 1 is missing (line 2 of the log)"]),
    ],
)
def test_rows_that_are_deleted_are_named(log: Session, table: str, named: list[str]) -> None:
    tamper(log, f"DELETE FROM {table} WHERE id IN (1, 4)")

    assert found(log) == named


def test_what_is_cut_off_at_the_end_with_its_rows_shows_only_by_a_head_that_was_kept(log: Session) -> None:
    kept = chain.head(log)
    tamper(log, "DELETE FROM events WHERE position > 8", "DELETE FROM transitions WHERE id = 4")

    assert found(log) == []
    assert found(log, kept) == ["lines 9 to 10 of the log are missing"]


def test_what_was_cut_off_and_grew_again_shows_by_the_head_that_was_kept(log: Session) -> None:
    kept = chain.head(log)
    tamper(log, "DELETE FROM events WHERE position > 9")
    for _ in range(3):
        audit.record(log, EventKind.SIGNED_IN, by=None, at=NOW)
    log.commit()

    assert found(log) == []
    assert found(log, kept) == ["line 10 of the log was changed"]


@pytest.mark.parametrize(("one", "other"), [(1, 2), (5, 6), (1, 10), (9, 10)])
def test_two_lines_that_are_swapped_are_named(log: Session, one: int, other: int) -> None:
    tamper(
        log, "UPDATE events SET position = -1 WHERE position = :one",
        "UPDATE events SET position = :one WHERE position = :other",
        "UPDATE events SET position = :other WHERE position = -1", one=one, other=other,
    )  # fmt: skip

    named = found(log)
    assert named[0] == f"line {one} of the log was put there by something else than the site"
    assert f"line {other} of the log was put there by something else than the site" in named


def _foreign(position: int | None) -> str:
    number = "NULL" if position is None else position
    columns = (
        "kind, at, by_id, person_id, story_id, row_id, session_mark, details, text, salt, text_digest, digest, hash"
    )
    return f"INSERT INTO events (position, {columns}) SELECT {number}, {columns} FROM events WHERE position = 6"


@pytest.mark.parametrize(
    ("position", "named"),
    [
        (11, ["line 11 of the log was put there by something else than the site"]),
        (14, ["lines 11 to 13 of the log are missing"]),
        (0, ["line 0 of the log was put there by something else than the site"]),
        (None, ["a line without a position was put there by something else than the site"]),
    ],
)
def test_a_line_that_somebody_else_put_there_is_named(log: Session, position: int | None, named: list[str]) -> None:
    tamper(log, _foreign(position))

    assert found(log) == named


def test_a_line_without_a_position_is_not_taken_up_by_what_is_committed_next(log: Session) -> None:
    tamper(log, _foreign(None))
    audit.record(log, EventKind.SIGNED_IN, by=None, at=NOW)
    log.commit()

    assert found(log) == ["a line without a position was put there by something else than the site"]


@pytest.mark.parametrize("table", ["transitions", "consent_events"])
def test_a_row_that_somebody_else_put_there_is_named(log: Session, table: str) -> None:
    columns = [column.name for column in Event.metadata.tables[table].columns if column.name != "id"]
    names = ", ".join(f'"{name}"' for name in columns)
    tamper(log, f"INSERT INTO {table} ({names}, id) SELECT {names}, 77 FROM {table} WHERE id = 1")

    row = {"transitions": "transition", "consent_events": "consent event"}[table]
    assert found(log) == [f"{row} 77 was put there by something else than the site (it has no line in the log)"]


def test_a_line_that_is_rewritten_whole_does_not_fit_the_one_after_it(log: Session) -> None:
    before, line = (log.scalars(sqlalchemy.select(Event).where(Event.position == number)).one() for number in (5, 6))
    values = {name: getattr(line, name) for name in chain.LINE_COLUMNS} | {"by_id": None}
    digest = chain.digest_of(values)
    new = chain.link(before.hash, 6, line.id, digest)
    tamper(
        log, "UPDATE events SET by_id = NULL, digest = :digest, hash = :new WHERE position = 6", digest=digest, new=new
    )

    assert found(log) == ["line 7 of the log was put there by something else than the site"]


def test_a_long_log_is_walked_page_by_page(log: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stories.audit.verification.PAGE", 3)
    assert found(log) == []

    tamper(log, "DELETE FROM events WHERE position IN (3, 4, 7)")
    assert found(log) == [
        "lines 3 to 4 of the log are missing", "line 7 of the log is missing",
        *(f"transition {number} was put there by something else than the site (it has no line in the log)"
          for number in (1, 2)),
        "consent event 2 was put there by something else than the site (it has no line in the log)",
    ]  # fmt: skip


def test_verifying_writes_nothing(log: Session) -> None:
    before = log.execute(text("SELECT * FROM events ORDER BY id")).all()
    found(log)

    assert log.execute(text("SELECT * FROM events ORDER BY id")).all() == before
    assert not log.dirty
