"""Segments made fewer, and deleted entries left out for good: which to merge, and how, in one sorted stream.

Segments are sorted already, so their terms are merged by heapq.merge and their postings are moved in blocks of arrays;
no posting is looked at one by one. Memory is bounded by the block, not the index.
The policy is a log merge (as in Lucene's LogMergePolicy): segments of like size are merged when there are
MERGE_FACTOR of them, so an entry is rewritten about log(n) times in its life and the number of segments stays small.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import accumulate, pairwise
from math import log
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from index.engines.whoosh.arrays import Array, ArrayWriter, Output
from index.engines.whoosh.codec import write_string_codes
from index.engines.whoosh.inversion import Postings, concatenated
from index.engines.whoosh.segment import FieldPostings, SegmentArrays
from index.engines.whoosh.snapshot import concatenated_ranges
from index.engines.whoosh.term_dictionary import write_term_dictionary
from index.engines.whoosh.whoosh_schema import KEY, MISSING, NUMBER_COLUMNS, SCORED, STRING_COLUMNS, encoded

MERGE_FACTOR = 8  # segments of one level are merged when there are so many
MIN_MERGE_ENTRIES = 8  # entries up to which segments are of the lowest level
_BLOCK = 400_000  # postings and positions moved at once: some 20 MB; one term is never parted
_TERMS = 5_000  # of a segment, read at once
_ARRAYS = {
    "weights": "weights",
    "counts": "counts",
    "positions": "places",
}  # of a scored field, and their names on disk


def find_small_merge(segments: Sequence[Any], most: int) -> list[Any]:
    """The smallest of Whoosh's segments, `most` entries at most, when there are MERGE_FACTOR of them; else []."""
    by_size = sorted(segments, key=lambda segment: int(segment.doc_count()))
    sums = accumulate(segment.doc_count() for segment in by_size)
    chosen = [segment for segment, total in zip(by_size, sums, strict=True) if total <= most]
    return chosen if len(chosen) >= MERGE_FACTOR else []


def find_merges(segments: Sequence[Any]) -> list[Any]:
    """Of Whoosh's segments those that should become one by and by; [] where all is well."""
    levels: dict[int, list[Any]] = {}
    for segment in segments:
        levels.setdefault(_level(segment.doc_count()), []).append(segment)
    chosen: list[Any] = []
    for level in range(max(levels, default=-1) + 1):
        group = levels.get(level, [])
        if len(group) + bool(chosen) >= MERGE_FACTOR:  # what was chosen below becomes one more of this level
            chosen += group
        elif chosen:
            break
    return chosen


def _level(count: int) -> int:
    return 0 if count <= MIN_MERGE_ENTRIES else int(log(count / MIN_MERGE_ENTRIES, MERGE_FACTOR)) + 1


class MergeSource(NamedTuple):
    """A segment on its way into another: `live` says which entries go along, `doc_map` their new numbers or -1."""

    arrays: SegmentArrays
    live: Array
    doc_map: Array


def merge_sources(segments: Sequence[tuple[SegmentArrays, set[int]]]) -> list[MergeSource]:
    """The segments, each with the entries deleted from it, numbered through as they will be in the merged one."""
    found, total = [], 0
    for arrays, deleted in segments:
        live = np.ones(arrays.count, np.bool_)
        live[list(deleted)] = False
        doc_map = np.where(live, np.cumsum(live) - 1 + total, -1).astype(np.int32)
        total += int(live.sum())
        found.append(MergeSource(arrays, live, doc_map))
    return found


def write_merged(folder: Path, parts: Sequence[MergeSource], docs: Output, terms: Output) -> None:
    """Write the live entries of all parts as one segment into the two open files."""
    writer = ArrayWriter(folder)
    for name in SCORED:
        writer.add(f"{name}.lengths", np.concatenate([part.arrays.lengths(name)[part.live] for part in parts]))
    for name in STRING_COLUMNS:
        _merge_string_column(writer, name, parts)
    for name in NUMBER_COLUMNS:
        _merge_number_column(writer, name, parts)
    writer.save(docs)
    writer = ArrayWriter(folder)
    for name in (KEY, *SCORED):
        source_fields = [_SourceField(field, part) for part in parts if (field := part.arrays.field(name)) is not None]
        if source_fields:
            _merge_field(writer, name, source_fields)
    writer.save(terms)


# ---- properties of entries


def _merge_number_column(writer: ArrayWriter, name: str, parts: Sequence[MergeSource]) -> None:
    columns = [part.arrays.number_column(name) for part in parts]
    if any(column is not None for column in columns):
        for part, column in zip(parts, columns, strict=True):
            filled = np.full(part.arrays.count, MISSING) if column is None else column
            writer.add(f"{name}.numbers", filled[part.live])


def _merge_string_column(writer: ArrayWriter, name: str, parts: Sequence[MergeSource]) -> None:
    rows = [_live_rows(part, name) for part in parts]
    words = sorted(set().union(*(words for _, _, words in rows)))
    if not words:
        return
    codes_of = {word: code for code, word in enumerate(words, 1)}
    lengths, codes = [], []
    for row_lengths, row_codes, used in rows:
        lengths.append(row_lengths)
        codes.append(np.array([codes_of[word] for word in used], np.int64)[row_codes])
    write_string_codes(writer, name, np.concatenate(lengths), np.concatenate(codes), map(encoded, words))


