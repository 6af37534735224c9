"""Gives each test a database of its own: a copy of a migrated one, which is faster than migrating for every test.

SQLite files, or databases of the PostgreSQL server that `bin/test --postgres` has started.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy
from postgres import SERVER
from sqlalchemy import Engine, make_url

from stories import database, migrations
from stories.models import Base


class Databases(Protocol):
    """Where databases come from. Each is gone when its block ends."""

    def migrated(self, folder: Path, /) -> Any:
        """A block with the URL of an empty database of the present schema; a file lies in `folder`."""

    def blank(self, folder: Path, /) -> Any:
        """The same without any table."""


def on_postgres() -> bool:
    """Whether this run is one on PostgreSQL."""
    return SERVER in os.environ


@contextmanager
def opened(worker: str, folder: Path) -> Iterator[Databases]:
    """The databases of one process of tests, which is told apart from others by the name `worker`."""
    if not on_postgres():
        yield Files(folder)
        return
    server = Server(os.environ[SERVER], worker)
    try:
        yield server
    finally:
        server.close()


@contextmanager
def connected(url: str) -> Iterator[Engine]:
    """An engine as the site would open it, closed at the end."""
    engine = database.connect(url)
    try:
        yield engine
    finally:
        engine.dispose()


class Files:
    """SQLite: `stories.sqlite` in a folder of the test, as a site has it in its instance."""

    def __init__(self, folder: Path) -> None:
        template = folder / "template.sqlite"
        with connected(f"sqlite:///{template}") as engine:
            migrations.upgrade(engine, Base.metadata)
            with engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        self._template = template.read_bytes()

    @contextmanager
    def migrated(self, folder: Path) -> Iterator[str]:
        with self.blank(folder) as url:
            (folder / "stories.sqlite").write_bytes(self._template)
            yield url

    @contextmanager
    def blank(self, folder: Path) -> Iterator[str]:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield f"sqlite:///{folder / 'stories.sqlite'}"


class Server:
    """PostgreSQL: databases of one server, made from a template of this process."""

    def __init__(self, url: str, worker: str) -> None:
        self._url = make_url(url)
        self._worker = worker
        self._numbers = itertools.count(1)
        self._admin = sqlalchemy.create_engine(self._url, isolation_level="AUTOCOMMIT", pool_size=1)
        self._template = self._create(f"template_{worker}", "template0")
        with connected(self._at(self._template)) as engine:
            migrations.upgrade(engine, Base.metadata)

    @contextmanager
    def migrated(self, _folder: Path) -> Iterator[str]:
        with self._copy(self._template) as url:
            yield url

    @contextmanager
    def blank(self, _folder: Path) -> Iterator[str]:
        with self._copy("template0") as url:
            yield url

    def close(self) -> None:
        self._drop(self._template)
        self._admin.dispose()

    @contextmanager
    def _copy(self, template: str) -> Iterator[str]:
        name = self._create(f"test_{self._worker}_{next(self._numbers)}", template)
        try:
            yield self._at(name)
        finally:
            self._drop(name)

    def _create(self, name: str, template: str) -> str:
        self._do(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def _drop(self, name: str) -> None:
        self._do(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _do(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.exec_driver_sql(statement)

    def _at(self, name: str) -> str:
        return self._url.set(database=name).render_as_string(hide_password=False)
