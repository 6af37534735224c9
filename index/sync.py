"""Keeps the index equal to the database: catch up with what changed, rebuild, compare, purge.

Whatever alters what is public writes a row to `changes` in its own transaction. The index remembers, in the same
commit as the entries themselves, the last row it has followed. So a crash at any point loses nothing, and doing a
step again changes nothing. Nothing here writes to the database.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from operator import itemgetter
from time import monotonic

from sqlalchemy.orm import Session

from index import documents
from index.engines.base import CorruptIndex, Engine, Entry, LockedIndex, StaleCursor
from index.entries import Document, entry_of
from stories import changes
from stories.processes import Processes

KINDS = ("story", "guide")  # that have entries; a theme's or an organisation's name stands in those of its stories
BATCH = 200  # changes followed in one commit, entries compared at once
REBUILD_BATCH = 100  # entries written in one commit; each takes about 0.2 MB until then

Progress = Callable[[int], None]
"""Told how many more entries are done."""


@dataclass(frozen=True)
class CatchUpResult:
    """How a catch-up ended: whether the index is level with the database, how many subjects it followed, why not."""

    up_to_date: bool
    subjects: int = 0
    problem: str = ""


def catch_up(
    session: Session, engine: Engine, *, wait: float = 2.0, processes: Processes | None = None
) -> CatchUpResult:
    """Bring the index level with what `session` can see, waiting up to `wait` seconds for another writer.

    With `processes` they analyse where there is much to follow: for commands, not for a request.
    """
    until, followed = monotonic() + wait, 0
    analysed = _analyst(processes)
    while True:
        try:
            subjects = _follow(session, engine, max(0.0, until - monotonic()), analysed)
        except StaleCursor as error:  # another process followed the same changes: look where it got to
            if monotonic() > until + wait:
                return CatchUpResult(False, followed, str(error))
            continue
        except (LockedIndex, CorruptIndex) as error:
            return CatchUpResult(False, followed, str(error))
        if subjects is None:
            return CatchUpResult(True, followed)
        followed += subjects


Analysed = Callable[[Iterable[Document]], Iterator[Entry]]


def _analyst(processes: Processes | None) -> Analysed:
    """What makes entries of documents, in their order and a few at a time: here, or in other processes."""
    if processes is None:
        return lambda found: map(entry_of, found)
    return lambda found: processes.map(entry_of, found)


def _follow(session: Session, engine: Engine, wait: float, analysed: Analysed) -> int | None:
    """Follow the next batch of changes; returns of how many subjects, None where there are no more changes."""
    after = engine.cursor()
    batch = changes.since(session, after, BATCH)
    if not batch:
        return None
    subjects = defaultdict(set)
    for change in batch:
        subjects[change.kind].add(change.subject_id)
    upserts, deletes = _current_entries(session, subjects, analysed)
    engine.apply(upserts, deletes, batch[-1].position, after=after, wait=wait)
    return len(upserts) + len(deletes)


def _current_entries(
    session: Session, subjects: dict[str, set[int]], analysed: Analysed
) -> tuple[list[Entry], list[str]]:
    """The entries of the subjects that are public now, and the keys of the others."""
    found = (documents.documents(session, kind, subjects.get(kind, ())) for kind in KINDS)
    upserts = list(analysed(chain.from_iterable(found)))
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
        with Processes() as processes:  # ended before the segments are made one, which takes memory too
            newest = changes.newest(session)
            found = chain.from_iterable(documents.documents(session, kind) for kind in KINDS)
            entries = processes.map(entry_of, found)
            while batch := list(islice(entries, REBUILD_BATCH)):
                fresh.apply(batch, (), 0, after=0)
                progress(len(batch))
            fresh.apply((), (), newest, after=0)
            session.rollback()
            catch_up(session, fresh, processes=processes)
        count = fresh.count()
    session.rollback()
    catch_up(session, engine)
    return count


@dataclass(frozen=True)
class Difference:
    """An entry that is not as the database says: "missing", "outdated", or "not public" any more.

    A deep look finds too what is "not what its words come to": the right words, cut into terms in another way.
    """

    key: str
    kind: str


def check(session: Session, engine: Engine, *, deep: bool = False) -> list[Difference]:
    """Every difference between the index and the database, as `differences` finds them."""
    return list(differences(session, engine, deep=deep))


def differences(session: Session, engine: Engine, *, deep: bool = False) -> Iterator[Difference]:
    """Every difference between the index and the database, in the order of their numbers. Raises CorruptIndex.

    `deep` analyses every text anew and compares its terms with those in the index. Holds one batch at a time, and ends
    the session's transaction after each, so that it sees both sides as they stand.
    """
    with Processes() as processes:
        for kind in KINDS:
            for batch in documents.batches(session, kind, BATCH):
                yield from _different(engine, batch, _analyst(processes) if deep else None)
                session.rollback()
    keys = map(itemgetter(0), engine.keys())
    while some := list(islice(keys, BATCH)):
        public = documents.public_keys(session, some)
        session.rollback()
        yield from (Difference(key, "not public") for key in some if key not in public)


def _different(engine: Engine, batch: Sequence[Document], analysed: Analysed | None) -> Iterator[Difference]:
    held = engine.fingerprints(document.key for document in batch)
    same = [document for document in batch if held.get(document.key) == document.fingerprint]
    altered = _altered(engine, same, analysed) if analysed is not None else ()
    for document in batch:
        if document.key not in held:
            yield Difference(document.key, "missing")
        elif held[document.key] != document.fingerprint:
            yield Difference(document.key, "outdated")
        elif document.key in altered:
            yield Difference(document.key, "not what its words come to")


def _altered(engine: Engine, batch: Sequence[Document], analysed: Analysed) -> set[str]:
    """The keys of those whose terms in the index are not those that they have now."""
    held = engine.term_digests(document.key for document in batch)
    return {entry.key for entry in analysed(batch) if held.get(entry.key) not in {engine.term_digest(entry), None}}


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
