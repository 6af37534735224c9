"""Rows are held until the transaction ends, and errors are known for what they say."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from time import sleep
from typing import Any

import factories as make
import pytest
import sqlalchemy
from databases import connected, on_postgres
from sqlalchemy import Engine, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session, joinedload

from stories import database, editorial, migrations
from stories.database import Lock
from stories.models import Person, Revision, Role, Story, Theme

TWO_WRITERS = pytest.mark.postgresql("SQLite has one lock for everything")
A_SERVER = pytest.mark.postgresql("SQLite is no server")


def refused(do: Callable[[], Any]) -> SQLAlchemyError:
    with pytest.raises(SQLAlchemyError) as caught:
        do()
    return caught.value


@pytest.fixture
def impatient(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An engine whose connections wait for others a tenth of a second only."""
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.1)
    with connected(database_url) as engine:
        yield engine


# --- connecting


@pytest.mark.sqlite("PostgreSQL has no file to switch")
def test_many_who_open_a_new_file_at_the_same_moment_all_get_in(tmp_path: Path) -> None:
    def journal(number: int) -> str:
        start.wait()
        with connected(f"sqlite:///{tmp_path / str(number)}.sqlite") as engine, engine.connect() as connection:
            return str(connection.scalar(text("PRAGMA journal_mode")))

    start = threading.Barrier(8)
    for number in range(20):
        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(journal, [number] * 8)) == {"wal"}


# --- locks


