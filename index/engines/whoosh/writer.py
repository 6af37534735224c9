"""Commits: entries in and out with the cursor, small merges at once, large ones and purges beside the writers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from whoosh.index import LockError, clean_files
from whoosh.writing import SegmentWriter

from index.engines.base import Busy, Entry, Overtaken
from index.engines.whoosh.arrays import Array
from index.engines.whoosh.codec import ArrayCodec, ArraySegment, Pool
from index.engines.whoosh.directory import INDEX_NAME, DurableStorage
from index.engines.whoosh.merging import Source, due, smallest, sources, write_merged
from index.engines.whoosh.snapshot import Snapshot
from index.engines.whoosh.snapshot_manager import Reader
from index.engines.whoosh.whoosh_schema import CURSOR, KEY

INLINE = 32  # entries that a commit may rewrite while someone waits for it; `purge` merges the rest
_DELAY = 0.01
_ASIDE = "merging"


@contextmanager
def writer(reader: Reader, wait: float) -> Iterator[SegmentWriter]:
    """Whoosh's writer with its lock held; what is not committed when the block ends is dropped. Raises Busy."""
    try:
        opened = SegmentWriter(reader.index, timeout=wait, delay=_DELAY, codec=ArrayCodec(), compound=False)
    except LockError as error:
        raise Busy("another process is writing to the index") from error
    opened.pool = Pool()
    try:
        yield opened
    finally:
        if not opened.is_closed:
            opened.cancel()


class Changes(NamedTuple):
    """What one commit writes; `after` is the cursor that the changes were read from."""

    upserts: Sequence[Entry]
    deletes: Sequence[str]
    cursor: int
    after: int


def commit(opened: SegmentWriter, reader: Reader, snapshot: Snapshot, changes: Changes) -> None:
    """One durable commit on top of the newest snapshot. Raises Overtaken when the index is not at `after`."""
    if snapshot.cursor != changes.after:
        raise Overtaken(f"the index is at {snapshot.cursor}, not at {changes.after}")
    entries = {entry.key: entry for entry in changes.upserts}
    for key in {*entries, *changes.deletes, CURSOR}:
        for doc in snapshot.find(key):
            opened.delete_document(doc)
    for entry in entries.values():
        opened.add_document(**_fields(entry))
    opened.add_document(**{KEY: CURSOR, CURSOR: changes.cursor})
    opened.commit(mergetype=lambda _, segments: _merged_inline(reader, segments))


def _fields(entry: Entry) -> dict[str, Any]:
    values = {name: tuple(values) for name, values in entry.facets.items() if values}
    return {
        KEY: entry.key, "group": (entry.group,), "fingerprint": (entry.fingerprint,),
        "words": entry.words, "names": entry.names, **values, **entry.numbers,
    }  # fmt: skip


def _merged_inline(reader: Reader, segments: Sequence[Any]) -> list[Any]:
    """The merge policy of a commit, in Whoosh's sense: the segments to keep, some of them made into one."""
    chosen = smallest(segments, INLINE)
    merged, _ = merge(reader, chosen, reader.index.storage)
    kept = [segment for segment in segments if segment not in chosen and segment.doc_count()]
    return kept if merged is None else [*kept, merged]


def merge(reader: Reader, segments: Sequence[Any], storage: DurableStorage) -> tuple[ArraySegment | None, list[Source]]:
    """The live entries of the segments as a new segment in `storage`; None where there are none."""
    parts = sources([(reader.arrays(segment), set(segment.deleted_docs())) for segment in segments])
    count = sum(int(part.live.sum()) for part in parts)
    if not count:
        return None, parts
    merged = ArraySegment(ArrayCodec(), INDEX_NAME)
    merged.set_doc_count(count)
    with merged.create_file(storage, ".docs") as docs, merged.create_file(storage, ".terms") as terms:
        write_merged(reader.path, parts, docs, terms)
    return merged, parts


def purge(reader: Reader, wait: float, everything: bool = False) -> None:
    """Leave deleted entries out for good, and make segments few; `everything`: make them one.

    The merged segment is written beside the index without holding its lock, so that commits go on, and takes
    its place under the lock; deletions that came meanwhile are carried over.
    """
    shutil.rmtree(reader.path / _ASIDE, ignore_errors=True)  # of a purge that was killed
    while (names := _worth_merging(reader, everything)) and not _replaced(reader, names, wait):
        pass  # a commit has merged one of the segments itself: look again
    with writer(reader, wait) as opened:  # what killed writers left behind
        clean_files(opened.storage, INDEX_NAME, opened.generation - 1, opened.segments)


def _delete(segment: ArraySegment, docs: Array) -> None:
    for doc in docs.tolist():
        segment.delete_document(doc)


def _worth_merging(reader: Reader, everything: bool) -> set[str]:
    snapshot = reader.snapshot()
    if everything:
        return {segment.segment_id() for segment in reader.segments} if len(reader.segments) > 1 else set()
    names = {segment.segment_id() for segment in due(reader.segments)}
    for segment, arrays in zip(reader.segments, snapshot.segments, strict=True):
        if any(doc != arrays.find(CURSOR) for doc in segment.deleted_docs()):
            names.add(segment.segment_id())
    return names


def _replaced(reader: Reader, names: set[str], wait: float) -> bool:
    """Make the segments one. False when one of them is gone by the time the merged one is ready."""
    aside = reader.path / _ASIDE
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(mode=0o700)
    chosen = [segment for segment in reader.segments if segment.segment_id() in names]
    merged, parts = merge(reader, chosen, DurableStorage(str(aside)))
    with writer(reader, wait) as opened:
        now = {segment.segment_id(): segment for segment in opened.segments}
        if not names <= now.keys():
            return False
        for segment, part in zip(chosen, parts, strict=True):
            later = set(now[segment.segment_id()].deleted_docs()) - set(segment.deleted_docs())
            if merged is not None:
                _delete(merged, part.moved[list(later)])
        for file in aside.iterdir():
            file.rename(reader.path / file.name)
        kept = [segment for name, segment in now.items() if name not in names]
        opened.commit(mergetype=lambda *_: kept if merged is None else [*kept, merged])
    return True
