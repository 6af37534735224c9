"""The migrations make the very tables that the models describe."""

from __future__ import annotations

from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import sqlalchemy
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, MetaData
from sqlalchemy.orm import Session

import solidarity.accounts.models  # noqa: F401 - joins the metadata, as letters do
from solidarity.letters.models import PATIENCE, Letter
from stories import database, migrations
from stories.models import Base
from tests.factories import NOW


def test_migrations_and_models_agree(session: Session) -> None:
    context = MigrationContext.configure(session.connection())

    assert compare_metadata(context, Base.metadata) == []


def test_a_migrated_database_is_current(session: Session) -> None:
    assert migrations.is_current(session.get_bind())


def test_a_site_with_a_row_in_every_table_is_brought_up_to_date(tmp_path: Path) -> None:
    engine = database.prepare(sqlalchemy.create_engine(f"sqlite:///{tmp_path / 'stories.sqlite'}"))
    with engine.begin() as connection:
        command.upgrade(migrations._config(connection, Base.metadata), "0001")
    first = MetaData()
    first.reflect(engine)
    tables = [table for table in first.tables.values() if table.name != "alembic_version"]
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        for table in tables:
            connection.execute(table.insert().values({column.name: _something(column) for column in table.columns}))

    migrations.upgrade(engine, Base.metadata)

    with engine.begin() as connection:
        kept = {
            table.name: connection.scalar(sqlalchemy.select(sqlalchemy.func.count()).select_from(table))
            for table in tables
        }
    assert kept == {table.name: 1 for table in tables}
    engine.dispose()


def test_a_letter_that_waited_while_the_site_was_updated_still_goes_out(tmp_path: Path) -> None:
    engine = database.prepare(sqlalchemy.create_engine(f"sqlite:///{tmp_path / 'stories.sqlite'}"))
    letter = "To: Zeynəb <ana@example.org>\r\nSubject: آپ کی کہانی\r\n\r\nسلام\r\n".encode()
    with engine.begin() as connection:
        command.upgrade(migrations._config(connection, Base.metadata), "0004")
        connection.execute(
            sqlalchemy.text("INSERT INTO letters (text, written_at, due_at, tries) VALUES (:text, :at, :at, 1)"),
            {"text": letter, "at": "2026-11-22 09:00:00.000000"},
        )

    migrations.upgrade(engine, Base.metadata)

    with Session(engine) as session:
        [kept] = session.scalars(sqlalchemy.select(Letter))
        assert (kept.kind, kept.address, kept.tries, kept.send_until) == ("other", "ana@example.org", 1, NOW + PATIENCE)
        head, _, body = (kept.message or b"").partition(b"\r\n\r\n")
        assert (head.isascii(), body.decode()) == (True, "سلام\r\n")
        assert message_from_bytes(kept.message or b"", policy=policy.default)["Subject"] == "آپ کی کہانی"
    engine.dispose()


def _something(column: Column[Any]) -> Any:
    """A value that fits; every number is 1, so that every row refers to another."""
    values = {int: 1, bool: False, bytes: b"", dict: {}}
    return values.get(column.type.python_type, NOW if "date" in column.type.python_type.__name__ else "1")
