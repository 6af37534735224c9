"""Changes are followed in the order of commits: whatever writers do at the same time, none is passed over."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import factories as make
import pytest
from databases import connected
from factories import NOW
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from index import engines, sync
from stories import actors, changes, database, editorial
from stories.errors import Refused
from stories.models import Change, Person, Role, Story, Transition
from stories.queries import IS_PUBLIC
from stories.workflow import State, Verb

TWO_WRITERS = pytest.mark.postgresql("SQLite lets one transaction write at a time")
GATE = "pg_advisory_{}lock(99, 1)"


@pytest.fixture
def database_engine(database_url: str) -> Iterator[Engine]:
    with connected(database_url) as engine:
        yield engine


def note(session: Session, subject: int) -> Change:
    change = Change(kind="story", subject_id=subject)
    session.add(change)
    session.flush()
    return change


class Follower:
    """Reads changes as the index does."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.cursor, self.seen = engine, 0, list[int]()

    def look(self) -> list[int]:
        with Session(self.engine) as session:
            for change in changes.since(session, self.cursor, 1_000):
                self.cursor = change.position
                self.seen.append(change.subject_id)
        return self.seen


@TWO_WRITERS
def test_the_earlier_row_is_followed_when_it_commits_later(database_engine: Engine) -> None:
    follower = Follower(database_engine)
    with Session(database_engine) as first, Session(database_engine) as second:
        ids = [note(first, 1).id, note(second, 2).id]
        second.commit()
        assert follower.look() == [2]
        first.commit()
        assert follower.look() == [2, 1]

        by_id = first.scalars(select(Change.subject_id).order_by(Change.id)).all()
    assert (ids, by_id) == (sorted(ids), [1, 2])  # followed by id, 1 would have been passed over for ever


@TWO_WRITERS
def test_a_withdrawal_that_commits_late_leaves_the_index(session: Session, database_url: str, tmp_path: Path) -> None:
    index = engines.open(tmp_path / "index")
    story, other = make.published(session), make.story_in(session, State.APPROVED)
    session.commit()
    sync.catch_up(session, index)
    with connected(database_url) as engine, Session(engine) as slow:
        withdrawn = slow.get_one(Story, story.id)
        editorial.withdraw(withdrawn, editorial.Scope.HIDE, by=withdrawn.submitter, at=NOW)
        slow.flush()
        editorial.publish(other, by=None, at=NOW)
        session.commit()
        assert sync.catch_up(session, index).up_to_date
        slow.commit()

    session.rollback()
    assert not sync.is_up_to_date(session, index)
    assert sync.catch_up(session, index).up_to_date
    assert list(dict(index.keys())) == [f"story:{other.id}"]


def test_what_is_rolled_back_leaves_a_gap_at_most(session: Session) -> None:
    follower = Follower(session.get_bind())
    note(session, 1)
    session.rollback()
    note(session, 2)
    with session.begin_nested() as savepoint:
        note(session, 3)
        savepoint.rollback()
    note(session, 4)
    session.commit()

    assert follower.look() == [2, 4]
    assert changes.newest(session) == follower.cursor


# --- that it takes the lock


@contextmanager
def held_up_at_commit(engine: Engine) -> Iterator[None]:
    """Whoever notes a change of subject 1 stays in the middle of the commit, already numbered, until the block ends."""
    with engine.begin() as connection:
        connection.execute(
            text(f"""
            CREATE FUNCTION wait() RETURNS trigger AS $$ BEGIN
                PERFORM {GATE.format("xact_")}; RETURN NULL;
            END $$ LANGUAGE plpgsql;
            CREATE CONSTRAINT TRIGGER numbered_then_wait AFTER INSERT ON changes DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW WHEN (NEW.subject_id = 1) EXECUTE FUNCTION wait();
        """)
        )  # triggers of one event fire in the order of their names
    with engine.connect() as connection:
        connection.execute(text(f"SELECT {GATE.format('')}"))
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(99, 1)"))


def commit_with(engine: Engine, subject: int) -> None:
    with Session(engine) as session:
        note(session, subject)
        session.commit()


