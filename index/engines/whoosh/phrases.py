"""Which entries have terms at given distances from one another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from index.engines.whoosh.arrays import Array
from index.engines.whoosh.snapshot import Spot, joined, ragged

_FAR = np.int64(1) << 32  # beyond any position


class Occurrences:
    """The positions of one term: `places` end to end, those of the i-th entry from starts[i], counts[i] of them."""

    def __init__(self, spots: Sequence[Spot]) -> None:
        self.counts = joined([spot.postings("counts") for spot in spots]).astype(np.int64)
        self.starts = np.cumsum(self.counts) - self.counts
        self.places = joined([spot.places() for spot in spots])

    def within(self, entries: Array) -> Array:
        """All positions in some of the entries, ascending: number in the row * FAR + position + FAR / 2."""
        lengths = self.counts[entries]
        positions = self.places[ragged(self.starts[entries], lengths)]
        return np.repeat(np.arange(len(entries)) * _FAR + _FAR // 2, lengths) + positions


def phrase_places(terms: Sequence[Occurrences], offsets: Sequence[int], common: Sequence[Array]) -> Array:
    """The places in `common` (the entries that have every term) of those that have the phrase.

    offsets: each term's distance from the start of the phrase. common: for each term, the places of the common
    entries among the entries of that term.
    """
    rarest = sorted(range(len(terms)), key=lambda i: len(terms[i].places))
    starts = terms[rarest[0]].within(common[rarest[0]]) - offsets[rarest[0]]
    for i in rarest[1:]:
        starts = starts[_among(starts, terms[i].within(common[i]) - offsets[i])]
    places = starts // _FAR
    return places[np.concatenate(([True], places[1:] != places[:-1]))] if len(places) else places


def _among(needles: Array, sorted_numbers: Array) -> Array:
    if not len(sorted_numbers):
        return np.zeros(len(needles), np.bool_)
    there = np.minimum(sorted_numbers.searchsorted(needles), len(sorted_numbers) - 1)
    among: Array = sorted_numbers[there] == needles
    return among
