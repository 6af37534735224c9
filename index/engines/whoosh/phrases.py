"""Which entries have terms at given distances from one another.

A term's occurrences are one ascending array, so a phrase is what two such arrays have in common when one is shifted.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from index.engines.whoosh.arrays import Array
from index.engines.whoosh.snapshot import Ids
from index.engines.whoosh.term_matches import BITS, TermPositions


def phrase_ids(terms: Sequence[tuple[TermPositions, int]], entries: Array | None = None) -> Ids:
    """The entries in which the terms stand at these distances from one place.

    terms: each with its distance, 0 or more, the rarest first. entries: where only some entries of the first term
    matter, their places among its entries.
    """
    (rarest, distance), *others = terms
    starts = rarest.in_entries(entries) - distance
    for other, distance in others:
        starts = starts[other.contains(starts + distance)]
    ids: Ids = starts >> BITS
    return ids[np.concatenate(([True], ids[1:] != ids[:-1]))] if len(ids) else ids
