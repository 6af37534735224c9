"""What follows from the state of the site alone: worked out once for each state, and remembered in this process.

The state is the number of the last change to anything public (`stories.changes`). What is kept here is plain: no rows,
for a row belongs to the session that read it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar, cast

from flask import Flask, current_app, g

from solidarity.web.db import session
from stories import changes

Value = TypeVar("Value")

MOST = 1_000  # values of one state; addresses with a query have no end


class Memory:
    """Values of the newest state that was asked for."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._newest = -1
        self._values: dict[Hashable, Any] = {}

    def get(self, state: int, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value of `key` in a state; made and kept where there is none. One of an older state is not kept."""
        with self._lock:
            if state > self._newest:
                self._newest, self._values = state, {}
            values = self._values if state == self._newest else {}
            if key in values:
                return cast("Value", values[key])
        value = make()
        with self._lock:
            if len(values) < MOST:
                values[key] = value
        return value


def init_app(app: Flask) -> None:
    """Give a site a memory of its own."""
    app.extensions["remembered"] = Memory()


def state() -> int:
    """The state of the site that this request goes by: read once, before anything that follows from it."""
    if "site_state" not in g:
        g.site_state = changes.newest(session())
    return cast("int", g.site_state)


def remembered(key: Hashable, make: Callable[[], Value]) -> Value:
    """What `make` returns, which must follow from `key` and what is public, and hold no rows."""
    memory: Memory = current_app.extensions["remembered"]
    return memory.get(state(), key, make)
