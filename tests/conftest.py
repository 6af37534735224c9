"""What every test stands on: a real database in a folder of its own, people of every role, and a clock."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from databases import Databases, connected, on_postgres, opened
from hypothesis import settings
from sqlalchemy.orm import Session

DATA = Path(__file__).parent.parent.parent / "shared" / "data"
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

# Continuous integration tries the same examples each time; whoever works on the code tries new ones.
settings.register_profile("house", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("house")


@pytest.fixture(scope="session")
def databases(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Where each test gets its database from."""
    with opened(worker_id, tmp_path_factory.mktemp("databases")) as databases:
        yield databases


@pytest.fixture
def database_url(databases: Databases, tmp_path: Path) -> Iterator[str]:
    """An empty, migrated database, for this test alone."""
    with databases.migrated(tmp_path) as url:
        yield url


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    with connected(database_url) as engine, Session(engine) as session:
        yield session


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Pass over what is about the other database; everything else runs on both."""
    for item in items:
        if (only := item.get_closest_marker("sqlite")) and on_postgres():
            item.add_marker(pytest.mark.skip(reason=f"only SQLite: {only.args[0]}"))
        if (only := item.get_closest_marker("postgresql")) and not on_postgres():
            item.add_marker(pytest.mark.skip(reason=f"only PostgreSQL (bin/test --postgres): {only.args[0]}"))


@pytest.fixture
def now() -> datetime:
    return NOW


def shared(*parts: str) -> Path:
    """A file of the shared test data; the test is skipped where there is none."""
    path = DATA.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"no shared test data here: {path} is absent")
    return path
