"""Keeps the newest snapshot of one inner folder, opening only segments that are new."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from whoosh.index import TOC, FileIndex

from index.analysis.cache import clear_caches
from index.engines.base import CorruptIndex
from index.engines.whoosh.directory import INDEX_NAME, WRITE_LOCK
from index.engines.whoosh.segment import SegmentArrays, StringInterner
from index.engines.whoosh.snapshot import Snapshot, TermCache
from index.engines.whoosh.whoosh_schema import CURSOR

_TRIES = 10  # a writer may remove a segment between our reading its name and opening it


class SnapshotReader:
    """One inner folder. Not for several threads at once; the snapshots it hands out are."""

    def __init__(self, path: Path, index: FileIndex) -> None:
        self.path, self.index = path, index
        self.segments: Sequence[Any] = ()  # Whoosh's, of the newest snapshot
        self.generation = -1
        self._arrays: dict[str, SegmentArrays] = {}
        self._interners: defaultdict[str, StringInterner] = defaultdict(StringInterner)
        self._term_cache = TermCache()
        self._verified: set[str] = set()
        self._snapshot: Snapshot | None = None

    def snapshot(self) -> Snapshot:
        """The newest. Raises CorruptIndex when it cannot be read."""
        if self._snapshot is None or not self._is_newest():
            self._snapshot = self._read()
        return self._snapshot

    def _read(self) -> Snapshot:
        for _ in range(_TRIES):
            try:
                toc = TOC.read(self.index.storage, INDEX_NAME, schema=self.index._schema)
                arrays = {segment.segment_id(): self.arrays(segment) for segment in toc.segments}
            except FileNotFoundError:
                continue
            except CorruptIndex:
                raise
            except Exception as error:  # unpickling a damaged table of contents can raise anything
                raise CorruptIndex(f"the table of contents cannot be read: {error}") from error
            if self._has_purged(arrays):
                self._interners, self._term_cache = defaultdict(StringInterner), TermCache()
                clear_caches()
            self._arrays, self.segments, self.generation = arrays, toc.segments, toc.generation
            deleted = [set(segment.deleted_docs()) for segment in toc.segments]
            return Snapshot(list(arrays.values()), deleted, self._interners, self._term_cache)
        raise CorruptIndex("a segment that the table of contents names is missing")

    def _has_purged(self, arrays: Mapping[str, SegmentArrays]) -> bool:
        """Whether entries have left the files since the last snapshot: then no word of theirs may stay in memory."""
        gone = [(self._arrays[segment.segment_id()], set(segment.deleted_docs()))
                for segment in self.segments if segment.segment_id() not in arrays]  # fmt: skip
        if any(deleted - {segment.find(CURSOR)} for segment, deleted in gone):
            return True
        made = (segment for name, segment in arrays.items() if name not in self._arrays)
        return not _prints(segment for segment, _ in gone) <= _prints(made)  # deleted and merged since

    def arrays(self, segment: Any) -> SegmentArrays:
        """A segment's arrays, opened once."""
        name = segment.segment_id()
        return self._arrays.get(name) or SegmentArrays(self.path, name, segment.doc_count_all())

    def verify(self, thorough: bool) -> None:
        """Look for every file, read each byte of segments not verified before, or of all. Raises CorruptIndex."""
        for name, arrays in self._arrays.copy().items():
            if not arrays.are_as_opened():
                if self._is_newest():  # else another process has merged the segment away since
                    raise CorruptIndex(f"the files of segment {name} are missing or have changed")
            elif thorough or name not in self._verified:
                arrays.verify()
                self._verified.add(name)
        self._verify_toc()
        lock = self.path / WRITE_LOCK
        if os.path.lexists(lock) and not (lock.is_file() and os.access(lock, os.R_OK | os.W_OK)):
            raise CorruptIndex("the lock of the index cannot be used")

    def _verify_toc(self) -> None:
        try:
            TOC.read(self.index.storage, INDEX_NAME, schema=self.index._schema)
        except FileNotFoundError:
            if self._is_newest():
                raise
        except Exception as error:  # unpickling a damaged table of contents can raise anything
            raise CorruptIndex(f"the table of contents cannot be read: {error}") from error

    def _is_newest(self) -> bool:
        return bool(TOC._latest_generation(self.index.storage, INDEX_NAME) == self.generation)


def _prints(segments: Iterable[SegmentArrays]) -> set[str]:
    """The fingerprints of all entries."""
    return {word for segment in segments if (tags := segment.string_column("fingerprint")) for word in tags.words}
