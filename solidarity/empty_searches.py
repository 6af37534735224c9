"""Counts searches that found nothing, without a reader waiting for the database: a sign in a file now, a row later.

See docs/decisions/empty-searches.md.
"""

from __future__ import annotations

import logging
from datetime import date
from pathlib import Path

from flask import current_app

from solidarity.web.clock import now
from solidarity.web.db import writing
from stories import empty_searches

log = logging.getLogger(__name__)
_TAKEN = "~"  # at the end of the name of a file that is being counted


def note(language: str) -> None:
    """Remember that a search in this language of the site found nothing. It never fails, and never waits."""
    path = _folder() / f"{now().date().isoformat()}.{language}"
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with path.open("ab", buffering=0) as file:
            file.write(b".")
    except OSError:
        log.warning("a search that found nothing could not be counted", exc_info=True)


def collect() -> None:
    """Bring what was noted into the database: `flask tend` does it every few seconds."""
    for path in _waiting():
        taken = path if path.name.endswith(_TAKEN) else path.rename(f"{path}{_TAKEN}")
        day, _, language = taken.name.removesuffix(_TAKEN).partition(".")
        with writing() as session:
            empty_searches.add(session, day=date.fromisoformat(day), language=language, times=taken.stat().st_size)
        taken.unlink()


def _waiting() -> list[Path]:
    """The files to count, those first that an earlier round was stopped in the middle of."""
    paths = _folder().glob("????-??-??.*")
    return sorted(paths, key=lambda path: (not path.name.endswith(_TAKEN), path.name))


def _folder() -> Path:
    instance: Path = current_app.config["SETTINGS"].instance_path
    return instance / "searches-in-vain"
