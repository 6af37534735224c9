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
from index.engines.whoosh.segment import Field, Interner, SegmentArrays
from index.engines.whoosh.whoosh_schema import CURSOR, MISSING, decoded, encoded

Ids = NDArray[np.intp]
Mask = NDArray[np.bool_]
Scores = NDArray[np.float32]

K1, B = 1.2, 0.75  # BM25F, with the values of whoosh.scoring


class Spot(NamedTuple):
    """Where a term stands in one segment."""

    base: int
    field: Field
    number: int

    def postings(self, column: str) -> Array:
        """A column of the term's postings: docs, weights, counts."""
        at = self.field.at
        array: Array = getattr(self.field, column)
        return array[at.item(self.number) : at.item(self.number + 1)]

    def docs(self) -> Ids:
        """The numbers of the term's entries in the whole index."""
        docs = self.postings("docs").astype(np.intp)
        docs += self.base
        return docs

    def lengths(self) -> Array:
        """How many positions each of the term's entries has in all."""
        lengths: Array = self.field.lengths[self.postings("docs")]
        return lengths

    def places(self) -> Array:
        """The positions of the term, entry after entry."""
        at = self.field.places_at
        return self.field.places[at.item(self.number) : at.item(self.number + 1)]


class Memory:
    """Keeps what was worked out, from one snapshot to the next; forgets everything when its bytes are full."""

    def __init__(self) -> None:
        self.limit = 0
        self._held = 0
        self._kept: dict[object, tuple[Any, int]] = {}

    def get(self, key: object) -> Any:
        """What was kept under the key, or None; it may be of another snapshot."""
        kept = self._kept.get(key)
        return None if kept is None else kept[0]

    def keep(self, key: object, value: object, size: int) -> None:
        """Keep a value of about `size` bytes in place of what was there."""
        _, before = self._kept.get(key, (None, 0))
        if self._held + size - before > self.limit:
            self._kept, self._held, before = {}, 0, 0
        self._kept[key] = value, size
        self._held += size - before


class Tags(NamedTuple):
    """A column of strings for all entries: rows[i] has the code of the i-th value of each entry, 0 for none."""

    rows: Array
    interner: Interner

    def tally(self, ids: Array) -> Array:
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

    def carrying(self, values: Sequence[str]) -> Mask:
        """Which entries have at least one of the values."""
        wanted = np.zeros(len(self.interner.words), np.bool_)
        wanted[[self.interner.code(value) for value in values]] = True
        wanted[0] = False
        mask: Mask = np.logical_or.reduce(wanted[self.rows])
        return mask


def ragged(starts: Array, lengths: Array) -> Array:
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
        interners: dict[str, Interner],
        kept: Memory,
    ) -> None:
        self.segments = segments
        self.names = tuple(segment.name for segment in segments)
        self.deleted = deleted
        self.bases = np.concatenate(([0], np.cumsum([segment.count for segment in segments]))).astype(int).tolist()
        self.count: int = self.bases[-1]
        self._interners = interners
        self.kept = kept
        kept.limit = 4_000_000 + 600 * self.count
        self._averages: dict[str, float] = {}
        self._columns: dict[str, Array] = {}
        self._tags: dict[str, Tags] = {}

    # -- entries

    @cached_property
    def live(self) -> Mask:
        """Which entries count: all but deleted ones and the reserved one that keeps the cursor."""
        mask = np.ones(self.count, np.bool_)
        for base, deleted in zip(self.bases, self.deleted, strict=False):
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
    def alone(self) -> Mask | None:
        """Which entries have a group to themselves; None where all have."""
        groups = self.tags("group")
        sizes = groups.tally(self.live)
        return None if sizes.max() <= 1 else sizes[groups.rows[0]] == 1

    @cached_property
    def cursor(self) -> int:
        """The number that the reserved entry keeps, 0 where there is none yet."""
        docs = self.find(CURSOR)
        return int(self.numbers(CURSOR)[docs[-1]]) if docs else 0

    def find(self, key: str) -> list[int]:
        """The entries with this key that are not deleted: one, or none."""
        found = []
        for base, segment, deleted in zip(self.bases, self.segments, self.deleted, strict=False):
            doc = segment.find(key)
            if doc >= 0 and doc not in deleted:
                found.append(base + doc)
        return found

    def keys(self, docs: Iterable[int]) -> list[str]:
        """The keys of these entries."""
        keys, bases, segments = [], self.bases, self.segments
        for doc in docs:
            place = bisect_right(bases, doc) - 1
            keys.append(segments[place].key(doc - bases[place]))
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

    def numbers(self, name: str) -> Array:
        """A column of whole numbers, MISSING where an entry has none."""
        parts = (segment.numbers(name) for segment in self.segments)
        empty = (np.full(segment.count, MISSING) for segment in self.segments)
        return self._joined(name, [b if a is None else a for a, b in zip(parts, empty, strict=True)], np.int64)

    def _joined(self, name: str, parts: Sequence[Array], dtype: type[np.signedinteger]) -> Array:
        if name not in self._columns:
            self._columns[name] = np.concatenate([np.empty(0, dtype), *parts])
        return self._columns[name]

    def tags(self, name: str) -> Tags:
        """A column of strings."""
        if name not in self._tags:
            interner = self._interners[name]
            parts = [segment.interned(name, interner) for segment in self.segments]
            self._tags[name] = Tags(_side_by_side(parts, self.count), interner)
        return self._tags[name]

    # -- terms

    def spots(self, field: str, term: str, first: int = 0) -> Iterator[Spot]:
        """Where the term stands in the segments from the `first` on, counted from 0."""
        word = encoded(term)
        for base, postings in self.fields(field, first):
            number = postings.number_of(word)
            if number >= 0:
                yield Spot(base, postings, number)

    def shared(self, names: Sequence[str]) -> int:
        """With how many segments this snapshot begins as one of segments of these names does."""
        pairs = zip(self.names, names, strict=False)
        return next((n for n, (ours, theirs) in enumerate(pairs) if ours != theirs), min(len(self.names), len(names)))

    def fields(self, name: str, first: int = 0) -> Iterator[tuple[int, Field]]:
        """The postings of a field, segment by segment, each with the number of the segment's first entry."""
        for base, segment in zip(self.bases[first:], self.segments[first:], strict=False):
            field = segment.field(name)
            if field is not None:
                yield base, field

    def fingerprints(self) -> Iterator[tuple[str, str]]:
        """Every live entry as (key, fingerprint)."""
        for base, segment in zip(self.bases, self.segments, strict=False):
            tags = segment.tags("fingerprint")
            for doc in self.live[base : base + segment.count].nonzero()[0].tolist():
                code = int(tags.codes[doc]) if tags is not None else 0
                yield segment.key(doc), tags.words[code - 1] if tags is not None and code else ""


def term_of(field: Field, number: int) -> str:
    """The term with this number."""
    return decoded(field.lexicon[number])


def _side_by_side(parts: Sequence[Array], count: int) -> Array:
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
