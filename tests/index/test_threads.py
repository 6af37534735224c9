"""Eight threads that analyse, search and catch up at once leave the index, and give the answers, that one would."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import factories as make
import pytest
from databases import connected
from nine_languages import TEXTS
from sqlalchemy.orm import Session

from index import engines, sync
from index.analysis import analyzer
from index.analysis.cache import clear_caches
from index.engines.base import Engine
from index.search import SearchRequest, search
from stories.models import Role

ROUNDS = 3
QUERIES = [
    "listening",
    "organiser",
    "kahani",
    "이야기",
    "故事 码头",
    "nagtuturo",
    "người kể",
    "लड़की",
    "ゐ",
    "hurricaine",
]


@pytest.fixture
def hasty() -> Iterator[None]:
    """Threads that take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def answers(session: Session, engine: Engine) -> list[tuple[object, ...]]:
    found = (search(session, engine, SearchRequest(words)) for words in QUERIES)
    return [(result.total, [(hit.subject_id, hit.excerpt) for hit in result.hits]) for result in found]


def terms() -> dict[str, list[analyzer.Token]]:
    clear_caches()  # else the words are remembered, and nothing is analysed
    return {language: list(analyzer.tokens(text, language)) for language, text in TEXTS.items()}


def test_eight_threads_leave_the_index_that_one_would(
    hasty: None, session: Session, database_url: str, tmp_path: Path
) -> None:
    shared, alone = engines.open(tmp_path / "shared"), engines.open(tmp_path / "alone")
    by, moderator = make.person(session, Role.LEADER), make.person(session, Role.MODERATOR)
    session.commit()
    cut, done = terms(), Event()

    def reader() -> list[str]:
        """Everything at once, over and over; returns what went wrong."""
        wrong = []
        with connected(database_url) as database, Session(database) as own:
            while not done.is_set():
                if terms() != cut:
                    wrong.append("other terms")
                sync.catch_up(own, shared, wait=30)
                answers(own, shared)
                own.rollback()
        return wrong

    with ThreadPoolExecutor(8) as pool:
        readers = [pool.submit(reader) for _ in range(8)]
        try:
            for _ in range(ROUNDS):
                for language, text in TEXTS.items():
                    make.published(session, by=by, moderator=moderator, language=language, title=text[:24], typed=text)
                session.commit()
        finally:
            done.set()
        assert [each.result() for each in readers] == [[]] * 8

    sync.catch_up(session, shared, wait=30)
    sync.catch_up(session, alone)
    keys = list(dict(alone.keys()))
    assert len(keys) == ROUNDS * len(TEXTS)
    assert shared.term_digests(keys) == alone.term_digests(keys)
    assert answers(session, shared) == answers(session, alone)
