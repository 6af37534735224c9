"""Queries as people type them, in nine languages: each must bring its story first, among the stories of all nine."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import Databases, connected
from sqlalchemy.orm import Session

from index import engines, sync
from index.engines.base import Engine
from index.search import SearchRequest, search
from tests import factories

GOLDEN = Path(__file__).parent / "golden"
LANGUAGES = sorted(path.stem for path in GOLDEN.glob("*.toml"))
Site = tuple[Session, Engine]


def golden(language: str) -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((GOLDEN / f"{language}.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def site(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("golden")
    with databases.migrated(folder) as url, connected(url) as database, Session(database) as session:
        for language in LANGUAGES:
            for title, text in golden(language)["stories"].values():
                factories.published(session, title=title, typed=text, language=language)
        session.commit()
        engine = engines.open(folder / "index")
        sync.catch_up(session, engine)
        yield session, engine


def first_title(site: Site, words: str) -> str | None:
    """The title of the first result; where nothing was found, of what the page then offers as the right spelling."""
    session, engine = site
    results = search(session, engine, SearchRequest(words))
    if not results.hits and results.did_you_mean:
        results = search(session, engine, SearchRequest(results.did_you_mean))
    return results.hits[0].title if results.hits else None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_query_brings_its_story_first(site: Site, language: str) -> None:
    known = golden(language)
    expected = {words: known["stories"][name][0] for words, name in known["queries"].items()}  # type: ignore[index]
    assert {words: first_title(site, words) for words in expected} == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_twenty_queries_or_more_in(language: str) -> None:
    assert len(golden(language)["queries"]) >= 20
