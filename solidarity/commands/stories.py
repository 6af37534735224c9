"""`flask stories`: bring stories in from a file, and publish what is due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import Session

from index import sync
from solidarity.accounts.models import Account
from solidarity.scheduled import publish_due
from solidarity.search_engine import engine
from solidarity.web import security_log
from solidarity.web.clock import now
from solidarity.web.db import db, writing
from stories import importing
from stories.importing import (
    BadLine,
    Brought,
    Columns,
    Desk,
    Format,
    HowToRead,
    Importer,
    Names,
    Outcome,
    Record,
    Report,
    UnreadableFile,
    Way,
    columns,
    rows,
)
from stories.models import EventKind, Person
from stories.processes import Processes

BATCH = 100  # records in one transaction, about a second: short, so that a running site is never kept waiting for long

group = AppGroup("stories", help="Stories, from outside and on time.")


class Pair(click.ParamType[Any]):
    """`LEFT=RIGHT`, where one side is the name of a field."""

    name = "pair"

    def __init__(self, field_side: int, allowed: frozenset[str]) -> None:
        self.field_side = field_side
        self.allowed = allowed

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """The two sides; a heading may hold `=` itself."""
        left, equals, right = value.rpartition("=") if self.field_side else value.partition("=")
        name = right if self.field_side else left
        if not equals or name not in self.allowed:
            self.fail(f"{value!r} names no field; the fields are {', '.join(sorted(self.allowed))}", param, ctx)
        return left, right


@dataclass
class Import:
    """One run of the command: what was asked for, and what came of it so far."""

    way: Way
    dry: bool
    columns: Columns
    names: Names
    people: dict[str, str | None]
    report: Report = field(default_factory=Report)
    seen: set[tuple[str, str]] = field(default_factory=set)  # of a dry run, which leaves nothing to find

    def batch(self, batch: list[Record]) -> None:
        """Bring some records in, in one transaction."""
        with writing() as session:
            desk = _desk(session, **self.people)
            for record in batch:
                self._record(session, record, desk)
            if self.dry:
                session.rollback()
        db.session.expunge_all()

    def _record(self, session: Session, record: Record, desk: Desk) -> None:
        if record.left_out:
            self.report.left_out[record.left_out] += 1
            return
        try:
            brought = self._bring_in(session, record, desk)
        except BadLine as problem:
            self.report.skipped += 1
            click.echo(f"\nline {record.line} was skipped: {problem}", err=True)
            return
        self.report.count(brought)
        for remark in brought.remarks:
            click.echo(f"\nline {record.line}: {remark}", err=True)
        if brought.outcome is Outcome.SAID_NO:
            click.echo(f"\nline {record.line} was left out: its teller said no", err=True)

    def _bring_in(self, session: Session, record: Record, desk: Desk) -> Brought:
        at = now()
        row = rows.read(record, self.columns, self.way, at=at)
        if self.dry and (row.source_id, row.language) in self.seen:
            return Brought(Outcome.ALREADY_IN)
        brought = Importer(session, desk, self.names, self.way, at).bring_in(row)
        if self.dry:
            self.seen.add((row.source_id, row.language))
        return brought


_FORMAT = click.Choice([kind.value for kind in Format])
_WAY = click.Choice([way.value for way in Way])
_FIELD = Pair(1, columns.FIELDS)
_GIVEN = Pair(0, columns.FIELDS - columns.NEVER_SET)


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--format", "kind", type=_FORMAT, help="Guessed where it is not said.")
@click.option("--as", "way", type=_WAY, default=Way.PUBLISHED.value, show_default=True, help="What they become.")
@click.option("--owner", metavar="EMAIL", help="Whose submissions they are (with --as submissions).")
@click.option("--submitter", metavar="EMAIL", help="In whose name the stories are submitted.")
@click.option("--moderator", metavar="EMAIL", help="In whose name they are approved.")
@click.option("--column", "renamed", metavar="NAME=FIELD", multiple=True, type=_FIELD, help="Which field a column is.")
@click.option("--ignore", "ignored", metavar="NAME", multiple=True, help="A column or key to leave out.")
@click.option("--set", "given", metavar="FIELD=VALUE", multiple=True, type=_GIVEN, help="For all that do not say it.")
@click.option("--existing-names", is_flag=True, help="Add no themes or organisations.")
@click.option("--post-type", "post_types", multiple=True, default=("post",), show_default=True, help="Of WordPress.")
@click.option("--encoding", default="", help="Of a file that is neither UTF-8 nor UTF-16, such as windows-1252.")
@click.option("--dry-run", "dry", is_flag=True, help="Say everything and write nothing.")
def import_stories(file: Path, way: Way, dry: bool, **options: Any) -> None:
    """Bring in the stories of FILE: JSON Lines, CSV or a WordPress export; what is in already is passed over."""
    way = Way(way)
    people = _people(way, options)
    told = Columns(dict(options["renamed"]), options["ignored"], dict(options["given"]))
    names = Names(db.session, may_add=not options["existing_names"])
    run = Import(way, dry, told, names, people)
    how = HowToRead(
        Format(options["kind"]) if options["kind"] else None, options["encoding"], options["post_types"],
        ("publish", "pending") if way is Way.SUBMISSIONS else ("publish",),
    )  # fmt: skip
    broken = _run(run, file, how)
    _tell(run, broken)
    if not dry:
        _write_down(run)
        _catch_up()
    if broken or run.report.skipped:
        raise SystemExit(1)


def _run(run: Import, file: Path, how: HowToRead) -> str:
    """Bring the file in; why it could not be read to its end, or nothing."""
    with file.open("rb") as source, click.progressbar(length=file.stat().st_size, label=file.name) as bar:
        try:
            for batch in _batches(source, file.name, how):
                run.batch(batch)
                bar.update(source.tell() - bar.pos)
        except UnreadableFile as problem:
            return str(problem)
    return ""


def _batches(source: BinaryIO, name: str, how: HowToRead) -> Iterator[list[Record]]:
    """The records, some at a time; those before a place that cannot be read come before the error."""
    batch: list[Record] = []
    broken: UnreadableFile | None = None
    try:
        for record in importing.read(source, name, how):
            batch.append(record)
            if len(batch) == BATCH:
                yield batch
                batch = []
    except UnreadableFile as problem:
        broken = problem
    if batch:
        yield batch
    if broken is not None:
        raise broken


def _tell(run: Import, broken: str) -> None:
    for line in run.report.lines(run.columns):
        click.echo(line)
    if broken:
        click.echo(f"The file was not read to its end. {broken}", err=True)
    if run.dry:
        click.echo("A dry run: nothing was written. It would be")
    click.echo(run.report.summary)


def _write_down(run: Import) -> None:
    if added := run.report.outcomes[Outcome.ADDED]:
        with writing():
            security_log.write(EventKind.STORIES_IMPORTED, way=run.way, added=added)


def _catch_up() -> None:
    with Processes() as processes:
        caught_up = sync.catch_up(db.session, engine(), wait=60.0, processes=processes)
    if not caught_up.up_to_date:
        click.echo("Another process is writing the index; it will take the new stories along.", err=True)


def _people(way: Way, options: dict[str, Any]) -> dict[str, str | None]:
    """In whose names; says at once what does not go together."""
    owner, submitter, moderator = options["owner"], options["submitter"], options["moderator"]
    if way is Way.SUBMISSIONS and (submitter or moderator or not owner):
        raise click.ClickException(
            "Submissions belong to somebody who answers for them: --owner EMAIL, and nobody else."
        )
    if way is Way.PUBLISHED and owner:
        raise click.ClickException(
            "--owner goes with --as submissions; --submitter names who speaks for published stories."
        )
    return {"submitter": owner or submitter, "moderator": moderator}


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
