"""How the domain wants its database, SQLite or PostgreSQL: honest locks, and errors that say what they mean.

On SQLite (a journal others can read beside, real foreign keys) a transaction begins by reading and takes the one write
lock with its first write: until then it keeps nobody waiting. On PostgreSQL writers run side by side. On both, whoever
changes a row locks it first, and sees what was done meanwhile. See docs/decisions/databases.md.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import Enum, IntEnum
from time import monotonic, sleep
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy
from sqlalchemy import Connection, Engine, Executable, event, func, select
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    InvalidRequestError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.orm import Session, object_session
from sqlalchemy.orm.exc import ObjectDeletedError, StaleDataError

BUSY_SECONDS = 10
CONNECT_SECONDS = 5
_PAUSE = 0.01  # seconds
NO_TIME = 0.001  # seconds; on PostgreSQL a lock_timeout of 0 would wait for ever
LOCKS = 7_301  # the first of two numbers of our advisory locks; the second is a `Lock`

_writing: ContextVar[bool] = ContextVar("writing", default=False)


class Lock(IntEnum):
    """What only one transaction does at a time, where no row can be locked for it."""

    CHANGES = 1  # numbering changes as they commit; taken by a trigger, see migration 0007
    CATALOGUE = 2  # looking whether a name is taken, and taking it
    PEOPLE = 3  # looking whether an address has an account, or who else is a steward
    SCHEMA = 4  # migrating
    EVENTS = 5  # numbering lines of the security log; taken as a transaction begins to commit, before CHANGES


@contextmanager
def writing() -> Iterator[None]:
    """Transactions begun inside take the write lock as they begin, on SQLite: for commands, which only write."""
    token = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(token)


@contextmanager
def reading() -> Iterator[None]:
    """Transactions begun inside take no write lock as they begin, though a block around this one says that they do.

    A second connection that asked for the lock which its own process holds would wait for itself.
    """
    token = _writing.set(False)
    try:
        yield
    finally:
        _writing.reset(token)


def options(url: str) -> dict[str, Any]:
    """What `create_engine` needs to know for the database at `url`."""
    if sqlalchemy.make_url(url).get_backend_name() == "sqlite":
        return {}
    # A connection that was lost since its last use is replaced, not handed out.
    return {"pool_pre_ping": True, "connect_args": {"connect_timeout": CONNECT_SECONDS}}


def connect(url: str) -> Engine:
    """An engine for the database at `url`, set up as above."""
    return prepare(sqlalchemy.create_engine(url, **options(url)))


def prepare(engine: Engine) -> Engine:
    """Set `engine` up as above."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_connect_sqlite)
        event.listen(engine, "begin", _on_begin_sqlite)
        event.listen(engine, "before_cursor_execute", _on_statement_sqlite)
        event.listen(engine, "savepoint", _on_savepoint_sqlite)
    else:
        event.listen(engine, "connect", _on_connect)
    return engine


def _on_connect_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy's own BEGIN comes from `_on_begin_sqlite`
    for pragma in (
        f"busy_timeout = {int(BUSY_SECONDS * 1000)}",
        "synchronous = FULL",  # an approval that was answered survives a power cut
        "foreign_keys = ON",
        "secure_delete = ON",  # words that a teller had deleted are overwritten in the file too
    ):
        connection.execute(f"PRAGMA {pragma}")
    _use_write_ahead_log(connection)


def _use_write_ahead_log(connection: Any) -> None:
    """Switch the file to WAL, which it stays. SQLite itself does not wait where two connections do so to a new file."""
    until = monotonic() + BUSY_SECONDS
    while not _is_switched(connection, is_last_try=monotonic() > until):
        sleep(_PAUSE)


def _is_switched(connection: Any, *, is_last_try: bool) -> bool:
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        if is_last_try or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True


