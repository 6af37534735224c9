"""The whole index at one moment: its segments side by side, so that a question is answered in one pass.

Entries are numbered through all segments; what is known of each lies in one array per property, put together
when it is first asked for. A snapshot never changes. Whoosh's own `Searcher.refresh()` is not used: it reopens
every segment. A new snapshot takes over the segments it shares with the one before and reads deletions afresh.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.engines.whoosh.arrays import Array
from index.engines.whoosh.segment import FieldPostings, SegmentArrays, StringInterner
from index.engines.whoosh.whoosh_schema import CURSOR, MISSING, decoded, encoded

Ids = NDArray[np.intp]
Mask = NDArray[np.bool_]
Scores = NDArray[np.float32]

K1, B = 1.2, 0.75  # BM25F, with the values of whoosh.scoring


class TermPostings(NamedTuple):
    """Where a term stands in one segment."""

    base: int
    field: FieldPostings
    number: int

    def column(self, name: str) -> Array:
        """A column of the term's postings: docs, weights, counts."""
        at = self.field.posting_offsets
        array: Array = getattr(self.field, name)
        return array[at.item(self.number) : at.item(self.number + 1)]

    def docs(self) -> Ids:
        """The numbers of the term's entries in the whole index."""
        docs = self.column("docs").astype(np.intp)
        docs += self.base
        return docs

    def lengths(self) -> Array:
        """How many positions each of the term's entries has in all."""
        lengths: Array = self.field.lengths[self.column("docs")]
        return lengths

    def positions(self) -> Array:
        """The positions of the term, entry after entry."""
        at = self.field.position_offsets
        return self.field.positions[at.item(self.number) : at.item(self.number + 1)]


class TermCache:
    """Keeps what was read of terms from one snapshot to the next; drops everything when its bytes are full."""

    def __init__(self) -> None:
        self.limit = 0

        self._bytes = 0
        self._cached: dict[object, tuple[Any, int]] = {}

    def get(self, key: object) -> Any:
        """What was put under the key, or None; it may be of another snapshot."""
        cached = self._cached.get(key)
        return None if cached is None else cached[0]

    def put(self, key: object, value: object, size: int) -> None:
        """Cache a value of about `size` bytes in place of what was there."""
        _, before = self._cached.get(key, (None, 0))
        if self._bytes + size - before > self.limit:
            self._cached, self._bytes, before = {}, 0, 0
        self._cached[key] = value, size
        self._bytes += size - before


class StringColumn(NamedTuple):
    """A column of strings for all entries: rows[i] has the code of the i-th value of each entry, 0 for none."""

    rows: Array
    interner: StringInterner

    def count_values(self, ids: Array) -> Array:
        """How many of these entries have each value, by code; the count at 0 means nothing."""
        size = len(self.interner.words)
        counts = np.bincount(self.rows[0][ids], minlength=size)
        for row in self.rows[1:]:
            counts += np.bincount(row[ids], minlength=size)
        return counts

    def pairs(self, ids: Array) -> tuple[Array, Array]:
        """The values of these entries as (place in `ids`, code)."""
        codes = self.rows[:, ids]
        row, place = codes.nonzero()
        return place, codes[row, place]

    def mask_of(self, values: Sequence[str]) -> Mask:
        """Which entries have at least one of the values."""
        codes = [self.interner.code(value) for value in values]
        wanted = np.zeros(len(self.interner.words), np.bool_)  # counted after: another thread may be adding some
        wanted[codes] = True
        wanted[0] = False
        mask: Mask = np.logical_or.reduce(wanted[self.rows])
        return mask


def concatenated_ranges(starts: Array, lengths: Array) -> Array:
    """The numbers starts[i], starts[i] + 1, … for lengths[i] of them, for every i, end to end."""
    ends = np.cumsum(lengths, dtype=np.int64)
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total) + np.repeat(starts.astype(np.int64) - ends + lengths, lengths)


