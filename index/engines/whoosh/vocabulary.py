"""The terms of the index as words to suggest: how common they are, which begin so, which are spelt alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import islice

import numpy as np

from index.analysis.edit_distance import is_within_distance
from index.engines.whoosh.arrays import Array
from index.engines.whoosh.segment import FieldPostings
from index.engines.whoosh.snapshot import Snapshot, term_of
from index.engines.whoosh.term_dictionary import byte_signature_bits
from index.engines.whoosh.whoosh_schema import encoded


def frequencies(snapshot: Snapshot, field: str, terms: Iterable[str]) -> dict[str, int]:
    """In how many entries each term occurs."""
    return {
        term: sum(postings.field.frequency(postings.number) for postings in snapshot.term_postings(field, term))
        for term in terms
    }


def terms_with_prefix(snapshot: Snapshot, field: str, prefix: str, limit: int) -> list[tuple[str, int]]:
    """Terms that begin so, commonest first. Of each segment only its commonest are looked at."""
    found: Counter[str] = Counter()
    for _, field_postings in snapshot.fields(field):
        low, high = field_postings.term_dictionary.range(encoded(prefix))
        counts = np.diff(field_postings.posting_offsets[low : high + 1].astype(np.int64))
        most = len(counts) - min(len(counts), max(limit, 1) * 4)
        for number in np.argpartition(counts, most)[most:].tolist() if len(counts) else ():
            found[term_of(field_postings, low + number)] += int(counts[number])
    return _commonest(found, limit)


def _commonest(found: Counter[str], limit: int) -> list[tuple[str, int]]:
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))[:limit]


def similar_terms(snapshot: Snapshot, field: str, term: str, distance: int, limit: int) -> list[tuple[str, int]]:
    """Terms that begin alike (`_required_prefix`) within `distance` edits, commonest first, without the term itself."""
    possible: Counter[str] = Counter()
    for _, field_postings in snapshot.fields(field):
        for number in _maybe_within(field_postings, term, distance).tolist():
            possible[term_of(field_postings, number)] += field_postings.frequency(number)
    del possible[term]
    inorder = _commonest(possible, len(possible))
    return list(islice((item for item in inorder if is_within_distance(term, item[0], distance)), limit))


def _maybe_within(field_postings: FieldPostings, term: str, distance: int) -> Array:
    """The numbers of terms that have the beginning, and about the length and the letters, of `term`.

    An edit of one letter changes the length by `widest` bytes at most, and twice as many kinds of byte. (Two bytes
    at least: an accent may come in.)
    """
    word, widest = encoded(term), max([2, *(len(encoded(letter)) for letter in term)])
    low, high = field_postings.term_dictionary.range(encoded(_required_prefix(term)))
    ends = field_postings.term_dictionary.ends[max(low - 1, 0) : high].astype(np.int64)
    lengths = np.diff(ends) if low else np.diff(ends, prepend=0)
    sign = np.bitwise_or.reduce(byte_signature_bits(np.frombuffer(word, np.uint8)), initial=0)
    unlike = np.bitwise_count(field_postings.term_dictionary.byte_signatures[low:high] ^ sign)
    near = (np.abs(lengths - len(word)) <= distance * widest) & (unlike <= 2 * distance * widest)
    numbers: Array = near.nonzero()[0] + low
    return numbers


def _required_prefix(term: str) -> str:
    """Its first letter, with the sign before it that says what kind of term it is."""
    return term[:1] if term[:1].isalnum() else term[:2]