@contextmanager
def another(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session


def is_held(engine: Engine, person_id: int) -> bool:
    with another(engine) as other:
        try:
            other.execute(update(Person).where(Person.id == person_id).values(name="Another"))
        except DBAPIError as error:
            return database.is_unavailable(error)
        return False


def test_a_row_is_held_until_the_transaction_ends(session: Session, impatient: Engine) -> None:
    person = make.person(session)
    session.commit()
    person_id = person.id

    database.lock(person)
    assert is_held(impatient, person_id)
    session.commit()
    assert not is_held(impatient, person_id)


def test_what_others_did_meanwhile_is_seen(session: Session, impatient: Engine) -> None:
    person = make.person(session, name="Before")
    session.commit()
    seen = [person.name]
    with another(impatient) as other:
        other.execute(update(Person).where(Person.id == person.id).values(name="After"))
        other.commit()

    assert (database.lock(person), database.lock(person)) == (True, False)
    assert [*seen, person.name] == ["Before", "After"]


@TWO_WRITERS
def test_a_savepoint_that_is_rolled_back_lets_go(session: Session, impatient: Engine) -> None:
    person = make.person(session)
    session.commit()
    person_id = person.id
    with session.begin_nested() as savepoint:
        database.lock(person)
        savepoint.rollback()
    assert not is_held(impatient, person_id)

    assert database.lock(person)
    assert is_held(impatient, person_id)


def test_what_is_loaded_along_with_a_row_is_as_new_as_the_row(session: Session, database_url: str) -> None:
    story = make.published(session)
    story_id, author_id = story.id, story.submitter.id
    mo = make.person(session, Role.MODERATOR)
    seen, words = story.newest_revision.id, make.words(title="New")
    editorial.correct(story, words, by=mo, at=make.NOW, revision_id=seen, note="A")
    editorial.confirm(story, by=story.submitter, at=make.NOW, revision_id=story.newest_revision.id)
    session.commit()
    shown = joinedload(Story.published_revision).joinedload(Revision.organisation)
    mine = session.get_one(Story, story_id, options=[shown], populate_existing=True)
    assert mine.published_revision is not None

    with connected(database_url) as engine, Session(engine) as other, ThreadPoolExecutor(1) as pool:
        editorial.publish(other.get_one(Story, story_id), by=None, at=make.NOW)
        other.flush()
        held = pool.submit(database.lock, mine)
        sleep(0.2)
        other.commit()
        assert held.result()

    assert (mine.published_revision.title, author_id) == ("New", mine.submitter_id)


def test_what_was_written_and_not_flushed_outlasts_a_lock(session: Session) -> None:
    person = make.person(session)
    person.name = "Changed"
    database.lock(person)

    assert person.name == "Changed"


@pytest.mark.sqlite("PostgreSQL locks rows, and takes no lock to be waited for")
def test_only_reading_holds_nothing_and_the_first_write_holds_everything(session: Session, impatient: Engine) -> None:
    person = make.person(session)
    session.commit()
    person_id = person.id
    taken = []
    for do in (
        lambda: session.execute(select(Person)),
        lambda: session.execute(text("WITH x AS (SELECT 1) SELECT * FROM x")),
        lambda: session.execute(update(Person).values(name="New")),
        session.rollback,
        lambda: session.begin_nested().session.execute(select(Person)),
        session.rollback,
        lambda: session.execute(select(Person)),
        lambda: session.execute(text("CREATE TABLE new (id INTEGER)")),
        session.rollback,
        lambda: session.add(Person(name="New", created_at=make.NOW)),
        session.flush,
    ):
        do()
        taken.append(is_held(impatient, person_id))

    assert taken == [False, False, True, False, True, False, False, True, False, False, True]


@pytest.mark.sqlite("PostgreSQL has no such error")
def test_a_writer_who_looked_before_another_wrote_can_still_write(session: Session, database_url: str) -> None:
    theirs, mine = make.person(session), make.person(session)
    session.commit()
    seen = [person.name for person in (theirs, mine)]
    with connected(database_url) as engine, another(engine) as other:
        other.execute(update(Person).where(Person.id == theirs.id).values(name="Theirs"))
        other.commit()
    mine.name = "Mine"
    session.commit()

    assert len(seen) == 2
    assert [theirs.name, mine.name] == ["Theirs", "Mine"]


@pytest.mark.sqlite("PostgreSQL ends the transaction")
def test_whoever_cannot_have_the_lock_writes_nothing_afterwards(session: Session, impatient: Engine) -> None:
    person = make.person(session)
    session.commit()
    session.execute(update(Person).values(name="Held"))
    with another(impatient) as other:
        change = update(Person).where(Person.id == person.id).values(name="Late")
        assert database.is_busy(refused(lambda: other.execute(change)))
        session.rollback()
        other.execute(change)
        other.rollback()

    assert person.name != "Late"


@TWO_WRITERS
def test_a_row_that_is_held_can_still_be_referred_to(session: Session, impatient: Engine) -> None:
    story = make.published(session)
    session.commit()
    database.lock(story)

    with another(impatient) as other:
        translation = make.draft(other)
        translation.original_id = story.id
        other.commit()


def test_a_turn_is_taken_by_one_transaction_after_the_other(session: Session, impatient: Engine) -> None:
    def take() -> None:
        with another(impatient) as other:
            database.take_turn(other, Lock.CATALOGUE)

    database.take_turn(session, Lock.CATALOGUE)
    assert database.is_unavailable(refused(take))
    session.commit()
    take()


# --- errors


def theme(slug: str = "labour", name: str = "Labour") -> Any:
    return insert(Theme).values(slug=slug, name=name, names={}, about="", abouts={})


def test_a_database_that_another_holds_is_unavailable(session: Session, impatient: Engine) -> None:
    person = make.person(session)
    session.commit()
    with database.writing():
        session.execute(update(Person).values(name="Another"))

    with another(impatient) as other:
        error = refused(lambda: other.execute(update(Person).where(Person.id == person.id).values(name="A third")))

    assert (database.is_unavailable(error), database.is_conflict(error)) == (True, False)


@TWO_WRITERS
def test_a_deadlock_is_unavailable_for_one_and_nothing_for_the_other(session: Session, database_url: str) -> None:
    ids = [make.person(session).id for _ in range(2)]
    session.commit()
    together = threading.Barrier(2)
    errors: list[SQLAlchemyError] = []

    def lock(one: int, other: int) -> None:
        with Session(engine) as rival:
            try:
                rival.execute(update(Person).where(Person.id == one).values(name="A"))
                together.wait(timeout=60)
                rival.execute(update(Person).where(Person.id == other).values(name="B"))
                rival.commit()
            except SQLAlchemyError as error:
                errors.append(error)

    with connected(database_url) as engine:
        threads = [threading.Thread(target=lock, args=pair) for pair in (ids, ids[::-1])]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert [database.is_unavailable(error) for error in errors] == [True]


@A_SERVER
@pytest.mark.parametrize("state", ["40001", "40P01", "53300", "55P03", "57014", "57P01", "57P03", "08006"])
def test_what_a_server_says_in_passing_is_unavailable(session: Session, state: str) -> None:
    error = refused(lambda: session.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{state}'; END $$")))

    assert (database.is_unavailable(error), database.is_conflict(error)) == (True, False)


@A_SERVER
def test_a_connection_that_is_lost_is_unavailable_and_the_next_one_works(database_url: str) -> None:
    with connected(database_url) as engine, connected(database_url) as killer:
        with Session(engine) as session:
            number = session.scalar(select(func.pg_backend_pid()))
            with killer.connect() as connection:
                connection.execute(select(func.pg_terminate_backend(number)))
            assert database.is_unavailable(refused(lambda: session.execute(select(Person))))
        with Session(engine) as session:
            assert session.scalars(select(Person)).all() == []


@A_SERVER
def test_an_idle_connection_that_was_lost_is_replaced_unnoticed(database_url: str) -> None:
    with connected(database_url) as engine, connected(database_url) as killer:
        with Session(engine) as session:
            number = session.scalar(select(func.pg_backend_pid()))
        with killer.connect() as connection:
            connection.execute(select(func.pg_terminate_backend(number)))
        with Session(engine) as session:
            assert session.scalars(select(Person)).all() == []


@A_SERVER
def test_a_server_that_is_not_there_is_out_of_reach() -> None:
    with connected("postgresql+psycopg://nobody@127.0.0.1:1/nothing") as engine:
        assert database.is_out_of_reach(refused(engine.connect))


@pytest.mark.sqlite("PostgreSQL opens no file of ours")
def test_a_file_that_cannot_be_opened_is_out_of_reach(tmp_path: Path) -> None:
    with connected(f"sqlite:///{tmp_path / 'no folder' / 'stories.sqlite'}") as engine:
        assert database.is_out_of_reach(refused(engine.connect))


@A_SERVER
def test_a_pool_without_a_free_connection_is_unavailable(database_url: str) -> None:
    engine = sqlalchemy.create_engine(database_url, pool_size=1, max_overflow=0, pool_timeout=0.1)
    with engine.connect():
        error = refused(engine.connect)
    engine.dispose()

    assert database.is_unavailable(error)


def test_what_is_taken_already_is_a_conflict(session: Session) -> None:
    session.execute(theme())

    error = refused(lambda: session.execute(theme()))
    assert (database.is_conflict(error), database.is_unavailable(error)) == (True, False)


def test_what_is_gone_already_is_a_conflict(session: Session) -> None:
    def refer() -> None:
        session.add(Person(name="A", organisation_id=999, created_at=make.NOW))
        session.commit()

    assert database.is_conflict(refused(refer))


def test_a_row_that_somebody_removed_meanwhile_is_a_conflict(session: Session) -> None:
    person = make.person(session)
    session.execute(sqlalchemy.delete(Person).execution_options(synchronize_session=False))
    person.name = "Another"

    assert database.is_conflict(refused(session.flush))


def test_a_value_that_must_not_be_missing_is_our_own_fault(session: Session) -> None:
    error = refused(lambda: session.execute(text("INSERT INTO themes (slug, name) VALUES ('a', 'b')")))

    assert isinstance(error, IntegrityError)
    assert (database.is_conflict(error), database.is_unavailable(error)) == (False, False)


@pytest.mark.postgresql("SQLite takes any text into any column")
@pytest.mark.parametrize("value", ["a\0b", "a" * 501])
def test_what_a_column_cannot_hold_is_unstorable(session: Session, value: str) -> None:
    error = refused(lambda: session.execute(theme(name=value)))

    assert database.is_unstorable(error)
    assert (database.is_conflict(error), database.is_unavailable(error)) == (False, False)


@pytest.mark.parametrize("number", [10**20, -(10**20)])
def test_a_vast_number_is_unstorable(session: Session, number: int) -> None:
    with pytest.raises(Exception, match=r"too large|out of range") as caught:
        session.get(Person, number)
    assert database.is_unstorable(caught.value)


def test_the_errors_of_history_are_none_of_these(session: Session) -> None:
    make.published(session)
    error = refused(lambda: session.execute(text("DELETE FROM transitions")))

    assert isinstance(error, IntegrityError)
    assert (database.is_conflict(error), database.is_unavailable(error)) == (False, False)
    assert on_postgres() == (getattr(error.orig, "sqlstate", None) == "23000")


def test_who_writes_can_ask_about_the_schema_without_waiting_for_their_own_lock(
    session: Session, impatient: Engine
) -> None:
    session.rollback()
    with database.writing():
        session.connection()

        assert migrations.is_current(impatient)
