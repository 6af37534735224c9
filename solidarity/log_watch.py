"""Watches over the security log: keeps its head outside the database, and verifies the whole chain once a day.

The head (how many lines, and the hash of the last) lies in the instance folder, so that lines that are cut off at the
end are missed. See docs/decisions/security-log.md.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import select

from solidarity.web import security_log
from solidarity.web.clock import now
from solidarity.web.db import db, writing
from stories import audit
from stories.audit import Fault, Finding
from stories.models import Event, EventKind, Head, chain
from stories.models.chain import EMPTY

EVERY = timedelta(days=1)
MOST_KEPT = 1_000  # findings in the file


@dataclass(frozen=True)
class Watch:
    """What is known of the log: the head that was kept, when the chain was last verified, and what was found then.

    `accepted` are findings that somebody has looked at and taken as they are.
    """

    position: int = 0
    hash: str = EMPTY.hash
    verified_at: str = ""
    found: tuple[Finding, ...] = ()
    accepted: tuple[Finding, ...] = ()

    @property
    def head(self) -> Head:
        """The last line that was there."""
        return Head(self.position, self.hash)

    @property
    def faults(self) -> list[Finding]:
        """What was found and nobody has accepted."""
        return [fault for fault in self.found if fault not in set(self.accepted)]

    @property
    def last_verified(self) -> datetime | None:
        """When the whole chain was walked, if ever."""
        return datetime.fromisoformat(self.verified_at) if self.verified_at else None


def known() -> Watch:
    """What the file says; nothing where there is none yet or it cannot be read."""
    try:
        facts = json.loads(_path().read_text(encoding="utf-8"))
        return Watch(**{**facts, **{name: _findings(facts[name]) for name in ("found", "accepted")}})
    except (OSError, ValueError, TypeError, KeyError):
        return Watch()


def _findings(kept: list[Any]) -> tuple[Finding, ...]:
    """As they were kept; one that was kept as a sentence, before, is found anew."""
    return tuple(Finding(**{**found, "fault": Fault(found["fault"])}) for found in kept if not isinstance(found, str))


def follow() -> str:
    """Keep the newest head, if the one that was kept is still there; returns what is wrong, or nothing.

    Verifies the whole chain where that was not done for a day.
    """
    before = known()
    if before.last_verified is None or now() - before.last_verified >= EVERY:
        return _told(verify())
    if _is_there(before.head):
        head = chain.head(db.session)
        if head != before.head:
            _keep(replace(before, **head._asdict()))
        return _told(before)
    return _told(before) or _told(verify())


def verify() -> Watch:
    """Walk the whole chain and remember what was found. The head is kept anew only where nothing is wrong."""
    before = known()
    found = tuple(islice(audit.verify(db.session, before.head), MOST_KEPT))
    after = replace(before, found=found, verified_at=now().isoformat())
    if not found or (not after.faults and _is_there(before.head)):
        after = replace(after, **chain.head(db.session)._asdict())
    _keep(after)
    return after


def accept() -> Watch:
    """Take the log as it stands, after a copy of the database was put back, say; that is a line of the log itself."""
    before = known()
    with writing():
        security_log.write(EventKind.LOG_ACCEPTED, kept=before.position, faults=len(before.faults))
    found = tuple(islice(audit.verify(db.session), MOST_KEPT))
    after = Watch(*chain.head(db.session), now().isoformat(), found, found)
    _keep(after)
    return after


def _is_there(head: Head) -> bool:
    """Whether the line of a head that was kept is still the same."""
    if head == EMPTY:
        return True
    return db.session.scalar(select(Event.hash).where(Event.position == head.position)) == head.hash


def _told(watch: Watch) -> str:
    faults = watch.faults
    return f"{len(faults)} faults, the first: {faults[0]}" if faults else ""


def _keep(watch: Watch) -> None:
    path = _path()
    new = path.with_suffix(".new")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(asdict(watch), file, indent=1, ensure_ascii=False)
    new.replace(path)


def _path() -> Path:
    instance: Path = current_app.config["SETTINGS"].instance_path
    return instance / "security-log.json"
