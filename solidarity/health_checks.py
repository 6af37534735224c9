"""What can be wrong with a running site, looked up afresh each time: database, index, disk, letters, log.

`health` tells machines and `stewarding.site_state` tells stewards; both from the findings made here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from index.engines.base import CorruptIndex
from solidarity import log_watch
from solidarity.letters import outbox
from solidarity.search_engine import engine
from solidarity.web.clock import now
from solidarity.web.db import db
from stories import changes, migrations, storage

NO_ROOM = 1024 * 1024  # bytes: with less free a database can write nothing


class Kind(StrEnum):
    """What was found."""

    NO_DATABASE = "no database"
    NOT_MIGRATED = "not migrated"
    INDEX_DAMAGED = "index damaged"
    INDEX_BEHIND = "index behind"
    DISK_FULL = "disk full"
    READ_ONLY = "read-only"
    LITTLE_SPACE = "little space"
    LETTERS_WAIT = "letters wait"
    LOG_BROKEN = "security log broken"

    @property
    def is_warning(self) -> bool:
        """Whether the site still does all it should."""
        return self in {Kind.LITTLE_SPACE, Kind.LETTERS_WAIT, Kind.LOG_BROKEN}


@dataclass(frozen=True)
class Finding:
    """Something that somebody should see to. `count`: changes the index is behind, bytes free, letters waiting,
    faults of the log."""

    kind: Kind
    detail: str = ""
    count: int = 0
    since: datetime | None = None


def findings() -> list[Finding]:
    """Everything that is wrong now."""
    return [finding for check in CHECKS for finding in check()]


def _database() -> Iterator[Finding]:
    try:
        if not migrations.is_current(db.engine):
            yield Finding(Kind.NOT_MIGRATED)
    except SQLAlchemyError:
        yield Finding(Kind.NO_DATABASE)


def _index() -> Iterator[Finding]:
    if problem := engine().problem():
        yield Finding(Kind.INDEX_DAMAGED, problem)
        return
    try:
        behind = changes.newest(db.session) - engine().cursor()
    except (SQLAlchemyError, CorruptIndex):
        return  # said by the others
    if behind > 0:
        yield Finding(Kind.INDEX_BEHIND, count=behind)


def disk() -> Iterator[Finding]:
    """One finding for each disk that the site writes to."""
    settings = current_app.config["SETTINGS"]
    seen: set[int] = set()
    for folder in settings.folders.values():
        try:
            space = storage.space(folder)
        except OSError as error:
            yield Finding(Kind.READ_ONLY, f"{folder}: {error.strerror}")
            continue
        if space.device not in seen and (kind := _trouble(space, settings.low_space)):
            seen.add(space.device)
            yield Finding(kind, str(folder), space.free)


def _trouble(space: storage.Space, low: int) -> Kind | None:
    if space.read_only:
        return Kind.READ_ONLY
    if space.free < NO_ROOM:
        return Kind.DISK_FULL
    return Kind.LITTLE_SPACE if space.free < low else None


def _letters() -> Iterator[Finding]:
    try:
        letters = outbox.tally(db.session, now())
    except SQLAlchemyError:
        return  # said by the others
    if letters.waiting:
        yield Finding(Kind.LETTERS_WAIT, count=letters.waiting, since=letters.since)


def _log() -> Iterator[Finding]:
    if faults := log_watch.known().faults:
        yield Finding(Kind.LOG_BROKEN, str(faults[0]), len(faults))


CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (_database, _index, disk, _letters, _log)
