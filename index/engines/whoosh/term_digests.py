"""A number for all the terms of an entry, from what a segment holds or from the entry itself: alike where they are.

The terms of a segment are read once, as they lie there, and each occurrence is added to the number of its entry; so
memory is bounded by the block and eight bytes for each entry, and time is linear. Sums do not depend on the order, and
a 64-bit mixer keeps them apart. They show mistakes, not forgery.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np

from index.analysis.cache import memoize
from index.engines.base import NAMES, WORDS, Entry
from index.engines.whoosh.arrays import Array
from index.engines.whoosh.segment import FieldPostings, SegmentArrays
from index.engines.whoosh.whoosh_schema import SCORED, collected

_BLOCK = 10_000  # postings read at once; a common term may have a hundred positions in each
_LENGTH = b"\xff"  # stands for a term in the number of the length; UTF-8 has no such byte


def of_segment(segment: SegmentArrays) -> Array:
    """The numbers of all entries of a segment, deleted ones too."""
    digests = np.zeros(segment.count, np.uint64)
    for name in SCORED:
        lengths = segment.lengths(name).astype(np.uint64)
        digests += np.where(lengths > 0, _mixed(lengths + _hash(name, _LENGTH)), np.uint64(0))
        field = segment.field(name)
        if field is not None:
            for docs, values in _blocks(name, field):
                np.add.at(digests, docs, values)
                segment.let_go()
    return digests


def of_entry(entry: Entry) -> int:
    """The number of an entry that has yet to be written."""
    total = 0
    for name, streams in ((WORDS, entry.words), (NAMES, entry.names)):
        found = collected(streams)
        if found.terms:
            hashes = np.array([_hash(name, term) for term in found.terms], np.uint64)
            weights = found.weights.astype(np.float32)
            values = _values(hashes, weights, found.counts, found.positions)
            length = _mixed(np.array([found.length], np.uint64) + _hash(name, _LENGTH))
            total += int(values.sum(dtype=np.uint64)) + int(length[0])
    return total % 2**64


def _blocks(name: str, field: FieldPostings) -> Iterator[tuple[Array, Array]]:
    """Entries, and what is to be added to their numbers, a block of postings at a time."""
    offsets, place = field.posting_offsets.astype(np.int64), 0
    for low in range(0, len(field.docs), _BLOCK):
        some = slice(low, min(low + _BLOCK, len(field.docs)))
        numbers = np.searchsorted(offsets, np.arange(some.start, some.stop), "right") - 1
        first, last = int(numbers[0]), int(numbers[-1])
        words = (field.term_dictionary[number] for number in range(first, last + 1))
        hashes = np.fromiter((_hash(name, word) for word in words), np.uint64, last + 1 - first)
        counts = field.counts[some].astype(np.int64)
        places, place = field.positions[place : place + int(counts.sum())], place + int(counts.sum())
        yield field.docs[some], _values(hashes[numbers - first], field.weights[some].astype(np.float32), counts, places)


def _values(hashes: Array, weights: Array, counts: Array, positions: Array) -> Array:
    """For each posting a number of its term, its weight and its positions."""
    occurrences = _mixed(np.repeat(hashes, counts) + positions.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15))
    sums = np.concatenate((np.zeros(1, np.uint64), np.cumsum(occurrences, dtype=np.uint64)))
    ends = np.cumsum(counts)
    values: Array = _mixed(hashes ^ weights.view(np.uint32).astype(np.uint64)) + sums[ends] - sums[ends - counts]
    return values


def _mixed(numbers: Array) -> Array:
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014): like numbers become unlike ones."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: Array = numbers ^ (numbers >> np.uint64(31))
    return mixed


@memoize(50_000)
def _hash(field: str, term: bytes) -> np.uint64:
    return np.uint64(int.from_bytes(hashlib.blake2b(term, digest_size=8, person=field.encode()).digest(), "little"))
