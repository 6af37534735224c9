"""Statistics that running processes use, that keep no writer waiting, and a journal that is put away."""

from __future__ import annotations

import itertools
import sqlite3
from contextlib import closing
from pathlib import Path

import factories as make
import pytest
from databases import connected
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from stories import database, queries, upkeep
from stories.database import NO_TIME
from stories.workflow import State

only_sqlite = pytest.mark.sqlite("PostgreSQL keeps its statistics by itself")


@pytest.fixture
def engine(database_url: str) -> object:
    with connected(database_url) as engine:
        yield engine


def steps_of_a_question(connection: sqlite3.Connection) -> int:
    """How much the database does for a question of which one index tells no rows apart and the other tells all."""
    steps = itertools.count()
    connection.set_progress_handler(lambda: next(steps) and None, 1)
    connection.execute("SELECT 1 FROM rows WHERE same = 1 AND own = 1").fetchall()  # prepared once, and kept
    return next(steps)


@only_sqlite
def test_a_connection_that_is_open_uses_new_statistics(engine: Engine, database_url: str) -> None:
    path = database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as writer, closing(sqlite3.connect(path)) as reader:
        writer.executescript(
            "CREATE TABLE rows (same, own); CREATE INDEX by_own ON rows (own); CREATE INDEX by_same ON rows (same)"
        )
        upkeep.renew_statistics(engine)
        writer.executemany("INSERT INTO rows VALUES (1, ?)", [(number,) for number in range(1_000)])
        writer.commit()
        of_no_rows = steps_of_a_question(reader)
        upkeep.renew_statistics(engine)
        steps_of_a_question(reader)  # which reads the schema again
        of_many = steps_of_a_question(reader)

    assert of_no_rows > 1_000
    assert of_many < 100


@only_sqlite
def test_statistics_wait_for_no_writer(engine: Engine, session: Session) -> None:
    with database.writing():
        session.connection()

        assert not upkeep.renew_statistics(engine)

    session.rollback()
    assert upkeep.renew_statistics(engine)


@only_sqlite
def test_a_writer_that_had_read_before_statistics_were_renewed_writes_all_the_same(
    engine: Engine, session: Session
) -> None:
    story = make.published(session)
    session.commit()
    assert queries.story_with_id(session, story.id) is not None  # a transaction that has read
    upkeep.renew_statistics(engine)
    story.slug = "another"
    session.commit()

    assert session.scalar(text("SELECT slug FROM stories")) == "another"


@only_sqlite
def test_the_file_is_the_whole_database_once_the_journal_is_put_away(engine: Engine, database_url: str) -> None:
    with Session(engine) as session:
        make.story_in(session, State.DRAFT)
        session.commit()
    path = Path(database_url.removeprefix("sqlite:///"))
    assert Path(f"{path}-wal").exists()
    upkeep.put_away(engine)

    assert not Path(f"{path}-wal").exists()


def test_both_are_no_trouble_on_either_database(engine: Engine) -> None:
    assert upkeep.renew_statistics(engine)
    upkeep.put_away(engine)
    with database.impatient(engine, NO_TIME) as session:
        assert session.scalar(text("SELECT 1")) == 1
