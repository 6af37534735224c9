"""`flask index`: the searchable copy, caught up, rebuilt, compared and purged by hand."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from index import sync
from index.engines.base import CorruptIndex, LockedIndex
from solidarity.search_engine import engine
from solidarity.web import security_log
from solidarity.web.db import db, writing
from stories import queries
from stories.models import EventKind
from stories.processes import Processes

group = AppGroup("index", help="The searchable copy of what is public.")


@group.command("catch-up")
def catch_up() -> None:
    """Take along what changed in the database since the last time."""
    with Processes() as processes:
        result = sync.catch_up(db.session, engine(), wait=60.0, processes=processes)
    if not result.up_to_date:
        raise click.ClickException("Another process is writing the index; try again in a moment.")
    click.echo("The index is caught up.")


@group.command("rebuild")
def rebuild() -> None:
    """Make the index anew; searches are answered from the old one until the new one is complete."""
    try:
        with click.progressbar(length=queries.public_count(db.session), label="index") as bar:
            sync.rebuild(db.session, engine(), progress=bar.update)
    except LockedIndex as error:
        raise click.ClickException("The index is being rebuilt already.") from error
    click.echo("The index is new.")


@group.command("check")
@click.option("--deep", is_flag=True, help="Analyse every text anew and compare each term; takes as long as a rebuild.")
def check(deep: bool) -> None:
    """Compare index and database and name each difference; exit code 1 where there is one."""
    count = 0
    try:
        for count, difference in enumerate(sync.differences(db.session, engine(), deep=deep), 1):  # noqa: B007
            click.echo(f"{difference.key} is {difference.kind}")
    except CorruptIndex as error:
        raise click.ClickException(f"The index is damaged ({error}); `flask index rebuild` mends it.") from error
    if count:
        raise click.ClickException(f"{count} differences; `flask index rebuild` mends them.")
    click.echo("Index and database agree.")


@group.command("purge")
def purge() -> None:
    """Rewrite the index files so that no word of what was withdrawn is left in them."""
    try:
        sync.purge(engine())
    except (LockedIndex, CorruptIndex) as error:
        raise click.ClickException(f"The index cannot be purged now: {error}.") from error
    with writing():
        security_log.write(EventKind.INDEX_PURGED)
    click.echo("No withdrawn word is left in the index.")
