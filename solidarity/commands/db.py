"""`flask db`: bring the database to the present schema."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from solidarity.web.db import db
from stories import migrations
from stories.models import Base

group = AppGroup("db", help="The database's schema.")


@group.command("upgrade")
def upgrade() -> None:
    """Take every migration that this database has not seen."""
    migrations.upgrade(db.engine, Base.metadata)
    click.echo("The database is up to date.")


@group.command("draft", hidden=True)
@click.argument("message")
def draft(message: str) -> None:
    """Write a new migration from what changed in the models (for developers)."""
    migrations.draft(db.engine, Base.metadata, message)
