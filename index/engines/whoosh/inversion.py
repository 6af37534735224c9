"""Postings of one field as columns of numbers: put in the order of terms at a stroke, not one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from index.engines.whoosh.arrays import Array
from index.engines.whoosh.snapshot import concatenated_ranges


class Postings(NamedTuple):
    """One row for each term of each entry: the term's number, the entry, the weight, how many positions it has.

    `positions` holds the positions end to end, row after row. A field that is not scored has only terms and entries.
    """

    terms: Array
    docs: Array
    weights: Array | None = None
    counts: Array | None = None
    positions: Array | None = None

    def sorted(self) -> Postings:
        """The same in the order of terms; within a term the order stays."""
        order = np.argsort(self.terms, kind="stable")
        if self.weights is None or self.counts is None or self.positions is None:
            return Postings(self.terms[order], self.docs[order])
        starts, counts = np.cumsum(self.counts) - self.counts, self.counts[order]
        positions = self.positions[concatenated_ranges(starts[order], counts)]
        return Postings(self.terms[order], self.docs[order], self.weights[order], counts, positions)


def concatenated(parts: Sequence[Postings]) -> Postings:
    """The rows of all parts, one part after the other."""
    if parts[0].weights is None:
        return Postings(_joined(parts, 0), _joined(parts, 1))
    return Postings(*(_joined(parts, i) for i in range(len(Postings._fields))))


def _joined(parts: Sequence[Postings], i: int) -> Array:
    return np.concatenate([part[i] for part in parts])
