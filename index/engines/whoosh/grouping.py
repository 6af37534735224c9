"""Counts that count groups: a story and its translations are one result, however many of them match."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from index.engines.whoosh.arrays import Array
from index.engines.whoosh.snapshot import Ids, Mask, Snapshot, StringColumn


class GroupCounts:
    """Some entries, and which of them are members of one group."""

    def __init__(self, snapshot: Snapshot, ids: Ids) -> None:
        self.ids = ids
        self._snapshot = snapshot
        self._groups = snapshot.string_column("group")

    def count(self) -> int:
        """How many groups there are."""
        return len(self.ids) if self._snapshot.ungrouped is None else int(np.count_nonzero(self._sizes))

    def facet_counts(self, name: str) -> Mapping[str, int]:
        """How many groups have each value of a facet; a group with two members of one value counts once."""
        column = self._snapshot.string_column(name)
        if self._snapshot.ungrouped is None:
            counts = column.count_values(self.ids)
        else:
            counts = column.count_values(self.ids[self._single]) + self._count_shared_groups(column)
        words = column.interner.words
        return {words[code]: count for code, count in enumerate(counts.tolist()) if count and code}

    @cached_property
    def _codes(self) -> Array:
        codes: Array = self._groups.rows[0][self.ids]
        return codes

    @cached_property
    def _sizes(self) -> Array:
        return np.bincount(self._codes, minlength=len(self._groups.interner.words))

    @cached_property
    def _single(self) -> Mask:
        """Which of the entries are the only ones here of their group."""
        single: Mask = self._sizes[self._codes] == 1
        return single

    def _count_shared_groups(self, column: StringColumn) -> Array:
        several, size = ~self._single, len(column.interner.words)
        places, codes = column.pairs(self.ids[several])
        pairs = self._codes[several][places].astype(np.int64) * size + codes
        return np.bincount(np.unique(pairs) % size, minlength=size)
