"""Keeps the index equal to the database: catch up with what changed, rebuild, compare, purge.

Whatever alters what is public writes a row to `changes` in its own transaction. The index remembers, in the same
commit as the entries themselves, the last row it has followed. So a crash at any point loses nothing, and doing a
step again changes nothing. Nothing here writes to the database.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from time import monotonic

from sqlalchemy.orm import Session

from index import documents
from index.engines.base import CorruptIndex, Engine, Entry, LockedIndex, StaleCursor
from stories import changes

KINDS = ("story", "guide")  # that have entries; a theme's or an organisation's name stands in those of its stories
BATCH = 200  # changes followed in one commit
_REBUILD_BATCH = 1_000

Progress = Callable[[int], None]
"""Told how many more entries are done."""


@dataclass(frozen=True)
class CatchUpResult:
    """How a catch-up ended: whether the index is level with the database, how many subjects it followed, why not."""

    up_to_date: bool
    subjects: int = 0
    problem: str = ""


def catch_up(session: Session, engine: Engine, *, wait: float = 2.0) -> CatchUpResult:
    """Bring the index level with what `session` can see, waiting up to `wait` seconds for another writer."""
    until, followed = monotonic() + wait, 0
    while True:
        try:
            subjects = _follow(session, engine, max(0.0, until - monotonic()))
        except StaleCursor as error:  # another process followed the same changes: look where it got to
            if monotonic() > until + wait:
                return CatchUpResult(False, followed, str(error))
            continue
        except (LockedIndex, CorruptIndex) as error:
            return CatchUpResult(False, followed, str(error))
        if subjects is None:
            return CatchUpResult(True, followed)
        followed += subjects


def _follow(session: Session, engine: Engine, wait: float) -> int | None:
    """Follow the next batch of changes; returns of how many subjects, None where there are no more changes."""
    after = engine.cursor()
    batch = changes.since(session, after, BATCH)
    if not batch:
        return None
    subjects = defaultdict(set)
    for change in batch:
        subjects[change.kind].add(change.subject_id)
    upserts, deletes = _current_entries(session, subjects)
    engine.apply(upserts, deletes, batch[-1].position, after=after, wait=wait)
    return len(upserts) + len(deletes)


def _current_entries(session: Session, subjects: dict[str, set[int]]) -> tuple[list[Entry], list[str]]:
    """The entries of the subjects that are public now, and the keys of the others."""
    upserts = [
        document.entry() for kind in KINDS for document in documents.documents(session, kind, subjects.get(kind, ()))
    ]
    keys = {documents.key(kind, subject) for kind in KINDS for subject in subjects.get(kind, ())}
    return upserts, sorted(keys - {entry.key for entry in upserts})


def is_up_to_date(session: Session, engine: Engine) -> bool:
    """Whether the index has followed every change. Raises CorruptIndex."""
    return engine.cursor() == changes.newest(session)


def rebuild(session: Session, engine: Engine, progress: Progress = lambda _: None) -> int:
    """Make the index anew from the database; searches are answered from the old one until the new is complete.

    Ends the session's transaction, to see what came in meanwhile. Returns how many entries there are. Raises
    LockedIndex when a rebuild is already under way.
    """
    with engine.rebuild() as fresh:
        newest = changes.newest(session)
        for batch in _batches(_all_entries(session)):
            fresh.apply(batch, (), 0, after=0)
            progress(len(batch))
        fresh.apply((), (), newest, after=0)
        session.rollback()
        catch_up(session, fresh)
        count = fresh.count()
    session.rollback()
    catch_up(session, engine)
    return count


def _all_entries(session: Session) -> Iterator[Entry]:
    return (document.entry() for kind in KINDS for document in documents.documents(session, kind))


def _batches(entries: Iterator[Entry]) -> Iterator[Sequence[Entry]]:
    while batch := list(islice(entries, _REBUILD_BATCH)):
        yield batch


@dataclass(frozen=True)
class Difference:
    """An entry that is not as the database says: "missing", "outdated", or "not public" any more."""

    key: str
    kind: str


def check(session: Session, engine: Engine) -> list[Difference]:
    """Every difference between the index and the database. Raises CorruptIndex."""
    held = dict(engine.keys())
    expected = {document.key: document.fingerprint for kind in KINDS for document in documents.documents(session, kind)}
    missing = [Difference(key, "missing") for key in expected.keys() - held.keys()]
    gone = [Difference(key, "not public") for key in held.keys() - expected.keys()]
    both = expected.keys() & held.keys()
    outdated = [Difference(key, "outdated") for key in both if held[key] != expected[key]]
    return sorted([*missing, *gone, *outdated], key=lambda difference: difference.key)


def repair(session: Session, engine: Engine) -> str:
    """Rebuild an index that is damaged, follows changes this database does not have, or is of another version.

    Returns what was wrong, or "". Called now and then by `flask tend`.
    """
    problem = engine.problem() or ""
    if not problem and engine.cursor() > changes.newest(session):
        problem = "the index belongs to a newer state of the database"
    if not problem and _has_another_version(session, engine):
        problem = "the index was made by another version of the site"
    if problem:
        rebuild(session, engine)
    return problem


def _has_another_version(session: Session, engine: Engine) -> bool:
    """Whether an entry that has followed every change is still not as it would be made now."""
    before = engine.cursor()
    held, fingerprint = next(engine.keys(), ("", ""))
    if not held or not before == engine.cursor() == changes.newest(session):
        return False
    kind, number = documents.subject(held)
    made_now = next(documents.documents(session, kind, [number]), None)
    return made_now is not None and made_now.fingerprint != fingerprint


def purge(engine: Engine) -> None:
    """See to it that no file of the index has a byte of what is no longer in it. Quick when there is nothing to do."""
    engine.purge()
