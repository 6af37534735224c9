"""The engine of `index.engines.base` in a folder: one object in each process, for all its threads."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import RLock
from time import monotonic
from typing import TypeVar

from index.engines.base import WORDS, CorruptIndex, EngineResult, Entry, LockedIndex, Search, Term, UnwritableIndex
from index.engines.whoosh import vocabulary, writer
from index.engines.whoosh.arrays import Array
from index.engines.whoosh.collector import collect
from index.engines.whoosh.directory import WRITE_LOCK, IndexDirectory, file_lock
from index.engines.whoosh.snapshot import Snapshot
from index.engines.whoosh.snapshot_reader import SnapshotReader
from index.engines.whoosh.term_digests import of_entry, of_segment
from index.schema import FACETS
from stories.storage import trouble

Result = TypeVar("Result")

_WARM_TERMS = 100  # of the commonest terms
REFRESH_INTERVAL = 0.02  # seconds after which a search looks again whether another process has committed
STREAM_REFRESH_INTERVAL = 0.5  # seconds for which a search is content with its snapshot while commits come in a stream
STREAM_COMMIT_RATE = 20  # commits a second, or more


class WhooshEngine:
    """See the protocol. `inner` ties the engine to one inner folder, as a rebuild needs it."""

    def __init__(self, path: Path, inner: str | None = None) -> None:
        self._directory = IndexDirectory(path)
        self._inner = inner
        self._lock = RLock()
        self._reader: SnapshotReader | None = None
        self._snapshot: Snapshot | None = None
        self._generation, self._refreshed_at = 0, 0.0  # of the snapshot, and when
        self._refresh_due = 0.0
        self._digests: dict[str, Array] = {}  # of segments that were compared

    # -- reading

    def search(self, search: Search) -> EngineResult:
        """See the protocol."""
        return collect(self._search_snapshot(), search)

    def _search_snapshot(self) -> Snapshot:
        """The newest snapshot, or the last that could be read while the index is damaged."""
        snapshot = self._snapshot
        if snapshot is not None and monotonic() < self._refresh_due:
            return snapshot
        try:
            return self._newest_snapshot()
        except CorruptIndex:
            if snapshot is None:
                raise
            self._refresh_due = monotonic() + STREAM_REFRESH_INTERVAL
            return snapshot

    def _newest_snapshot(self) -> Snapshot:
        with self._lock:
            newest = self._snapshot = self._read_current(SnapshotReader.snapshot)
            generation, now = self._reader.generation if self._reader else 0, monotonic()
            commits, seconds = generation - self._generation, now - self._refreshed_at
            self._generation, self._refreshed_at = generation, now
            self._refresh_due = now + (
                STREAM_REFRESH_INTERVAL if commits > max(1, STREAM_COMMIT_RATE * seconds) else REFRESH_INTERVAL
            )
            return newest

    def _read_current(self, read: Callable[[SnapshotReader], Result]) -> Result:
        """Ask the reader of the folder in use; again when a rebuilt index has taken its place meanwhile."""
        while True:
            name = self._current_name()
            try:
                return read(self._reader_of(name))
            except (CorruptIndex, OSError) as error:
                if self._is_current(name):
                    raise _corrupt(error) from error

    def _current(self) -> SnapshotReader:
        return self._reader_of(self._current_name())

    def _current_name(self) -> str:
        """The folder in use; an engine that never saw one makes an empty index."""
        name = self._inner or self._directory.current()
        if name is not None:
            return name
        if self._reader is not None:
            raise CorruptIndex("the index is missing")
        try:
            return self._create_if_missing()
        except OSError as error:
            raise _corrupt(error) from error

    def _is_current(self, name: str) -> bool:
        return self._inner is not None or self._directory.current() == name

    def _reader_of(self, name: str) -> SnapshotReader:
        if self._reader is None or self._reader.path.name != name:
            self._reader = SnapshotReader(self._directory.path / name, self._directory.open_index(name))
        return self._reader

    def _create_if_missing(self) -> str:
        self._directory.make()
        with file_lock(self._directory.path / "REBUILDLOCK", wait=10.0):
            name = self._directory.current()
            if name is None:
                name = self._directory.create()
                self._directory.make_current(name)
            return name

    def warm(self) -> None:
        """See the protocol."""
        snapshot = self._newest_snapshot()
        facets = tuple(name for name in FACETS if any(segment.string_column(name) for segment in snapshot.segments))
        for term, _ in vocabulary.terms_with_prefix(snapshot, WORDS, "", _WARM_TERMS):
            collect(snapshot, Search(Term(term), facets=facets, limit=1))

    def cursor(self) -> int:
        """See the protocol."""
        return self._newest_snapshot().cursor

    def build(self) -> str:
        """See the protocol."""
        return self._current_name()

    def keys(self) -> Iterator[tuple[str, str]]:
        """See the protocol."""
        return self._newest_snapshot().fingerprints()

    def fingerprints(self, keys: Iterable[str]) -> dict[str, str]:
        """See the protocol."""
        return {key: segment.fingerprint(doc) for key, segment, doc in self._newest_snapshot().places(keys)}

    def term_digests(self, keys: Iterable[str]) -> dict[str, int]:
        """See the protocol."""
        snapshot, known = self._newest_snapshot(), self._digests
        places = list(snapshot.places(keys))
        made = {segment.name: segment for _, segment, _ in places if segment.name not in known}
        digests = {name: known[name] for name in snapshot.names if name in known}
        digests |= {name: of_segment(segment) for name, segment in made.items()}
        self._digests = digests
        return {key: digests[segment.name].item(doc) for key, segment, doc in places}

    def term_digest(self, entry: Entry) -> int:
        """See the protocol."""
        return of_entry(entry)

    def count(self) -> int:
        """See the protocol."""
        return self._search_snapshot().size

    def frequencies(self, terms: Iterable[str], field: str = WORDS) -> dict[str, int]:
        """See the protocol."""
        return vocabulary.frequencies(self._search_snapshot(), field, terms)

    def terms(self, prefix: str, limit: int, field: str = WORDS) -> list[tuple[str, int]]:
        """See the protocol."""
        return vocabulary.terms_with_prefix(self._search_snapshot(), field, prefix, limit)

    def similar_terms(self, term: str, distance: int = 1, limit: int = 20, field: str = WORDS) -> list[tuple[str, int]]:
        """See the protocol."""
        return vocabulary.similar_terms(self._search_snapshot(), field, term, distance, limit)

    # -- writing

    def apply(
        self, upserts: Sequence[Entry], deletes: Sequence[str], cursor: int, *, after: int, wait: float = 2.0
    ) -> None:
        """See the protocol."""
        changes = writer.CommitBatch(upserts, deletes, cursor, after)
        self._write_current(lambda reader: self._write(reader, changes, wait))
        self._newest_snapshot()

    def _write(self, reader: SnapshotReader, changes: writer.CommitBatch, wait: float) -> None:
        with writer.open_writer(reader, wait) as opened:
            if not self._inner and self._directory.current() != reader.path.name:
                raise _ReplacedIndex
            with self._lock:  # only for the snapshot: searches go on while the commit is written
                snapshot = reader.snapshot()
            most = writer.MAX_REBUILD_MERGE if self._inner else writer.MAX_INLINE_MERGE
            writer.commit(opened, reader, snapshot, changes, most)

    def purge(self, wait: float = 60.0) -> None:
        """See the protocol."""
        self._write_current(lambda reader: self._purge(reader, wait))
        self._newest_snapshot()

    def _purge(self, reader: SnapshotReader, wait: float) -> None:
        with file_lock(self._directory.path / "PURGELOCK", wait):
            private = SnapshotReader(reader.path, reader.index)  # merging takes long: searches keep theirs
            writer.purge(private, wait, everything=self._inner is not None)
        if not self._inner:
            self._remove_unused()

    def _remove_unused(self) -> None:
        """Remove what a killed rebuild left behind; what a running one is filling stays."""
        try:
            with file_lock(self._directory.path / "REBUILDLOCK"):
                self._directory.remove_unused()
        except LockedIndex:
            pass  # a rebuild is under way, and sweeps when it is done

    def _write_current(self, work: Callable[[SnapshotReader], None]) -> None:
        """Do the work in the folder in use; once more when a rebuilt index took its place meanwhile."""
        while True:
            with self._lock:
                reader = self._current()
            try:
                return work(reader)
            except (_ReplacedIndex, OSError) as error:
                if isinstance(error, OSError) and trouble(error):
                    raise UnwritableIndex(f"the index cannot be written: {error.strerror}") from error
                if self._is_current(reader.path.name):
                    raise _corrupt(error) from error

    @contextmanager
    def rebuild(self) -> Iterator[WhooshEngine]:
        """See the protocol."""
        self._directory.make()
        with file_lock(self._directory.path / "REBUILDLOCK"):
            self._directory.remove_unused()
            name = self._directory.create()
            try:
                fresh = WhooshEngine(self._directory.path, inner=name)
                yield fresh
                fresh.purge()
                self._make_current(name)
            except BaseException:
                shutil.rmtree(self._directory.path / name, ignore_errors=True)
                raise
            self._directory.remove_unused()
        self._newest_snapshot()

    def _make_current(self, name: str) -> None:
        """Put the new index in place between two commits to the old one, if that can still be written to."""
        with ExitStack() as stack:
            try:
                old = self._directory.path / (self._directory.current() or "")
                if old != self._directory.path and old.is_dir():
                    stack.enter_context(file_lock(old / WRITE_LOCK, wait=60.0))
            except (CorruptIndex, OSError):
                pass  # the old index cannot be written to by anybody
            self._directory.make_current(name)

    # -- health

    def problem(self, thorough: bool = False) -> str | None:
        """See the protocol."""
        try:
            self._newest_snapshot()
            reader = self._reader
            if reader is not None:
                reader.verify(thorough)  # reads much: searches of other threads need not wait
        except (CorruptIndex, OSError) as error:
            return str(error)
        return None

    def close(self) -> None:
        """See the protocol."""
        with self._lock:
            self._reader = self._snapshot = None


def _corrupt(error: Exception) -> CorruptIndex:
    """What is wrong with the index, where the system says that it cannot be read."""
    if isinstance(error, CorruptIndex):
        return error
    return CorruptIndex(f"files of the index are missing or unreadable: {error}")


class _ReplacedIndex(Exception):
    """A rebuilt index has taken the place of the one that was about to be written to."""
