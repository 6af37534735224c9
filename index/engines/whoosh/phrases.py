"""Which entries have terms at given distances from one another.

An occurrence is one number, entry << 32 | position, so that a term's occurrences are one ascending array and a phrase
is what two such arrays have in common when one is shifted.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from index.engines.whoosh.arrays import Array
from index.engines.whoosh.snapshot import Ids, Spot, joined, ragged

_BITS = 32  # of a position
_MANY = 200_000  # occurrences; those of commoner terms are worked out where they are needed


class Occurrences:
    """Where one term stands; `ids` are its entries."""

    def __init__(self, spots: Sequence[Spot], ids: Ids) -> None:
        counts = joined([spot.postings("counts") for spot in spots])
        self._ids, self._ends = ids, np.cumsum(counts, dtype=np.int64)
        self._places = joined([spot.places() for spot in spots])
        self._all = None if len(self) > _MANY else self._codes(ids, counts, self._places)

    def __len__(self) -> int:
        return len(self._places)

    @property
    def size(self) -> int:
        """About how many bytes it takes."""
        return 8 * len(self._ends) + (0 if self._all is None else 8 * len(self))

    def within(self, entries: Array | None) -> Array:
        """The occurrences in some of the entries, given by their places in `ids`, or in all."""
        if entries is None:
            return (
                self._codes(self._ids, np.diff(self._ends, prepend=0), self._places) if self._all is None else self._all
            )
        ends = self._ends[entries]
        starts = np.where(entries > 0, self._ends[entries - 1], 0)
        chosen = ragged(starts, ends - starts)
        if self._all is not None:
            return self._all[chosen]
        return self._codes(self._ids[entries], ends - starts, self._places[chosen])

    def among(self, wanted: Array) -> Array:
        """Which of the wanted occurrences, in ascending order, there are."""
        if self._all is not None:
            return _among(wanted, self._all)
        ids = np.unique(wanted >> _BITS)
        entries = self._ids.searchsorted(ids[_among(ids, self._ids)])
        return _among(wanted, self.within(entries))

    @staticmethod
    def _codes(ids: Ids, counts: Array, places: Array) -> Array:
        codes = np.repeat(ids.astype(np.int64) << _BITS, counts)
        codes += places
        return codes


def phrase_ids(terms: Sequence[tuple[Occurrences, int]], entries: Array | None = None) -> Ids:
    """The entries in which the terms stand at these distances from one place.

    terms: each with its distance, 0 or more, the rarest first. entries: where only some entries of the first term
    matter, their places among its entries.
    """
    (rarest, distance), *others = terms
    starts = rarest.within(entries) - distance
    for other, distance in others:
        starts = starts[other.among(starts + distance)]
    ids: Ids = starts >> _BITS
    return ids[np.concatenate(([True], ids[1:] != ids[:-1]))] if len(ids) else ids


def _among(needles: Array, sorted_numbers: Array) -> Array:
    if not len(sorted_numbers):
        return np.zeros(len(needles), np.bool_)
    there = np.minimum(sorted_numbers.searchsorted(needles), len(sorted_numbers) - 1)
    among: Array = sorted_numbers[there] == needles
    return among