def _live_rows(part: MergeSource, name: str) -> tuple[Array, Array, list[str]]:
    """How many values each live entry has, their places in a list of words, and that list, with no word unused."""
    column = part.arrays.string_column(name)
    if column is None:
        return np.zeros(int(part.live.sum()), np.int64), np.empty(0, np.int64), []
    if column.starts is None:
        kept = column.codes[part.live]
        lengths, codes = (kept > 0).astype(np.int64), kept[kept > 0]
    else:
        starts = column.starts.astype(np.int64)
        lengths = np.diff(starts)[part.live]
        codes = column.codes[concatenated_ranges(starts[:-1][part.live], lengths)]
    used, inverse = np.unique(codes, return_inverse=True)
    return lengths, inverse, [column.words[code - 1] for code in used.tolist()]


# ---- postings


class _SourceField:
    """One segment's postings of a field: its terms that live entries have, and the numbers they get."""

    def __init__(self, field: FieldPostings, source: MergeSource) -> None:
        self.field, self.arrays, self.doc_map = field, source.arrays, source.doc_map
        doc_map = source.doc_map
        self.posting_offsets = field.posting_offsets
        if (doc_map >= 0).all():
            self.live_terms = np.arange(len(field.term_dictionary), dtype=np.uint32)
        else:
            kept = np.concatenate(([0], np.cumsum(doc_map[field.docs] >= 0)))
            self.live_terms = np.diff(kept[self.posting_offsets]).nonzero()[0].astype(np.uint32)
        self.ranks = array("I")  # the new number of each of them, given by _merged_terms

    def terms(self, place: int) -> Iterator[tuple[bytes, int]]:
        for low in range(0, len(self.live_terms), _TERMS):  # a list of all would take ten times their arrays
            for number in self.live_terms[low : low + _TERMS].tolist():
                yield self.field.term_dictionary[number], place

    def sizes(self) -> Array:
        """How many postings and positions each of them has."""
        sizes: Array = np.diff(self.posting_offsets.astype(np.int64))
        if self.field.scored:
            sizes += np.diff(self.field.position_offsets)
        return sizes[self.live_terms]

    def postings(self, low: int, high: int) -> Postings | None:
        """The postings of the terms whose new numbers are from low and below high, without deleted entries."""
        first, end = np.searchsorted(self.ranks, (low, high)).tolist()
        if first == end:
            return None
        field, numbers = self.field, slice(int(self.live_terms[first]), int(self.live_terms[end - 1]) + 1)
        span = slice(int(self.posting_offsets[numbers.start]), int(self.posting_offsets[numbers.stop]))
        ranks = np.full(numbers.stop - numbers.start, -1)
        ranks[self.live_terms[first:end].astype(np.int64) - numbers.start] = self.ranks[first:end]
        docs = self.doc_map[field.docs[span]]
        kept = docs >= 0
        sizes: Array = np.diff(self.posting_offsets[numbers.start : numbers.stop + 1].astype(np.int64))
        terms = np.repeat(ranks, sizes)[kept]
        if not field.scored:
            return Postings(terms, docs[kept])
        counts = field.counts[span].astype(np.int64)
        starts = np.cumsum(counts) - counts + int(field.position_offsets[numbers.start])
        positions = field.positions[concatenated_ranges(starts[kept], counts[kept])]
        return Postings(terms, docs[kept], field.weights[span][kept], counts[kept], positions)


def _merge_field(writer: ArrayWriter, name: str, source_fields: Sequence[_SourceField]) -> None:
    total = write_term_dictionary(writer, name, _merged_terms(source_fields))
    if not total:  # every entry that had any is deleted: as if there had never been one
        return
    scored = source_fields[0].field.scored
    dtypes = _dtypes([source_field.field for source_field in source_fields]) if scored else {}
    frequencies, extents = np.zeros(total + 1, np.int64), np.zeros(total + 1, np.int64)
    for low, high in _blocks(source_fields, total):
        parts = [part for source_field in source_fields if (part := source_field.postings(low, high)) is not None]
        block = concatenated(parts).sorted()
        writer.add(f"{name}.docs", block.docs)
        frequencies[low + 1 : high + 1] = np.bincount(block.terms - low, minlength=high - low)
        if scored:
            extents[low + 1 : high + 1] = np.bincount(block.terms - low, block.counts, minlength=high - low)
            for attribute, dtype in dtypes.items():
                writer.add(f"{name}.{_ARRAYS[attribute]}", getattr(block, attribute).astype(dtype))
        for source_field in source_fields:
            source_field.arrays.let_go()
    writer.add(f"{name}.at", np.cumsum(frequencies).astype(np.uint32))
    if scored:
        writer.add(f"{name}.places_at", np.cumsum(extents))


def _dtypes(fields: Sequence[FieldPostings]) -> dict[str, np.dtype[Any]]:
    """For each array of a scored field the smallest type that holds what the segments hold."""
    return {name: np.result_type(*(getattr(field, name) for field in fields)) for name in _ARRAYS}


def _merged_terms(source_fields: Sequence[_SourceField]) -> Iterator[bytes]:
    """All terms in order, each once; tells every source field the new numbers of its terms."""
    last, rank = None, -1
    for term, place in merge(*(source_field.terms(place) for place, source_field in enumerate(source_fields))):
        if term != last:
            last, rank = term, rank + 1
            yield term
        source_fields[place].ranks.append(rank)


def _blocks(source_fields: Sequence[_SourceField], total: int) -> Iterator[tuple[int, int]]:
    """Ranges of new terms with about _BLOCK postings and positions each."""
    sizes = np.zeros(total, np.int64)
    for source_field in source_fields:
        sizes[np.asarray(source_field.ranks)] += source_field.sizes()
    sums = np.cumsum(sizes)
    cuts = np.searchsorted(sums, np.arange(_BLOCK, int(sums[-1]) if total else 0, _BLOCK)) + 1
    edges = [0, *(cut for cut in np.unique(cuts).tolist() if cut < total), total]
    return pairwise(edges)
