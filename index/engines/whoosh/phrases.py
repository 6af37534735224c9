"""Which entries have terms at given distances from one another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from index.engines.whoosh.arrays import Array
from index.engines.whoosh.snapshot import Spot, ragged

_FAR = np.int64(1) << 32  # beyond any position


def phrase_places(terms: Sequence[tuple[Sequence[Spot], int]], common: Sequence[Array]) -> Array:
    """The places in `common` (the entries that have every term) of those that have the phrase.

    terms: where each term stands, and its distance from the start of the phrase.
    common: for each term, the places of the common entries among the entries of that term.
    """
    starts: Array | None = None
    for (spots, offset), places in sorted(zip(terms, common, strict=True), key=_occurrences):
        found = _positions(spots, places) - offset
        starts = found if starts is None else starts[_among(starts, found)]
    return np.unique(starts // _FAR) if starts is not None else np.empty(0, np.int64)


def _occurrences(member: tuple[tuple[Sequence[Spot], int], Array]) -> int:
    (spots, _), _ = member
    return sum(int(s.field.places_at[s.number + 1]) - int(s.field.places_at[s.number]) for s in spots)


def _positions(spots: Sequence[Spot], places: Array) -> Array:
    """Every position of the term in the common entries, as entry * FAR + position + FAR / 2, ascending."""
    counts = np.concatenate([_slice(s.field.counts, s.field.at, s.number) for s in spots])
    positions = np.concatenate([_slice(s.field.places, s.field.places_at, s.number) for s in spots])
    ends = np.cumsum(counts, dtype=np.int64)
    lengths = counts[places].astype(np.int64)
    chosen = positions[ragged(ends[places] - lengths, lengths)].astype(np.int64)
    return np.repeat(np.arange(len(places)) * _FAR + _FAR // 2, lengths) + chosen


def _slice(array: Array, at: Array, number: int) -> Array:
    return array[int(at[number]) : int(at[number + 1])]


def _among(needles: Array, sorted_numbers: Array) -> Array:
    if not len(sorted_numbers):
        return np.zeros(len(needles), np.bool_)
    there = np.minimum(np.searchsorted(sorted_numbers, needles), len(sorted_numbers) - 1)
    among: Array = sorted_numbers[there] == needles
    return among
