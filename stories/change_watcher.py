"""Asks which change is the newest, over a connection of its own: cheaply enough to be asked before every answer.

Whichever process committed a change, whoever asks afterwards is told of it. See docs/decisions/databases.md.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from stories import database

_NEWEST = "SELECT max(position) FROM changes"
_SECONDS = 2  # after which a server is taken to be out of reach


class ChangeWatcher:
    """For one thread at a time. The connection is made on first need, and anew after an error."""

    def __init__(self, url: str) -> None:
        self._engine = database.connect(url)
        self._errors = (self._engine.dialect.loaded_dbapi.Error, SQLAlchemyError)
        self._connection: Any = None
        self._cursor: Any = None

    @property
    def may_wait(self) -> bool:
        """Whether the answer comes over a network, so that no event loop should wait for it."""
        return self._engine.dialect.name != "sqlite"

    def newest(self) -> int | None:
        """The position of the last change that was committed, 0 before the first; None where it cannot be had."""
        try:
            rows = (self._cursor or self._connect()).execute(_NEWEST).fetchall()
        except self._errors:
            self.close()
            return None
        return rows[0][0] or 0

    def _connect(self) -> Any:
        self._connection = self._engine.raw_connection()
        driver = self._connection.driver_connection
        if self.may_wait:
            driver.autocommit, driver.prepare_threshold = True, 0
            driver.execute(f"SET statement_timeout = '{_SECONDS}s'")
        else:
            driver.execute("PRAGMA query_only = ON")
            driver.execute("PRAGMA busy_timeout = 0")
        self._cursor = driver.cursor()
        return self._cursor

    def close(self) -> None:
        """Let go of the connection."""
        connection, self._connection, self._cursor = self._connection, None, None
        if connection is not None:
            connection.invalidate()  # closes it, and gives none back that is set up for this use
