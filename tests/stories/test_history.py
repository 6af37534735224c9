"""The database itself refuses to rewrite what happened."""

from __future__ import annotations

import factories as make
import pytest
from databases import on_postgres
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from stories import consent, editorial
from stories.models import ConsentEvent, Event, Method, Purpose, Transition
from stories.workflow import State


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE revisions SET title = 'Another'",
        "DELETE FROM revisions",
        "UPDATE transitions SET verb = 'decline'",
        "UPDATE transitions SET note = 'Another'",
        "DELETE FROM transitions",
        "UPDATE transitions SET by_id = NULL",
        "UPDATE consent_events SET granted = false",
        "UPDATE consent_events SET evidence = 'Another'",
        "DELETE FROM consent_events",
        "UPDATE events SET at = '2020-01-01'",
        "UPDATE events SET by_id = NULL",
        "UPDATE events SET position = position + 100",
        "UPDATE events SET hash = 'Another'",
        "UPDATE events SET text = 'Another'",
        "UPDATE events SET salt = 'Another'",
        "DELETE FROM events",
    ],
)
def test_what_happened_cannot_be_rewritten(session: Session, statement: str) -> None:
    story = make.draft(session)
    asked = consent.Circumstances(story.language, Method.IN_WRITING, "A letter")
    consent.record(story, {Purpose.PUBLISH: True}, asked, by=story.submitter, at=make.NOW)
    editorial.submit(story, by=story.submitter, at=make.NOW, revision_id=story.newest_revision.id)
    session.commit()

    with pytest.raises(IntegrityError, match="append-only"):
        session.connection().exec_driver_sql(statement)


TABLES = {"events": Event, "transitions": Transition, "consent_events": ConsentEvent}
UPSERT = "INSERT INTO {table} SELECT * FROM {table} WHERE true ON CONFLICT (id) DO UPDATE SET at = '2020-01-01'"
REPLACE = [
    "INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
    "REPLACE INTO {table} SELECT * FROM {table}",
    "INSERT OR IGNORE INTO {table} SELECT * FROM {table}",
]
REPLACE_POSITION = [
    "INSERT OR REPLACE INTO events ({columns}) SELECT {columns} FROM events",
    "UPDATE OR REPLACE events SET position = 1 WHERE position IS NULL",
]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("statement", [UPSERT] if on_postgres() else [UPSERT, *REPLACE])
def test_nothing_is_put_in_the_place_of_what_happened(session: Session, table: str, statement: str) -> None:
    make.story_in(session, State.SUBMITTED)
    session.commit()
    before = session.execute(select(TABLES[table].__table__)).all()

    with pytest.raises(IntegrityError, match="append-only"):
        session.connection().exec_driver_sql(statement.format(table=table))
    session.rollback()
    assert session.execute(select(TABLES[table].__table__)).all() == before


@pytest.mark.skipif(on_postgres(), reason="PostgreSQL has no OR REPLACE")
@pytest.mark.parametrize("statement", REPLACE_POSITION)
def test_nothing_is_put_at_the_position_of_a_line(session: Session, statement: str) -> None:
    make.story_in(session, State.SUBMITTED)
    session.commit()
    before = session.execute(select(Event.__table__)).all()
    columns = ", ".join(f'"{column.name}"' for column in Event.__table__.columns if column.name != "id")
    session.connection().exec_driver_sql(
        "INSERT INTO events (kind, at, session_mark, details, text, salt, text_digest, digest, hash)"
        " VALUES ('signed in', '2026-01-01', '', '{}', '', '', '', '', '')"
    )  # not a line of the site, but one without a position as it has until it is committed

    with pytest.raises(IntegrityError, match="append-only"):
        session.connection().exec_driver_sql(statement.format(columns=columns))
    session.rollback()
    assert session.execute(select(Event.__table__)).all() == before
