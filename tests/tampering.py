"""Changes the database behind the site's back, as somebody could who has its file or its password."""

from __future__ import annotations

from typing import Any

from databases import on_postgres
from sqlalchemy import text
from sqlalchemy.orm import Session

LOCKED = ("events", "transitions", "consent_events")


def tamper(session: Session, *statements: str, **values: Any) -> None:
    """Execute statements with every lock of the database taken away, and commit."""
    session.commit()
    with session.get_bind().connect() as connection:
        _unlock(connection)
        for statement in statements:
            connection.execute(text(statement), values)
        connection.commit()
    session.expire_all()


def _unlock(connection: Any) -> None:
    if on_postgres():
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        return
    connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")  # no use inside a transaction
    for table in LOCKED:
        for what in ("update", "delete", "replace", "removal"):
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_no_{what}")
