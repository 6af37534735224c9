"""The migrations make the very tables that the models describe."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, MetaData
from sqlalchemy.orm import Session

import solidarity.accounts.models
import solidarity.letters.outbox  # noqa: F401 - both join the metadata
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


def _something(column: Column[Any]) -> Any:
    """A value that fits; every number is 1, so that every row refers to another."""
    values = {int: 1, bool: False, bytes: b"", dict: {}}
    return values.get(column.type.python_type, NOW if "date" in column.type.python_type.__name__ else "1")
