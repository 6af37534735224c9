"""kill -9 at random moments of a stream of approvals, corrections and withdrawals: nothing lost, nothing leaked."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import factories
import pytest
from databases import connected
from factories import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session

from index import engines, sync
from index.engines.base import Every, Search
from index.engines.whoosh.engine import REFRESH_INTERVAL, STREAM_REFRESH_INTERVAL
from stories import editorial
from stories.models import Person, Role, Story
from stories.queries import IS_PUBLIC
from stories.workflow import State


@contextmanager
def _opened(url: str) -> Iterator[Session]:
    with connected(url) as engine, Session(engine) as session:
        yield session


def _stream(folder: Path, url: str, seed: int) -> None:
    """Approve, correct and withdraw for ever, each followed by what the website does after its commit."""
    chance = random.Random(seed)
    engine = engines.open(folder / "index")
    with _opened(url) as session:
        while True:
            public = session.scalars(select(Story).where(IS_PUBLIC)).all()
            step = chance.choice((_approve, _approve, _correct, _withdraw)) if public else _approve
            step(session, chance.choice(public) if public else None)
            session.commit()
            sync.catch_up(session, engine)
            if chance.random() < 0.2:
                sync.purge(engine)


def _approve(session: Session, _: Story | None) -> None:
    factories.published(session, title=f"Story of {time.monotonic_ns()}")


def _correct(session: Session, story: Story | None) -> None:
    assert story is not None
    reviewer = factories.person(session, Role.MODERATOR)
    words = factories.words(title=f"Corrected {time.monotonic_ns()}")
    seen = story.newest_revision.id
    editorial.correct(story, words, by=reviewer, at=NOW, revision_id=seen, note="A name was wrong.")
    editorial.confirm(story, by=_teller(story), at=NOW, revision_id=story.newest_revision.id)
    if story.submission is not None and story.submission.state is State.APPROVED:
        editorial.publish(story, by=reviewer, at=NOW)


def _withdraw(_: Session, story: Story | None) -> None:
    assert story is not None
    editorial.withdraw(story, editorial.Scope.HIDE, by=_teller(story), at=NOW)


def _teller(story: Story) -> Person:
    return story.teller or story.submitter


def _public_keys(session: Session) -> set[str]:
    return {f"story:{story_id}" for story_id in session.scalars(select(Story.id).where(IS_PUBLIC))}


def _kill_again_and_again(folder: Path, url: str, kills: int) -> None:
    chance = random.Random(kills)
    watching = engines.open(folder / "index")  # had its searcher open all the while
    for number in range(kills):
        child = multiprocessing.get_context("fork").Process(target=_stream, args=(folder, url, number))
        child.start()
        time.sleep(0.05 + chance.random() * 0.5)
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        child.join()
        assert child.exitcode == -signal.SIGKILL, "the stream ended by itself"
        engine = engines.open(folder / "index")
        assert engine.problem() is None
        with _opened(url) as session:
            assert sync.catch_up(session, engine, wait=5).up_to_date
            assert sync.check(session, engine) == []
            time.sleep(STREAM_REFRESH_INTERVAL + REFRESH_INTERVAL)
            found = {hit.key for hit in watching.search(Search(Every(), limit=100_000)).hits}
            assert found == _public_keys(session)


def test_the_index_equals_the_database_after_ten_kills(tmp_path: Path, database_url: str) -> None:
    _kill_again_and_again(tmp_path, database_url, 10)


@pytest.mark.long
def test_the_index_equals_the_database_after_two_hundred_kills(tmp_path: Path, database_url: str) -> None:
    _kill_again_and_again(tmp_path, database_url, 200)
