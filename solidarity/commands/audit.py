"""`flask audit`: the security log, verified and listed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import click
from flask.cli import AppGroup

from solidarity import log_watch
from solidarity.accounts.models import Account
from solidarity.letters import invitations
from solidarity.web.clock import now
from solidarity.web.db import db
from stories import audit, queries
from stories.models import Event, EventKind, Person
from stories.queries.events import EventFilter

MOST_DIGITS = 9  # of a number that a database holds

group = AppGroup("audit", help="The security log: who did what, when.")


@group.command("verify")
def verify() -> None:
    """Walk the chain and name each line that was changed, is missing or does not belong; exit code 1 where one does."""
    watch = log_watch.verify()
    erased = audit.lines_without_words(db.session)
    for fault in watch.found:
        click.echo(f"{fault}{'' if fault in watch.faults else ', which was accepted'}")
    if erased:
        click.echo(f"The words of {erased} lines were erased. Their digests stand for them.")
    if watch.faults:
        raise click.ClickException(f"{len(watch.faults)} faults. If a copy was put back: flask audit accept")
    click.echo(f"The log is whole: {watch.position} lines, the last with the hash {watch.hash}")


@group.command("accept")
def accept() -> None:
    """Take the log as it stands, after a copy of the database was put back; writes that down."""
    watch = log_watch.accept()
    click.echo(f"The log is taken as it stands, with {len(watch.found)} faults: {watch.position} lines.")


@group.command("list")
@click.option("--kind", type=click.Choice([kind.value for kind in EventKind]), help="Only what is of this kind.")
@click.option(
    "--person",
    metavar="WHO",
    help="Only what this person did, or what was done to them: an address, or the number in the log.",
)
@click.option("--days", type=click.IntRange(min=1), help="Only the last days.")
@click.option("--steps/--no-steps", default=False, help="Steps and consents of stories too.")
def list_events(kind: str | None, person: str | None, days: int | None, steps: bool) -> None:
    """List the log, the newest first, a line each, with tabs between position, time, kind and the rest."""
    wanted = EventFilter(
        kind=EventKind(kind) if kind else None,
        person_id=_person(person) if person else None,
        since=now() - timedelta(days=days) if days else None,
        with_stories=steps,
    )
    for line in _lines(wanted):
        click.echo(line)


def _lines(wanted: EventFilter) -> Iterator[str]:
    before = None
    while page := queries.events(db.session, wanted, before=before):
        yield from (_line(event) for event in page)
        before = page[-1].position
        db.session.expunge_all()


def _line(event: Event) -> str:
    numbers = (("by", event.by_id), ("about", event.person_id), ("story", event.story_id))
    named = [f"{name} {number}" for name, number in numbers if number is not None]
    facts = json.dumps(event.details, sort_keys=True) if event.details else ""
    when = event.at.isoformat(timespec="seconds")
    return "\t".join([str(event.position), when, event.kind, " ".join(named), facts, event.session_mark]).rstrip()


def _person(who: str) -> int:
    """The number of a person: of one with this address, or of one whom the log knows, though they left."""
    if who.isascii() and who.isdigit():
        return _known(int(who[:MOST_DIGITS]))
    account: Account | None = invitations.with_address(db.session, who)
    if account is None:
        raise click.ClickException(f"There is no account for {who}.")
    return account.person_id


def _known(number: int) -> int:
    if db.session.get(Person, number) is None and number not in queries.people_in(db.session):
        raise click.ClickException(f"The log knows nobody of the number {number}.")
    return number
