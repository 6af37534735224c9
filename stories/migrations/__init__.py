"""Brings a database to the present schema; the schema belongs to the domain, whoever asks for it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, MetaData, inspect, text

from stories import database
from stories.database import Lock

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent


def _config(connection: Connection | None = None, metadata: MetaData | None = None) -> Config:
    from alembic.config import Config  # noqa: PLC0415 - 8 MB and 0.2 s that only who migrates has to pay

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes |= {"connection": connection, "metadata": metadata}
    return config


def upgrade(engine: Engine, metadata: MetaData) -> None:
    """Take every step that this database has not seen; whoever else does so at the same moment waits."""
    if is_current(engine):
        return
    from alembic import command  # noqa: PLC0415 - as above

    with database.writing(), engine.begin() as connection:
        database.take_turn(connection, Lock.SCHEMA)
        command.upgrade(_config(connection, metadata), "head")


def draft(engine: Engine, metadata: MetaData, message: str) -> None:
    """Write a new migration from what differs between `metadata` and the database (for developers)."""
    from alembic import command  # noqa: PLC0415 - as above

    with engine.begin() as connection:
        command.revision(_config(connection, metadata), message, autogenerate=True)


def is_current(engine: Engine) -> bool:
    """Whether the database has seen every step."""
    with database.reading(), engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        return set(connection.scalars(text("SELECT version_num FROM alembic_version"))) == {newest()}


@cache
def newest() -> str:
    """The last step: files begin with the numbers of theirs, which are in one row."""
    return max(path.stem.partition("_")[0] for path in (FOLDER / "versions").glob("[0-9]*.py"))
