"""`flask stories`: bring stories in from a file, and publish what is due."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import Session

from index import sync
from solidarity.accounts.models import Account
from solidarity.scheduled import publish_due
from solidarity.search_engine import engine
from solidarity.web.clock import now
from solidarity.web.db import db, writing
from stories import importing
from stories.importing import BadLine, Desk, Outcome
from stories.models import Person

BATCH = 25  # lines in one transaction: short, so that a running site is never kept waiting for long

group = AppGroup("stories", help="Stories, from outside and on time.")


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--submitter", metavar="EMAIL", help="In whose name the stories are submitted.")
@click.option("--moderator", metavar="EMAIL", help="In whose name they are approved.")
def import_stories(file: Path, submitter: str | None, moderator: str | None) -> None:
    """Bring in the stories of FILE, one JSON object a line; lines that are in already are passed over."""
    counts = dict.fromkeys(Outcome, 0)
    bad = 0
    with file.open("rb") as source, click.progressbar(length=file.stat().st_size, label=file.name) as bar:
        for batch in _batches(source):
            with writing() as session:
                desk = _desk(session, submitter, moderator)
                for number, line in batch:
                    try:
                        counts[importing.bring_in(session, line, desk, at=now())] += 1
                    except BadLine as problem:
                        bad += 1
                        click.echo(f"\nline {number} was skipped: {problem}", err=True)
            db.session.expunge_all()
            bar.update(sum(len(line) for _, line in batch))
    click.echo(f"{counts[Outcome.ADDED]} added, {counts[Outcome.ALREADY_IN]} already in, {bad} skipped.")
    caught_up = sync.catch_up(db.session, engine(), wait=60.0)
    if not caught_up.up_to_date:
        click.echo("Another process is writing the index; it will take the new stories along.", err=True)
    if bad:
        raise SystemExit(1)


def _batches(source: BinaryIO) -> Iterator[list[tuple[int, bytes]]]:
    """The lines with their numbers, counted from 1, blank ones left out, some at a time."""
    numbered = ((number, line) for number, line in enumerate(source, start=1) if line.strip())
    while batch := list(islice(numbered, BATCH)):
        yield batch


def _desk(session: Session, submitter: str | None, moderator: str | None) -> Desk:
    own = importing.own_desk(session, at=now()) if not (submitter and moderator) else None
    desk = Desk(_person(submitter) if submitter else own.submitter, _person(moderator) if moderator else own.moderator)  # type: ignore[union-attr]
    if desk.submitter.id == desk.moderator.id:
        raise click.ClickException("The submitter and the moderator must be two people: nobody approves their own.")
    return desk


def _person(email: str) -> Person:
    account = db.session.scalar(select(Account).where(Account.email == email))
    if account is None:
        raise click.ClickException(f"There is no account for {email}.")
    return account.person


@group.command("publish-due")
def publish_due_stories() -> None:
    """Publish every approved story whose time has come."""
    click.echo(f"{publish_due()} published.")
