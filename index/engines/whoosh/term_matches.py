"""The entries and the positions of one term, kept from snapshot to snapshot.

Segments are immutable, so what was read for an earlier snapshot holds for all segments that both begin with: after a
commit only the new segments are read. Kept arrays are copies, so that no file stays open for their sake.
"""

from __future__ import annotations

from math import log
from typing import TypeVar

import numpy as np

from index.engines.whoosh.arrays import Array
from index.engines.whoosh.snapshot import K1, B, Ids, Scores, Snapshot, concatenated_ranges

BITS = 32  # of a position in an occurrence
_MOST_AT_ONCE = 4_096  # entries of a term whose scores are all worked out when one of them is needed
_FEW = 32  # how many times fewer scores than there are must be asked of a commoner term to be worked out alone
_MANY = 200_000  # occurrences; those of commoner terms are put together where they are needed
_ENTRY = 20  # bytes that an entry of a kept term takes, about
_TERM = 500  # bytes that a kept term takes besides

_NO_IDS, _NO_NUMBERS, _NO_LENGTHS = np.empty(0, np.intp), np.empty(0, np.uint8), np.empty(0, np.float32)


class TermMatches:
    """The entries of one term in one snapshot, with their scores once all have been needed."""

    def __init__(self, snapshot: Snapshot, field: str, term: str, previous: TermMatches | None) -> None:
        """`previous` is what was cached for another snapshot."""
        self.segments = snapshot.names
        first, ids, weights, lengths = 0, [_NO_IDS], [_NO_NUMBERS], [_NO_LENGTHS]
        if previous is not None:
            first = snapshot.shared_segments(previous.segments)
            known = previous.ids.searchsorted(snapshot.doc_bases[first])
            ids, weights, lengths = [previous.ids[:known]], [previous._weights[:known]], [previous._lengths[:known]]
        for postings in snapshot.term_postings(field, term, first):
            ids.append(postings.docs())
            weights.append(postings.column("weights"))
            lengths.append(postings.lengths())
        self.ids: Ids = np.concatenate(ids)
        self._weights: Array = np.concatenate(weights)
        self._lengths: Array = np.concatenate(lengths, dtype=np.float32)
        self._average = snapshot.average_length(field)
        self._factor = (K1 + 1) * idf(snapshot, len(self.ids))
        self._scores: Scores | None = None

    @property
    def size(self) -> int:
        """About how many bytes it takes, with its scores."""
        return _TERM + _ENTRY * len(self.ids)

    def scores(self, at: Array | None = None) -> Scores:
        """See `scoring.Matches`."""
        if self._scores is None:
            if at is not None and len(self.ids) > max(_MOST_AT_ONCE, _FEW * len(at)):
                return bm25(self._weights[at], self._lengths[at], self._average, self._factor)
            self._scores = bm25(self._weights, self._lengths, self._average, self._factor)
        return self._scores if at is None else self._scores.take(at)


class TermPositions:
    """Where one term stands, entry after entry: each an entry << BITS | position, in ascending order.

    `entries` are the term's matches.
    """

    def __init__(self, snapshot: Snapshot, field: str, term: str, previous: TermPositions | None) -> None:
        """`previous` is what was cached for another snapshot."""
        self.segments, self.entries = snapshot.names, matches_of(snapshot, field, term)
        self._ids = self.entries.ids
        first, counts, positions = 0, [_NO_NUMBERS], [_NO_NUMBERS]
        if previous is not None:
            first = snapshot.shared_segments(previous.segments)
            known = int(previous._ids.searchsorted(snapshot.doc_bases[first]))
            counts, positions = (
                [previous._counts[:known]],
                [previous._positions[: int(previous._ends[known - 1]) if known else 0]],
            )
        for postings in snapshot.term_postings(field, term, first):
            counts.append(postings.column("counts"))
            positions.append(postings.positions())
        self._counts: Array = np.concatenate(counts)
        self._positions: Array = np.concatenate(positions)
        self._ends: Array = np.cumsum(self._counts, dtype=np.int64)
        self._all = None if len(self) > _MANY else _codes(self._ids, self._counts, self._positions)

    def __len__(self) -> int:
        return len(self._positions)

    @property
    def size(self) -> int:
        """About how many bytes it takes."""
        arrays = (self._counts, self._positions, self._ends, self._all)
        return _TERM + sum(array.nbytes for array in arrays if array is not None)

    def in_entries(self, entries: Array | None) -> Array:
        """The occurrences in some of the term's entries, given by their places among these, or in all."""
        if entries is None:
            return _codes(self._ids, self._counts, self._positions) if self._all is None else self._all
        ends, counts = self._ends[entries], self._counts[entries]
        chosen = concatenated_ranges(ends - counts, counts)
        return _codes(self._ids[entries], counts, self._positions[chosen]) if self._all is None else self._all[chosen]

    def contains(self, wanted: Array) -> Array:
        """Which of the wanted occurrences, in ascending order, there are."""
        if self._all is not None:
            return _contains(wanted, self._all)
        ids = np.unique(wanted >> BITS)
        entries = self._ids.searchsorted(ids[_contains(ids, self._ids)])
        return _contains(wanted, self.in_entries(entries))


def matches_of(snapshot: Snapshot, field: str, term: str) -> TermMatches:
    """The entries of the term, if only none."""
    return _cached(TermMatches, snapshot, field, term)


def positions_of(snapshot: Snapshot, field: str, term: str) -> TermPositions:
    """Where the term stands."""
    return _cached(TermPositions, snapshot, field, term)


Cached = TypeVar("Cached", TermMatches, TermPositions)


def _cached(kind: type[Cached], snapshot: Snapshot, field: str, term: str) -> Cached:
    """What is kept of the term for this snapshot; made anew, from what was kept for another, where it is not."""
    key = (kind, field, term)
    cached: Cached | None = snapshot.term_cache.get(key)
    if cached is None or cached.segments is not snapshot.names:
        cached = kind(snapshot, field, term, cached)
        snapshot.term_cache.put(key, cached, cached.size)
    return cached


def idf(snapshot: Snapshot, frequency: int) -> float:
    """How telling a term is that occurs in `frequency` entries; in an empty index no term is."""
    return log(max(snapshot.count, 1) / (frequency + 1)) + 1


def bm25(weights: Array, lengths: Array, average: float, factor: float) -> Scores:
    """factor * w / (w + K1 * ((1 - B) + B * length / average length)); lengths are of type float32."""
    scores: Scores = lengths * np.float32(K1 * B / average)
    scores += np.float32(K1 * (1 - B))
    scores += weights
    np.divide(weights, scores, out=scores)
    scores *= np.float32(factor)
    return scores


def _codes(ids: Ids, counts: Array, positions: Array) -> Array:
    codes = np.repeat(ids.astype(np.int64) << BITS, counts)
    codes += positions
    return codes


def _contains(needles: Array, sorted_numbers: Array) -> Array:
    if not len(sorted_numbers):
        return np.zeros(len(needles), np.bool_)
    there = np.minimum(sorted_numbers.searchsorted(needles), len(sorted_numbers) - 1)
    contains: Array = sorted_numbers[there] == needles
    return contains