class Snapshot:
    """See the module. `deleted` holds, for each segment, the numbers of its deleted entries."""

    def __init__(
        self,
        segments: Sequence[SegmentArrays],
        deleted: Sequence[set[int]],
        interners: dict[str, StringInterner],
        term_cache: TermCache,
    ) -> None:
        self.segments = segments
        self.names = tuple(segment.name for segment in segments)
        self.deleted = deleted
        self.doc_bases = np.concatenate(([0], np.cumsum([segment.count for segment in segments]))).astype(int).tolist()
        self.count: int = self.doc_bases[-1]
        self._interners = interners
        self.term_cache = term_cache
        term_cache.limit = 4_000_000 + 600 * self.count
        self._averages: dict[str, float] = {}
        self._columns: dict[str, Array] = {}
        self._string_columns: dict[str, StringColumn] = {}

    # -- entries

    @cached_property
    def live(self) -> Mask:
        """Which entries count: all but deleted ones and the reserved one that keeps the cursor."""
        mask = np.ones(self.count, np.bool_)
        for base, deleted in zip(self.doc_bases, self.deleted, strict=False):
            mask[np.fromiter(deleted, np.int64, len(deleted)) + base] = False
        mask[self.find(CURSOR)] = False
        return mask

    @cached_property
    def size(self) -> int:
        """How many entries count."""
        return int(np.count_nonzero(self.live))

    @cached_property
    def has_deletions(self) -> bool:
        """Whether entries are deleted besides older ones that kept the cursor, which have no terms."""
        pairs = zip(self.segments, self.deleted, strict=True)
        return any(deleted - {segment.find(CURSOR)} for segment, deleted in pairs)

    @cached_property
    def ungrouped(self) -> Mask | None:
        """Which entries have a group to themselves; None where all have."""
        groups = self.string_column("group")
        sizes = groups.count_values(self.live)
        return None if sizes.max() <= 1 else sizes[groups.rows[0]] == 1

    @cached_property
    def cursor(self) -> int:
        """The number that the reserved entry keeps, 0 where there is none yet."""
        docs = self.find(CURSOR)
        return int(self.number_column(CURSOR)[docs[-1]]) if docs else 0

    def find(self, key: str) -> list[int]:
        """The entries with this key that are not deleted: one, or none."""
        found = []
        for base, segment, deleted in zip(self.doc_bases, self.segments, self.deleted, strict=False):
            doc = segment.find(key)
            if doc >= 0 and doc not in deleted:
                found.append(base + doc)
        return found

    def keys(self, docs: Iterable[int]) -> list[str]:
        """The keys of these entries."""
        keys, doc_bases, segments = [], self.doc_bases, self.segments
        for doc in docs:
            place = bisect_right(doc_bases, doc) - 1
            keys.append(segments[place].key(doc - doc_bases[place]))
        return keys

    # -- properties of entries

    def lengths(self, field: str) -> Array:
        """How many positions each entry has in a scored field."""
        return self._joined(f"{field} lengths", [segment.lengths(field) for segment in self.segments], np.int32)

    def average_length(self, field: str) -> float:
        """How many positions an entry has on the average."""
        if field not in self._averages:
            total = sum(segment.total_length(field) for segment in self.segments)
            self._averages[field] = total / max(self.count, 1) or 1.0
        return self._averages[field]

    def number_column(self, name: str) -> Array:
        """A column of whole numbers, MISSING where an entry has none."""
        parts = (segment.number_column(name) for segment in self.segments)
        empty = (np.full(segment.count, MISSING) for segment in self.segments)
        return self._joined(name, [b if a is None else a for a, b in zip(parts, empty, strict=True)], np.int64)

    def _joined(self, name: str, parts: Sequence[Array], dtype: type[np.signedinteger]) -> Array:
        if name not in self._columns:
            self._columns[name] = np.concatenate([np.empty(0, dtype), *parts])
        return self._columns[name]

    def string_column(self, name: str) -> StringColumn:
        """A column of strings."""
        if name not in self._string_columns:
            interner = self._interners[name]
            parts = [segment.string_rows(name, interner) for segment in self.segments]
            self._string_columns[name] = StringColumn(_joined_rows(parts, self.count), interner)
        return self._string_columns[name]

    # -- terms

    def term_postings(self, field: str, term: str, first: int = 0) -> Iterator[TermPostings]:
        """Where the term stands in the segments from the `first` on, counted from 0."""
        word = encoded(term)
        for base, postings in self.fields(field, first):
            number = postings.number_of(word)
            if number >= 0:
                yield TermPostings(base, postings, number)

    def shared_segments(self, names: Sequence[str]) -> int:
        """With how many segments this snapshot begins as one of segments of these names does."""
        pairs = zip(self.names, names, strict=False)
        return next((n for n, (ours, theirs) in enumerate(pairs) if ours != theirs), min(len(self.names), len(names)))

    def fields(self, name: str, first: int = 0) -> Iterator[tuple[int, FieldPostings]]:
        """The postings of a field, segment by segment, each with the number of the segment's first entry."""
        for base, segment in zip(self.doc_bases[first:], self.segments[first:], strict=False):
            field = segment.field(name)
            if field is not None:
                yield base, field

    def fingerprints(self) -> Iterator[tuple[str, str]]:
        """Every live entry as (key, fingerprint)."""
        for base, segment in zip(self.doc_bases, self.segments, strict=False):
            for doc in self.live[base : base + segment.count].nonzero()[0]:
                yield segment.key(int(doc), keep=False), segment.fingerprint(int(doc))

    def places(self, keys: Iterable[str]) -> Iterator[tuple[str, SegmentArrays, int]]:
        """Of the entries with these keys each that there is: its segment, and its number there."""
        for key in keys:
            for doc in self.find(key):
                place = bisect_right(self.doc_bases, doc) - 1
                yield key, self.segments[place], doc - self.doc_bases[place]


def term_of(field: FieldPostings, number: int) -> str:
    """The term with this number."""
    return decoded(field.term_dictionary[number])


def _joined_rows(parts: Sequence[Array], count: int) -> Array:
    """Rows of several segments as rows of all entries."""
    most = max((len(part) for part in parts), default=1)
    top = max((int(part.max(initial=0)) for part in parts), default=0)
    rows = np.zeros((most, count), np.min_scalar_type(top))
    start = 0
    for part in parts:
        end = start + part.shape[1]
        rows[: len(part), start:end] = part
        start = end
    return rows