class _Since(Enum):
    """Since when a transaction on SQLite has been the only one that writes."""

    BEGINNING = "beginning"  # all that it knows is as it was left by the writer before
    FIRST_WRITE = "first write"  # what it read before may have been changed in between


def _on_begin_sqlite(connection: Connection) -> None:
    connection.info["writes since"] = _Since.BEGINNING if _writing.get() else None
    connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")


_READS = re.compile(r"\s*(SELECT|WITH|PRAGMA|EXPLAIN|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b", re.IGNORECASE)


def _on_statement_sqlite(
    connection: Connection, _cursor: Any, statement: str, _values: Any, context: Any, *_: Any
) -> None:
    if not _READS.match(statement) or context.isinsert or context.isupdate or context.isdelete:
        _take_write_lock(connection)


def _on_savepoint_sqlite(connection: Connection, _name: str | None) -> None:
    _take_write_lock(connection)  # which cannot be taken inside one


def _take_write_lock(connection: Connection) -> None:
    """Be the only writer from now on; only a transaction that has not written yet can begin anew like this.

    SQLite would let it write at once or, where somebody else had written meanwhile, never (SQLITE_BUSY_SNAPSHOT).
    """
    if connection.info.get("writes since") is not None:
        return
    connection.exec_driver_sql("COMMIT")
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except DBAPIError:
        connection.exec_driver_sql("BEGIN")  # what follows is a transaction all the same
        raise
    connection.info["writes since"] = _Since.FIRST_WRITE


def _on_connect(connection: Any, _record: Any) -> None:
    _wait(connection, BUSY_SECONDS)


def _wait(connection: Any, seconds: float) -> None:
    """How long a connection waits for somebody else's lock. It must not stand in a transaction."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")
    else:
        connection.execute(f"SET lock_timeout = {int(seconds * 1000)}")
        connection.commit()


@contextmanager
def impatient(engine: Engine, seconds: float) -> Iterator[Session]:
    """One transaction that writes and waits hardly for anybody, committed at the end: for what nobody should wait for.

    Raises whatever the database says; nothing is written then.
    """
    with engine.connect() as connection, writing():
        own: Any = connection.connection.driver_connection
        _wait(own, seconds)
        try:
            with Session(connection) as session, session.begin():
                yield session
        finally:
            connection.rollback()
            if not connection.invalidated:
                _wait(own, BUSY_SECONDS)


def write_if_free(engine: Engine, statement: Executable) -> bool:
    """Execute `statement` in a transaction of its own; False where somebody else holds what it needs, or it fails.

    For what is good to have and never worth a wait: nobody hears of an error either.
    """
    try:
        with impatient(engine, NO_TIME) as session:
            session.execute(statement)
    except SQLAlchemyError:
        return False
    return True


# --- locks


def lock(row: object) -> bool:
    """Hold `row` until the transaction ends, and see it as it stands now: all that was loaded of it is read again.

    Whoever else locks it meanwhile waits, and then sees what was done. Rows that refer to it can still be added. On
    SQLite everything is held. False where nothing had to be read again. Raises ObjectDeletedError where it is gone.
    """
    session = session_of(row)
    if _writes_since_its_beginning(session):
        return False
    session.flush()
    state = sqlalchemy.inspect(row, raiseerr=True)
    if any(state.identity_key in keys for keys in _held(session)):
        return False
    if _has_one_writer(session):
        _take_write_lock(session.connection())
    else:
        _lock_row(session, state)
    try:
        session.refresh(row)  # a statement of its own: one that waits for a lock has looked at all else before
    except InvalidRequestError as gone:
        raise ObjectDeletedError(state) from gone
    _held(session)[0].add(state.identity_key)
    return True


def _lock_row(session: Session, state: Any) -> None:
    columns = state.mapper.primary_key
    by_key = (column == value for column, value in zip(columns, state.identity, strict=True))
    session.execute(select(*columns).where(*by_key).with_for_update(key_share=True))


def _writes_since_its_beginning(session: Session) -> bool:
    return session.connection().info.get("writes since") is _Since.BEGINNING


def _held(session: Session) -> list[set[Any]]:
    """The keys of rows that are held since each savepoint, the innermost first, and since the transaction began.

    A savepoint that is rolled back lets go of what was locked since.
    """
    known = session.info.setdefault("held", WeakKeyDictionary())
    transaction = session.get_nested_transaction() or session.get_transaction()
    held = []
    while transaction is not None:
        held.append(known.setdefault(transaction, set()))
        transaction = transaction.parent
    return held


def take_turn(session: Session | Connection, turn: Lock) -> None:
    """Be the only transaction that does this, until it ends."""
    if not _has_one_writer(session):
        session.execute(select(func.pg_advisory_xact_lock(LOCKS, turn.value)))
    else:
        _take_write_lock(session.connection() if isinstance(session, Session) else session)


def _has_one_writer(session: Session | Connection) -> bool:
    bind = session.get_bind() if isinstance(session, Session) else session
    return bind.dialect.name == "sqlite"


# --- what an error means


def is_unavailable(error: Exception) -> bool:
    """Whether `error` says nothing about what was asked: it may well work when it is tried again."""
    return is_busy(error) or is_out_of_reach(error)


def is_busy(error: Exception) -> bool:
    """Whether others held something for too long, or two waited for each other and one had to give way."""
    if isinstance(error, sqlalchemy.exc.TimeoutError):  # every connection of the pool is in use
        return True
    return _state(error) in {*_SQLITE_BUSY, *_BUSY}


def is_out_of_reach(error: Exception) -> bool:
    """Whether there is no connection to the database, or none any more."""
    if not isinstance(error, DBAPIError):
        return False
    state = _state(error)
    if state is None:  # psycopg itself, before a server has said anything or after it is gone
        return error.connection_invalidated or isinstance(error, OperationalError)
    return error.connection_invalidated or state in _SQLITE_OUT_OF_REACH or state in _OUT_OF_REACH


def _state(error: Exception) -> int | str | None:
    """What the database calls the error: SQLite's primary result code, or the SQLSTATE of the standard."""
    original = error.orig if isinstance(error, DBAPIError) else None
    if isinstance(original, sqlite3.Error):
        return getattr(original, "sqlite_errorcode", 0) & 0xFF
    state: str | None = getattr(original, "sqlstate", None)
    return state


