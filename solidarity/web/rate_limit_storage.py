"""Counts for rate limits in a file beside the database: all workers share them, and a restart forgets none.

Nothing of a day outlasts it. Where the file cannot be used (a full disk, a lock that is held), the counts of this
process stand in, so that limits go on and keep nobody out.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import time
from typing import Any, TypeVar
from urllib.parse import urlsplit

from limits.storage import MemoryStorage, Storage

Result = TypeVar("Result")

DAY = 86_400  # seconds
BUSY = 1.0  # seconds to wait for another process
log = logging.getLogger(__name__)


def today() -> int:
    """The number of this day, in UTC."""
    return int(time() // DAY)


class FileStorage(Storage):
    """What Flask-Limiter counts, for `RATELIMIT_URL=file:/…`: a table of keys, counts and when they end."""

    STORAGE_SCHEME = ["file"]  # noqa: RUF012 - as the library has it

    def __init__(self, uri: str, wrap_exceptions: bool = False, **_options: Any) -> None:
        super().__init__(uri, wrap_exceptions)
        self._path = Path(urlsplit(uri).path)
        self._memory = MemoryStorage()
        self._trouble = ""

    @property
    def base_exceptions(self) -> type[Exception]:
        """What the library may wrap."""
        return sqlite3.Error

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count `amount` under `key` for `expiry` seconds from the first; returns the count."""
        return self._or_in_memory(
            lambda: self._incr(key, expiry, amount), lambda memory: memory.incr(key, expiry, amount)
        )

    def _incr(self, key: str, expiry: int, amount: int) -> int:
        now = time()
        with self._changing() as connection:
            connection.execute("DELETE FROM counts WHERE expires <= ? OR day <> ?", (now, today()))
            row = connection.execute("SELECT hits FROM counts WHERE key = ?", (key,)).fetchone()
            hits = int(row[0] if row else 0) + amount
            connection.execute(
                "INSERT INTO counts (key, day, hits, expires) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (key) DO UPDATE SET hits = excluded.hits",
                (key, today(), hits, now + expiry),
            )
        return hits

    def get(self, key: str) -> int:
        """The count under `key`."""
        return self._or_in_memory(lambda: int(self._found("hits", key) or 0), lambda memory: memory.get(key))

    def get_expiry(self, key: str) -> float:
        """When the count under `key` ends; this moment where there is none."""
        return self._or_in_memory(
            lambda: float(self._found("expires", key) or time()), lambda memory: float(memory.get_expiry(key))
        )

    def _found(self, column: str, key: str) -> float | None:
        query = f"SELECT {column} FROM counts WHERE key = ? AND day = ? AND expires > ?"  # noqa: S608 - our own names
        with self._open() as connection:
            row = connection.execute(query, (key, today(), time())).fetchone()
        return row[0] if row else None

    def forget(self) -> None:
        """Erase what is of another day."""
        self._or_in_memory(self._forget, lambda _memory: None)

    def _forget(self) -> None:
        if self._path.exists():
            with self._open() as connection:
                connection.execute("DELETE FROM counts WHERE day <> ?", (today(),))

    def check(self) -> bool:
        """Limits can always be counted, here or in memory."""
        return True

    def reset(self) -> int | None:
        """Forget everything; returns how many counts there were."""
        self._memory.reset()
        return self._or_in_memory(lambda: self._deleted("TRUE", ()), lambda memory: memory.reset())

    def clear(self, key: str) -> None:
        """Forget what is under `key`."""
        self._memory.clear(key)
        self._or_in_memory(lambda: self._deleted("key = ?", (key,)), lambda _memory: 0)

    def _deleted(self, which: str, values: tuple[str, ...]) -> int:
        with self._open() as connection:
            return connection.execute(f"DELETE FROM counts WHERE {which}", values).rowcount  # noqa: S608 - our own words

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=BUSY, isolation_level=None)) as connection:
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("PRAGMA synchronous = OFF")  # a power cut may forget some counts
            connection.execute(
                "CREATE TABLE IF NOT EXISTS counts"
                " (key TEXT PRIMARY KEY, day INTEGER NOT NULL, hits INTEGER NOT NULL, expires REAL NOT NULL)"
            )
            yield connection

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")

    def _or_in_memory(self, do: Callable[[], Result], instead: Callable[[MemoryStorage], Result]) -> Result:
        try:
            result = do()
        except sqlite3.Error as error:
            self._tell(str(error))
            return instead(self._memory)
        self._tell("")
        return result

    def _tell(self, trouble: str) -> None:
        """Log trouble once, not with every request."""
        if trouble and trouble != self._trouble:
            log.warning("rate limits are counted in memory: %s", trouble)
        self._trouble = trouble
