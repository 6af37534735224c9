"""Lets several people act at the same moment, each in a transaction of their own that the others cannot see into."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from time import sleep
from typing import Any

import sqlalchemy
from databases import connected, on_postgres
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from stories import database
from stories.errors import Refused

Act = Callable[[Session], Callable[[], Any]]
"""Looks at things in its own session, and returns what to do about them."""


def at_once(url: str, *acts: Act) -> list[Any]:
    """What came of each act: what it returned, or why it was refused.

    All of them look before any of them does something.
    """
    together = Barrier(len(acts))

    def take(act: Act) -> Any:
        with Session(engine) as session:
            try:
                do = act(session)
                together.wait(timeout=60)
                came = do()
                sleep(0.1)  # the others go on meanwhile, as far as they can
                session.commit()
            except (Refused, SQLAlchemyError) as error:
                return error
            return came

    with connected(url) as engine, ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(take, acts))


def refusals(came: list[Any]) -> list[Any]:
    """Those that were refused."""
    return [error for error in came if isinstance(error, Exception)]


@contextmanager
def writer(url: str) -> Iterator[None]:
    """Somebody else writes all through the block and does not come to an end; everybody can read meanwhile."""
    with database.writing(), connected(url) as engine, engine.connect() as connection:
        if on_postgres():
            tables = ", ".join(sqlalchemy.inspect(connection).get_table_names())
            connection.execute(sqlalchemy.text(f"LOCK TABLE {tables} IN EXCLUSIVE MODE"))
        else:
            connection.begin()
        yield
