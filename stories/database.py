"""How the domain wants its database: SQLite with a journal others can read beside, real foreign keys, honest locks.

On SQLite a transaction that will write begins with BEGIN IMMEDIATE: one that reads first and writes later would fail at
once beside another writer, whatever the busy timeout. `writing()` says that what follows will write.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, object_session

BUSY_SECONDS = 10

_writing: ContextVar[bool] = ContextVar("writing", default=False)


@contextmanager
def writing() -> Iterator[None]:
    """Transactions begun inside take the write lock as they begin."""
    token = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(token)


def prepare(engine: Engine) -> Engine:
    """Set `engine` up as above; other databases than SQLite are left as they are."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy's own BEGIN comes from `_on_begin`
    for pragma in (
        f"busy_timeout = {BUSY_SECONDS * 1000}",
        "journal_mode = WAL",
        "synchronous = FULL",  # an approval that was answered survives a power cut
        "foreign_keys = ON",
        "secure_delete = ON",  # words that a teller had deleted are overwritten in the file too
    ):
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")


def is_busy(error: OperationalError) -> bool:
    """Whether `error` only says that another writer held the database for too long."""
    return "database is locked" in str(error.orig) or "database is busy" in str(error.orig)


def session_of(row: object) -> Session:
    """The session that a row lives in; raises ValueError for one that lives in none."""
    session = object_session(row)
    if session is None:
        raise ValueError("the row belongs to no session")
    return session
