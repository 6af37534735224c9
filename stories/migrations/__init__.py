"""Brings a database to the present schema; the schema belongs to the domain, whoever asks for it."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData

from stories import database
from stories.database import Lock


def _config(connection: Connection | None = None, metadata: MetaData | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes |= {"connection": connection, "metadata": metadata}
    return config


def upgrade(engine: Engine, metadata: MetaData) -> None:
    """Take every step that this database has not seen; whoever else does so at the same moment waits."""
    with database.writing(), engine.begin() as connection:
        database.take_turn(connection, Lock.SCHEMA)
        command.upgrade(_config(connection, metadata), "head")


def draft(engine: Engine, metadata: MetaData, message: str) -> None:
    """Write a new migration from what differs between `metadata` and the database (for developers)."""
    with engine.begin() as connection:
        command.revision(_config(connection, metadata), message, autogenerate=True)


def is_current(engine: Engine) -> bool:
    """Whether the database has seen every step."""
    heads = set(ScriptDirectory.from_config(_config()).get_heads())
    with database.reading(), engine.connect() as connection:
        return set(MigrationContext.configure(connection).get_current_heads()) == heads