def waiting(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")) or 0


def until(engine: Engine, waiters: int, done: Future[None] | None = None) -> None:
    """Wait until so many wait for an advisory lock, or until `done` is."""
    patience = time.monotonic() + 30
    while waiting(engine) < waiters and not (done and done.done()):
        assert time.monotonic() < patience
        time.sleep(0.01)


WITHOUT_THE_LOCK = """
    CREATE OR REPLACE FUNCTION changes_number() RETURNS trigger AS $$ BEGIN
        UPDATE changes SET position = nextval(pg_get_serial_sequence('changes', 'id')) WHERE id = NEW.id;
        RETURN NULL;
    END $$ LANGUAGE plpgsql
"""


@TWO_WRITERS
@pytest.mark.parametrize(("locks", "followed"), [(True, ([], [1, 2])), (False, ([2], [2]))])
def test_the_lock_is_what_puts_numbers_in_the_order_of_commits(
    database_engine: Engine, locks: bool, followed: tuple[list[int], list[int]]
) -> None:
    engine, follower = database_engine, Follower(database_engine)
    if not locks:
        with engine.begin() as connection:
            connection.execute(text(WITHOUT_THE_LOCK))
    with ThreadPoolExecutor(2) as pool:
        with held_up_at_commit(engine):
            first = pool.submit(commit_with, engine, 1)
            until(engine, 1)
            second = pool.submit(commit_with, engine, 2)
            until(engine, 2, second)
            meanwhile = list(follower.look())
        first.result(), second.result()

    assert (meanwhile, follower.look()) == followed


# --- at random


@given(commits=st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["note", "commit", "roll back"])), max_size=40))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@TWO_WRITERS
def test_whatever_the_order_of_rows_and_commits_all_that_is_committed_is_followed(
    database_engine: Engine, commits: list[tuple[int, str]]
) -> None:
    with database_engine.begin() as connection:
        connection.execute(text("TRUNCATE changes"))
    follower, committed = Follower(database_engine), list[int]()
    with ExitStack() as stack:
        writers = [stack.enter_context(Session(database_engine)) for _ in range(4)]
        noted: list[list[int]] = [[] for _ in writers]
        for subject, (writer, step) in enumerate(commits):
            if step == "note":
                note(writers[writer], subject)
                noted[writer].append(subject)
            elif step == "commit":
                writers[writer].commit()
                committed += noted[writer]
                noted[writer] = []
            else:
                writers[writer].rollback()
                noted[writer] = []
            assert follower.look() == committed


def _busy_moderator(url: str, folder: Path, seed: int, ids: list[int], others: list[int]) -> None:
    """Take whatever step comes to mind on whatever story, and do what the website does after each commit."""
    chance, index = random.Random(seed), engines.open(folder / "index")
    with connected(url) as engine:
        for _ in range(15):
            with database.writing(), Session(engine) as session:
                story = session.get_one(Story, chance.choice(ids))
                moderators = [session.get_one(Person, number) for number in others]
                try:
                    step = _chosen(story, chance, chance.choice(moderators))
                    time.sleep(chance.random() * 0.02)
                    step()
                    time.sleep(chance.random() * 0.02)
                    session.commit()
                except Refused:
                    session.rollback()
                except DBAPIError as error:
                    session.rollback()
                    if not database.is_unavailable(error):
                        raise
            with Session(engine) as session:
                sync.catch_up(session, index)


def _chosen(story: Story, chance: random.Random, moderator: Person) -> Callable[[], object]:
    """A step that is open now, and perhaps no longer when it is taken."""
    seen, title = story.newest_revision.id, f"{chance.random()}"
    steps: dict[Verb, Callable[[], object]] = {
        Verb.ARCHIVE: lambda: editorial.archive(story, by=moderator, at=NOW, note="Why."),
        Verb.RESTORE: lambda: editorial.restore(story, by=moderator, at=NOW),
        Verb.UNPUBLISH: lambda: editorial.unpublish(story, by=moderator, at=NOW, note="Why."),
        Verb.CORRECT: lambda: editorial.correct(
            story, make.words(title=title), by=moderator, at=NOW, revision_id=seen, note="Why."
        ),
        Verb.CONFIRM: lambda: editorial.confirm(story, by=story.submitter, at=NOW, revision_id=seen),
        Verb.PUBLISH: lambda: editorial.publish(story, by=moderator, at=NOW),
    }
    verbs = sorted((actors.open_to(story, moderator) | actors.open_to(story, story.submitter)) & steps.keys())
    if not verbs or chance.random() < 0.04:
        return lambda: editorial.withdraw(story, editorial.Scope.HIDE, by=story.submitter, at=NOW)
    return steps[chance.choice(verbs)]


@pytest.mark.parametrize("seed", range(2))
def test_the_index_equals_the_database_after_many_moderators_at_once(
    session: Session, database_url: str, tmp_path: Path, seed: int
) -> None:
    stories = [make.published(session, title=f"Story {number}") for number in range(3)]
    stories += [make.published(session, original=stories[0], language="km")]
    moderators = [make.person(session, Role.MODERATOR).id for _ in range(3)]
    ids = [story.id for story in stories]
    session.commit()

    threads = [
        threading.Thread(target=_busy_moderator, args=(database_url, tmp_path, 100 * seed + number, ids, moderators))
        for number in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    index = engines.open(tmp_path / "index")
    assert sync.catch_up(session, index, wait=30).up_to_date
    assert sync.check(session, index) == []
    public = session.scalars(select(Story.id).where(IS_PUBLIC))
    assert sorted(dict(index.keys())) == sorted(f"story:{number}" for number in public)
    assert [_broken_links(story) for story in session.scalars(select(Story))] == [[]] * len(ids)


def _broken_links(story: Story) -> list[Transition]:
    """Steps that did not begin where the one before had ended: taken from a state that had passed."""
    stood: dict[int | None, str] = {}
    broken = []
    for step in story.transitions:
        if stood.get(step.submission_id, step.start) != step.start:
            broken.append(step)
        stood[step.submission_id] = step.end
    return broken