_SQLITE_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_SQLITE_OUT_OF_REACH = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR)
_BUSY = (
    "40001",  # serialization_failure
    "40P01",  # deadlock_detected
    "53300",  # too_many_connections
    "55P03",  # lock_not_available
    "57014",  # query_canceled
)
_OUT_OF_REACH = (
    "57P01", "57P02", "57P03",  # the server stops, has crashed, or is not ready yet
    "08000", "08001", "08003", "08004", "08006",  # the connection
)  # fmt: skip


def is_conflict(error: Exception) -> bool:
    """Whether `error` says that somebody else was faster: took what must be unique, or removed what was referred to."""
    if isinstance(error, StaleDataError | ObjectDeletedError):
        return True
    if not isinstance(error, IntegrityError):
        return False
    if isinstance(error.orig, sqlite3.Error):
        return error.orig.sqlite_errorcode in _SQLITE_CONFLICTS
    return getattr(error.orig, "sqlstate", None) in {"23503", "23505"}  # foreign_key_violation, unique_violation


_SQLITE_CONFLICTS = frozenset({
    sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY,
})  # fmt: skip


def is_unstorable(error: Exception) -> bool:
    """Whether `error` says that a database cannot hold a value: a NUL in a text, half a character, a vast number."""
    return isinstance(error, DataError | UnicodeEncodeError | OverflowError)


def session_of(row: object) -> Session:
    """The session that a row lives in; raises ValueError for one that lives in none."""
    session = object_session(row)
    if session is None:
        raise ValueError("the row belongs to no session")
    return session
