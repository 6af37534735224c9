"""The engine of `index.engines.base` in a folder: one object in each process, for all its threads."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from time import monotonic
from typing import TypeVar

from index.engines.base import WORDS, Busy, Damaged, Entry, Found, Search, Term
from index.engines.whoosh import vocabulary, writer
from index.engines.whoosh.collector import answer
from index.engines.whoosh.directory import Folder, held
from index.engines.whoosh.snapshot import Snapshot
from index.engines.whoosh.snapshot_manager import Reader
from index.schema import FACETS

Answer = TypeVar("Answer")

_WARMED = 100  # of the commonest terms
LOOK = 0.02  # seconds after which a search looks again whether another process has committed
KEEP = 0.5  # seconds for which a search is content with its snapshot while commits come in a stream
STREAM = 20  # commits a second, or more


class WhooshEngine:
    """See the protocol. `only` ties the engine to one inner folder, as a renewal needs it."""

    def __init__(self, path: Path, only: str | None = None) -> None:
        self._folder = Folder(path)
        self._only = only
        self._guard = RLock()
        self._reader: Reader | None = None
        self._snapshot: Snapshot | None = None
        self._generation, self._looked = 0, 0.0  # of the snapshot, and when
        self._look_at = 0.0

    # -- reading

    def search(self, search: Search) -> Found:
        """See the protocol."""
        return answer(self._recent(), search)

    def _recent(self) -> Snapshot:
        """The newest snapshot, or the last that could be read while the index is damaged."""
        snapshot = self._snapshot
        if snapshot is not None and monotonic() < self._look_at:
            return snapshot
        try:
            return self._newest()
        except Damaged:
            if snapshot is None:
                raise
            self._look_at = monotonic() + KEEP
            return snapshot

    def _newest(self) -> Snapshot:
        with self._guard:
            newest = self._snapshot = self._of_current(Reader.snapshot)
            generation, now = self._reader.generation if self._reader else 0, monotonic()
            commits, seconds = generation - self._generation, now - self._looked
            self._generation, self._looked = generation, now
            self._look_at = now + (KEEP if commits > max(1, STREAM * seconds) else LOOK)
            return newest

    def _of_current(self, ask: Callable[[Reader], Answer]) -> Answer:
        """Ask the reader of the folder in use; again when a renewed index has taken its place meanwhile."""
        while True:
            try:
                return ask(self._current())
            except Damaged:
                reader = self._reader
                if self._only or reader is None or self._folder.current() in {None, reader.path.name}:
                    raise

    def _current(self) -> Reader:
        """The reader of the folder in use; an engine that never saw one makes an empty index."""
        name = self._only or self._folder.current()
        if name is None:
            if self._reader is not None:
                raise Damaged("the index is missing")
            name = self._begin()
        if self._reader is None or self._reader.path.name != name:
            self._reader = Reader(self._folder.path / name, self._folder.index(name))
        return self._reader

    def _begin(self) -> str:
        with held(self._folder.path / "RENEWALLOCK", wait=10.0):
            name = self._folder.current()
            if name is None:
                name = self._folder.new()
                self._folder.adopt(name)
            return name

    def warm(self) -> None:
        """See the protocol."""
        snapshot = self._newest()
        facets = tuple(name for name in FACETS if any(segment.tags(name) for segment in snapshot.segments))
        for term, _ in vocabulary.beginning(snapshot, WORDS, "", _WARMED):
            answer(snapshot, Search(Term(term), facets=facets, limit=1))

    def cursor(self) -> int:
        """See the protocol."""
        return self._newest().cursor

    def keys(self) -> Iterator[tuple[str, str]]:
        """See the protocol."""
        return self._newest().fingerprints()

    def count(self) -> int:
        """See the protocol."""
        return self._recent().size

    def frequencies(self, terms: Iterable[str], field: str = WORDS) -> dict[str, int]:
        """See the protocol."""
        return vocabulary.frequencies(self._recent(), field, terms)

    def terms(self, prefix: str, limit: int, field: str = WORDS) -> list[tuple[str, int]]:
        """See the protocol."""
        return vocabulary.beginning(self._recent(), field, prefix, limit)

    def similar(self, term: str, distance: int = 1, limit: int = 20, field: str = WORDS) -> list[tuple[str, int]]:
        """See the protocol."""
        return vocabulary.similar(self._recent(), field, term, distance, limit)

    # -- writing

    def apply(
        self, upserts: Sequence[Entry], deletes: Sequence[str], cursor: int, *, after: int, wait: float = 2.0
    ) -> None:
        """See the protocol."""
        changes = writer.Changes(upserts, deletes, cursor, after)
        self._until_current(lambda reader: self._write(reader, changes, wait))
        self._newest()

    def _write(self, reader: Reader, changes: writer.Changes, wait: float) -> None:
        with writer.writer(reader, wait) as opened:
            if not self._only and self._folder.current() != reader.path.name:
                raise _Replaced
            with self._guard:  # only for the snapshot: searches go on while the commit is written
                snapshot = reader.snapshot()
            writer.commit(opened, reader, snapshot, changes)

    def purge(self, wait: float = 60.0) -> None:
        """See the protocol."""
        self._until_current(lambda reader: self._purge(reader, wait))
        self._newest()

    def _purge(self, reader: Reader, wait: float) -> None:
        with held(self._folder.path / "PURGELOCK", wait):
            private = Reader(reader.path, reader.index)  # merging takes long: searches keep theirs
            writer.purge(private, wait, everything=self._only is not None)
        if not self._only:
            self._sweep()

    def _sweep(self) -> None:
        """Remove what a killed rebuild left behind; what a running one is filling stays."""
        try:
            with held(self._folder.path / "RENEWALLOCK"):
                self._folder.sweep()
        except Busy:
            pass  # a rebuild is under way, and sweeps when it is done

    def _until_current(self, work: Callable[[Reader], None]) -> None:
        """Do the work in the folder in use; once more when a renewed index took its place meanwhile."""
        while True:
            with self._guard:
                reader = self._current()
            try:
                return work(reader)
            except (_Replaced, FileNotFoundError) as error:
                if self._only or self._folder.current() == reader.path.name:
                    raise Damaged("files of the index are missing") from error

    @contextmanager
    def renewal(self) -> Iterator[WhooshEngine]:
        """See the protocol."""
        with held(self._folder.path / "RENEWALLOCK"):
            self._folder.sweep()
            name = self._folder.new()
            try:
                fresh = WhooshEngine(self._folder.path, only=name)
                yield fresh
                fresh.purge()
                self._swap(name)
            except BaseException:
                shutil.rmtree(self._folder.path / name, ignore_errors=True)
                raise
            self._folder.sweep()
        self._newest()

    def _swap(self, name: str) -> None:
        """Put the new index in place between two commits to the old one, if that can still be written to."""
        old = self._folder.current()
        lock = self._folder.path / (old or "") / "MAIN_WRITELOCK"
        if old is None or not lock.parent.is_dir():
            self._folder.adopt(name)
        else:
            with held(lock, wait=60.0):
                self._folder.adopt(name)

    # -- health

    def problem(self, thorough: bool = False) -> str | None:
        """See the protocol."""
        try:
            self._newest()
            reader = self._reader
            if reader is not None:
                reader.verify(thorough)  # reads much: searches of other threads need not wait
        except Damaged as error:
            return str(error)
        return None

    def close(self) -> None:
        """See the protocol."""
        with self._guard:
            self._reader = self._snapshot = None


class _Replaced(Exception):
    """A renewed index has taken the place of the one that was about to be written to."""
