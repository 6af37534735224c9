"""What every test stands on: a real database in a folder of its own, people of every role, and a clock."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy
from hypothesis import settings
from sqlalchemy.orm import Session

from stories import database, migrations
from stories.models import Base

DATA = Path(__file__).parent.parent.parent / "shared" / "data"
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

# Continuous integration tries the same examples each time; whoever works on the code tries new ones.
settings.register_profile("house", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("house")


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of an empty, migrated database: copying them is faster than migrating for every test."""
    path = tmp_path_factory.mktemp("migrated") / "stories.sqlite"
    engine = database.prepare(sqlalchemy.create_engine(f"sqlite:///{path}"))
    migrations.upgrade(engine, Base.metadata)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path.read_bytes()


@pytest.fixture
def session(migrated: bytes, tmp_path: Path) -> Iterator[Session]:
    path = tmp_path / "stories.sqlite"
    path.write_bytes(migrated)
    engine = database.prepare(sqlalchemy.create_engine(f"sqlite:///{path}"))
    with Session(engine) as session:
        yield session
    engine.dispose()


@pytest.fixture
def now() -> datetime:
    return NOW


def shared(*parts: str) -> Path:
    """A file of the shared test data; the test is skipped where there is none."""
    path = DATA.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"no shared test data here: {path} is absent")
    return path
