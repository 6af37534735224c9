"""The terms of the index as words to suggest: how common they are, which begin so, which are spelt alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import numpy as np

from index.engines.whoosh.arrays import Array
from index.engines.whoosh.fields import encoded
from index.engines.whoosh.segment import Field
from index.engines.whoosh.snapshot import Snapshot, term_of


def frequencies(snapshot: Snapshot, field: str, terms: Iterable[str]) -> dict[str, int]:
    """In how many entries each term occurs."""
    return {term: sum(spot.field.frequency(spot.number) for spot in snapshot.spots(field, term)) for term in terms}


def beginning(snapshot: Snapshot, field: str, prefix: str, limit: int) -> list[tuple[str, int]]:
    """Terms that begin so, commonest first. Of each segment only its commonest are looked at."""
    found: Counter[str] = Counter()
    for _, part in snapshot.fields(field):
        low, high = part.lexicon.range(encoded(prefix))
        counts = np.diff(part.at[low : high + 1].astype(np.int64))
        most = len(counts) - min(len(counts), max(limit, 1) * 4)
        for number in np.argpartition(counts, most)[most:].tolist() if len(counts) else ():
            found[term_of(part, low + number)] += int(counts[number])
    return _commonest(found, limit)


def _commonest(found: Counter[str], limit: int) -> list[tuple[str, int]]:
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))[:limit]


def similar(snapshot: Snapshot, field: str, term: str, distance: int, limit: int) -> list[tuple[str, int]]:
    """Terms with the same first letter within `distance` edits, commonest first, without the term itself."""
    found: Counter[str] = Counter()
    for _, part in snapshot.fields(field):
        for number in _of_like_length(part, term, distance):
            other = term_of(part, number)
            if other != term and within(term, other, distance):
                found[other] += part.frequency(number)
    return _commonest(found, limit)


def _of_like_length(part: Field, term: str, distance: int) -> Iterator[int]:
    low, high = part.lexicon.range(encoded(term[:1]))
    ends: Array = part.lexicon.ends[max(low - 1, 0) : high].astype(np.int64)
    lengths = np.diff(ends) if low else np.diff(ends, prepend=0)
    widest = max(len(encoded(letter)) for letter in term) if term else 1
    near = np.abs(lengths - len(encoded(term))) <= distance * max(widest, 2)
    yield from (near.nonzero()[0] + low).tolist()


def within(one: str, other: str, distance: int) -> bool:
    """Whether `distance` insertions, deletions, changes or swaps of neighbours turn one into the other.

    The restricted edit distance (Damerau 1964) with the usual table, cut off where it cannot come back.
    """
    if abs(len(one) - len(other)) > distance:
        return False
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        earlier, before = before, row
        row = [i]
        for j, facing in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != facing))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == facing:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
        if min(row) > distance:
            return False
    return row[-1] <= distance
