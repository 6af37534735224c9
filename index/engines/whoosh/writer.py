"""Commits: entries in and out with the cursor, small merges at once, large ones and purges beside the writers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from whoosh.index import LockError, clean_files
from whoosh.writing import SegmentWriter

from index.engines.base import NAMES, WORDS, CorruptIndex, Entry, LockedIndex, StaleCursor
from index.engines.whoosh.arrays import Array
from index.engines.whoosh.codec import ArrayCodec, ArraySegment, PostingPool
from index.engines.whoosh.directory import INDEX_NAME, DurableStorage
from index.engines.whoosh.merging import MergeSource, find_merges, find_small_merge, merge_sources, write_merged
from index.engines.whoosh.snapshot import Snapshot
from index.engines.whoosh.snapshot_reader import SnapshotReader
from index.engines.whoosh.whoosh_schema import CURSOR, KEY, collected

MAX_INLINE_MERGE = 32  # entries that a commit may rewrite while someone waits for it; `purge` merges the rest
MAX_REBUILD_MERGE = (
    1_200  # where nobody waits: else an index made in small batches would have more files than it may open
)
_DELAY = 0.01
_MERGE_FOLDER = "merging"


@contextmanager
def open_writer(reader: SnapshotReader, wait: float) -> Iterator[SegmentWriter]:
    """Whoosh's writer with its lock held; what is not committed when the block ends is dropped. Raises LockedIndex."""
    try:
        opened = SegmentWriter(reader.index, timeout=wait, delay=_DELAY, codec=ArrayCodec(), compound=False)
    except LockError as error:
        raise LockedIndex("another process is writing to the index") from error
    except OSError:
        raise
    except Exception as error:  # it reads the table of contents, and unpickling a damaged one can raise anything
        raise CorruptIndex(f"the table of contents cannot be read: {error}") from error
    opened.pool = PostingPool()
    try:
        yield opened
    finally:
        if not opened.is_closed:
            opened.cancel()


class CommitBatch(NamedTuple):
    """What one commit writes; `after` is the cursor that the changes were read from."""

    upserts: Sequence[Entry]
    deletes: Sequence[str]
    cursor: int
    after: int


def commit(opened: SegmentWriter, reader: SnapshotReader, snapshot: Snapshot, changes: CommitBatch, most: int) -> None:
    """One durable commit on top of the newest snapshot. Raises StaleCursor when the index is not at `after`.

    `most` is how many entries it may rewrite to make segments fewer.
    """
    if snapshot.cursor != changes.after:
        raise StaleCursor(f"the index is at {snapshot.cursor}, not at {changes.after}")
    entries = {entry.key: entry for entry in changes.upserts}
    for key in {*entries, *changes.deletes, CURSOR}:
        for doc in snapshot.find(key):
            opened.delete_document(doc)
    for entry in entries.values():
        _add(opened, entry)
    opened.add_document(**{KEY: CURSOR, CURSOR: changes.cursor})
    opened.commit(mergetype=lambda _, segments: _merged_inline(reader, segments, most))


def _add(opened: SegmentWriter, entry: Entry) -> None:
    """Whoosh takes the key and the columns; it would take terms one by one, so they go to the pool themselves."""
    doc = opened.docnum
    opened.add_document(**_fields(entry))
    for name, streams in ((WORDS, entry.words), (NAMES, entry.names)):
        if streams:
            found = collected(streams)
            opened.pool.add_all(name, doc, found)
            opened.perdocwriter.add_length(name, doc, found.length)


def _fields(entry: Entry) -> dict[str, Any]:
    values = {name: tuple(values) for name, values in entry.facets.items() if values}
    return {
        KEY: entry.key, "group": (entry.group,), "fingerprint": (entry.fingerprint,),
        **values, **entry.numbers,
    }  # fmt: skip


def _merged_inline(reader: SnapshotReader, segments: Sequence[Any], most: int) -> list[Any]:
    """The merge policy of a commit, in Whoosh's sense: the segments to keep, some of them made into one."""
    chosen = find_small_merge(segments, most)
    merged, _ = merge(reader, chosen, reader.index.storage)
    kept = [segment for segment in segments if segment not in chosen and segment.doc_count()]
    return kept if merged is None else [*kept, merged]


def merge(
    reader: SnapshotReader, segments: Sequence[Any], storage: DurableStorage
) -> tuple[ArraySegment | None, list[MergeSource]]:
    """The live entries of the segments as a new segment in `storage`; None where there are none."""
    parts = merge_sources([(reader.arrays(segment), set(segment.deleted_docs())) for segment in segments])
    count = sum(int(part.live.sum()) for part in parts)
    if not count:
        return None, parts
    merged = ArraySegment(ArrayCodec(), INDEX_NAME)
    merged.set_doc_count(count)
    with merged.create_file(storage, ".docs") as docs, merged.create_file(storage, ".terms") as terms:
        write_merged(reader.path, parts, docs, terms)
    return merged, parts


def purge(reader: SnapshotReader, wait: float, everything: bool = False) -> None:
    """Leave deleted entries out for good, and make segments few; `everything`: make them one.

    The merged segment is written beside the index without holding its lock, so that commits go on, and takes
    its place under the lock; deletions that came meanwhile are carried over.
    """
    shutil.rmtree(reader.path / _MERGE_FOLDER, ignore_errors=True)  # of a purge that was killed
    while (names := _worth_merging(reader, everything)) and not _merge_and_replace(reader, names, wait):
        pass  # a commit has merged one of the segments itself: look again
    with open_writer(reader, wait) as opened:  # what killed writers left behind
        clean_files(opened.storage, INDEX_NAME, opened.generation - 1, opened.segments)


def _delete(segment: ArraySegment, docs: Array) -> None:
    for doc in docs.tolist():
        segment.delete_document(doc)


def _worth_merging(reader: SnapshotReader, everything: bool) -> set[str]:
    snapshot = reader.snapshot()
    if everything:
        return {segment.segment_id() for segment in reader.segments} if len(reader.segments) > 1 else set()
    names = {segment.segment_id() for segment in find_merges(reader.segments)}
    for segment, arrays in zip(reader.segments, snapshot.segments, strict=True):
        if any(doc != arrays.find(CURSOR) for doc in segment.deleted_docs()):
            names.add(segment.segment_id())
    return names


def _merge_and_replace(reader: SnapshotReader, names: set[str], wait: float) -> bool:
    """Make the segments one. False when one of them is gone by the time the merged one is ready."""
    merge_folder = reader.path / _MERGE_FOLDER
    shutil.rmtree(merge_folder, ignore_errors=True)
    merge_folder.mkdir(mode=0o700)
    chosen = [segment for segment in reader.segments if segment.segment_id() in names]
    merged, parts = merge(reader, chosen, DurableStorage(str(merge_folder)))
    with open_writer(reader, wait) as opened:
        now = {segment.segment_id(): segment for segment in opened.segments}
        if not names <= now.keys():
            return False
        for segment, part in zip(chosen, parts, strict=True):
            later = set(now[segment.segment_id()].deleted_docs()) - set(segment.deleted_docs())
            if merged is not None:
                _delete(merged, part.doc_map[list(later)])
        for file in merge_folder.iterdir():
            file.rename(reader.path / file.name)
        kept = [segment for name, segment in now.items() if name not in names]
        opened.commit(mergetype=lambda *_: kept if merged is None else [*kept, merged])
    return True
