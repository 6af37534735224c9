"""The terms of the index as words to suggest: how common they are, which begin so, which are spelt alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import islice

import numpy as np

from index.analysis.edit_distance import within
from index.engines.whoosh.arrays import Array
from index.engines.whoosh.segment import Field
from index.engines.whoosh.snapshot import Snapshot, term_of
from index.engines.whoosh.term_dictionary import sign_bits
from index.engines.whoosh.whoosh_schema import encoded


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
    """Terms that begin alike (`_beginning`) within `distance` edits, commonest first, without the term itself."""
    possible: Counter[str] = Counter()
    for _, part in snapshot.fields(field):
        for number in _maybe_within(part, term, distance).tolist():
            possible[term_of(part, number)] += part.frequency(number)
    del possible[term]
    inorder = _commonest(possible, len(possible))
    return list(islice((item for item in inorder if within(term, item[0], distance)), limit))


def _maybe_within(part: Field, term: str, distance: int) -> Array:
    """The numbers of terms that have the beginning, and about the length and the letters, of `term`.

    An edit of one letter changes the length by `widest` bytes at most, and twice as many kinds of byte. (Two bytes
    at least: an accent may come in.)
    """
    word, widest = encoded(term), max([2, *(len(encoded(letter)) for letter in term)])
    low, high = part.lexicon.range(encoded(_beginning(term)))
    ends = part.lexicon.ends[max(low - 1, 0) : high].astype(np.int64)
    lengths = np.diff(ends) if low else np.diff(ends, prepend=0)
    sign = np.bitwise_or.reduce(sign_bits(np.frombuffer(word, np.uint8)), initial=0)
    unlike = np.bitwise_count(part.lexicon.signs[low:high] ^ sign)
    near = (np.abs(lengths - len(word)) <= distance * widest) & (unlike <= 2 * distance * widest)
    numbers: Array = near.nonzero()[0] + low
    return numbers


def _beginning(term: str) -> str:
    """Its first letter, with the sign before it that says what kind of term it is."""
    return term[:1] if term[:1].isalnum() else term[:2]
