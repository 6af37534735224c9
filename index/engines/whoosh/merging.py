"""Segments made fewer, and deleted entries left out for good: which to merge, and how, in one sorted stream.

Segments are sorted already, so their terms are merged like packs of cards (heapq.merge) and their postings are
moved in blocks of arrays; no posting is looked at one by one. Memory is bounded by the block, not the index.
The policy is a log merge (as in Lucene's LogMergePolicy): segments of like size are merged when there are
MANY of them, so an entry is rewritten about log(n) times in its life and the number of segments stays small.
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
from index.engines.whoosh.codec import write_codes
from index.engines.whoosh.inversion import Postings, together
from index.engines.whoosh.segment import Field, SegmentArrays
from index.engines.whoosh.snapshot import ragged
from index.engines.whoosh.term_dictionary import write_lexicon
from index.engines.whoosh.whoosh_schema import COUNTS, KEY, MISSING, SCORED, TAGS, encoded

MANY = 8  # segments of one level are merged when there are so many
SMALL = 8  # entries up to which segments are of the lowest level
_BLOCK = 2_000_000  # postings moved at once
_PARTS = ("weights", "counts", "places")


def smallest(segments: Sequence[Any], most: int) -> list[Any]:
    """The smallest of Whoosh's segments, `most` entries at most, when there are MANY of them; else []."""
    by_size = sorted(segments, key=lambda segment: int(segment.doc_count()))
    sums = accumulate(segment.doc_count() for segment in by_size)
    chosen = [segment for segment, total in zip(by_size, sums, strict=True) if total <= most]
    return chosen if len(chosen) >= MANY else []


def due(segments: Sequence[Any]) -> list[Any]:
    """Of Whoosh's segments those that should become one by and by; [] where all is well."""
    levels: dict[int, list[Any]] = {}
    for segment in segments:
        levels.setdefault(_level(segment.doc_count()), []).append(segment)
    chosen: list[Any] = []
    for level in range(max(levels, default=-1) + 1):
        group = levels.get(level, [])
        if len(group) + bool(chosen) >= MANY:  # what was chosen below becomes one more of this level
            chosen += group
        elif chosen:
            break
    return chosen


def _level(count: int) -> int:
    return 0 if count <= SMALL else int(log(count / SMALL, MANY)) + 1


class Source(NamedTuple):
    """A segment on its way into another: `live` says which entries go along, `moved` their new numbers or -1."""

    arrays: SegmentArrays
    live: Array
    moved: Array


def sources(segments: Sequence[tuple[SegmentArrays, set[int]]]) -> list[Source]:
    """The segments, each with the entries deleted from it, numbered through as they will be in the merged one."""
    found, total = [], 0
    for arrays, deleted in segments:
        live = np.ones(arrays.count, np.bool_)
        live[list(deleted)] = False
        moved = np.where(live, np.cumsum(live) - 1 + total, -1).astype(np.int32)
        total += int(live.sum())
        found.append(Source(arrays, live, moved))
    return found


def write_merged(folder: Path, parts: Sequence[Source], docs: Output, terms: Output) -> None:
    """Write the live entries of all parts as one segment into the two open files."""
    writer = ArrayWriter(folder)
    for name in SCORED:
        writer.add(f"{name}.lengths", np.concatenate([part.arrays.lengths(name)[part.live] for part in parts]))
    for name in TAGS:
        _merge_tags(writer, name, parts)
    for name in COUNTS:
        _merge_numbers(writer, name, parts)
    writer.save(docs)
    writer = ArrayWriter(folder)
    for name in (KEY, *SCORED):
        packs = [_Pack(field, part.moved) for part in parts if (field := part.arrays.field(name)) is not None]
        if packs:
            _merge_field(writer, name, packs)
    writer.save(terms)


# ---- properties of entries


def _merge_numbers(writer: ArrayWriter, name: str, parts: Sequence[Source]) -> None:
    columns = [part.arrays.numbers(name) for part in parts]
    if any(column is not None for column in columns):
        for part, column in zip(parts, columns, strict=True):
            filled = np.full(part.arrays.count, MISSING) if column is None else column
            writer.add(f"{name}.numbers", filled[part.live])


def _merge_tags(writer: ArrayWriter, name: str, parts: Sequence[Source]) -> None:
    rows = [_live_rows(part, name) for part in parts]
    words = sorted(set().union(*(words for _, _, words in rows)))
    if not words:
        return
    codes_of = {word: code for code, word in enumerate(words, 1)}
    lengths, codes = [], []
    for row_lengths, row_codes, used in rows:
        lengths.append(row_lengths)
        codes.append(np.array([codes_of[word] for word in used], np.int64)[row_codes])
    write_codes(writer, name, np.concatenate(lengths), np.concatenate(codes), map(encoded, words))


def _live_rows(part: Source, name: str) -> tuple[Array, Array, list[str]]:
    """How many values each live entry has, their places in a list of words, and that list, with no word unused."""
    tags = part.arrays.tags(name)
    if tags is None:
        return np.zeros(int(part.live.sum()), np.int64), np.empty(0, np.int64), []
    if tags.starts is None:
        kept = tags.codes[part.live]
        lengths, codes = (kept > 0).astype(np.int64), kept[kept > 0]
    else:
        starts = tags.starts.astype(np.int64)
        lengths = np.diff(starts)[part.live]
        codes = tags.codes[ragged(starts[:-1][part.live], lengths)]
    used, places = np.unique(codes, return_inverse=True)
    return lengths, places, [tags.words[code - 1] for code in used.tolist()]


# ---- postings


class _Pack:
    """One segment's postings of a field: its terms that live entries have, and the numbers they get."""

    def __init__(self, field: Field, moved: Array) -> None:
        self.field, self.moved = field, moved
        self.at = field.at.astype(np.int64)
        if (moved >= 0).all():
            self.alive = np.arange(len(field.lexicon))
        else:
            kept = np.concatenate(([0], np.cumsum(moved[field.docs] >= 0)))
            (self.alive,) = np.diff(kept[self.at]).nonzero()
        self.ranks = array("q")  # the new number of each of them, given by _merged_terms

    def terms(self, place: int) -> Iterator[tuple[bytes, int]]:
        return ((self.field.lexicon[number], place) for number in self.alive.tolist())

    def sizes(self) -> Array:
        return self.at[self.alive + 1] - self.at[self.alive]

    def postings(self, low: int, high: int) -> Postings | None:
        """The postings of the terms whose new numbers are from low and below high, without deleted entries."""
        first, end = np.searchsorted(self.ranks, (low, high)).tolist()
        if first == end:
            return None
        field, numbers = self.field, slice(int(self.alive[first]), int(self.alive[end - 1]) + 1)
        span = slice(int(self.at[numbers.start]), int(self.at[numbers.stop]))
        ranks = np.full(numbers.stop - numbers.start, -1)
        ranks[self.alive[first:end] - numbers.start] = self.ranks[first:end]
        docs = self.moved[field.docs[span]]
        kept = docs >= 0
        terms = np.repeat(ranks, np.diff(self.at[numbers.start : numbers.stop + 1]))[kept]
        if not field.scored:
            return Postings(terms, docs[kept])
        counts = field.counts[span].astype(np.int64)
        starts = np.cumsum(counts) - counts + int(field.places_at[numbers.start])
        places = field.places[ragged(starts[kept], counts[kept])]
        return Postings(terms, docs[kept], field.weights[span][kept], counts[kept], places)


def _merge_field(writer: ArrayWriter, name: str, packs: Sequence[_Pack]) -> None:
    total = write_lexicon(writer, name, _merged_terms(packs))
    scored = packs[0].field.scored
    kinds = _kinds([pack.field for pack in packs]) if scored else {}
    frequencies, extents = np.zeros(total + 1, np.int64), np.zeros(total + 1, np.int64)
    for low, high in _blocks(packs, total):
        parts = [part for pack in packs if (part := pack.postings(low, high)) is not None]
        block = together(parts).sorted()
        writer.add(f"{name}.docs", block.docs)
        frequencies[low + 1 : high + 1] = np.bincount(block.terms - low, minlength=high - low)
        if scored:
            extents[low + 1 : high + 1] = np.bincount(block.terms - low, block.counts, minlength=high - low)
            for array_name, kind in kinds.items():
                writer.add(f"{name}.{array_name}", getattr(block, array_name).astype(kind))
    writer.add(f"{name}.at", np.cumsum(frequencies).astype(np.uint32))
    if scored:
        writer.add(f"{name}.places_at", np.cumsum(extents))


def _kinds(fields: Sequence[Field]) -> dict[str, np.dtype[Any]]:
    """For each array of a scored field the smallest type that holds what the segments hold."""
    return {part: np.result_type(*(getattr(field, part) for field in fields)) for part in _PARTS}


def _merged_terms(packs: Sequence[_Pack]) -> Iterator[bytes]:
    """All terms in order, each once; tells every pack the new numbers of its terms."""
    last, rank = None, -1
    for term, place in merge(*(pack.terms(place) for place, pack in enumerate(packs))):
        if term != last:
            last, rank = term, rank + 1
            yield term
        packs[place].ranks.append(rank)


def _blocks(packs: Sequence[_Pack], total: int) -> Iterator[tuple[int, int]]:
    """Ranges of new terms with about _BLOCK postings each."""
    sizes = np.zeros(total, np.int64)
    for pack in packs:
        sizes[np.asarray(pack.ranks)] += pack.sizes()
    sums = np.cumsum(sizes)
    cuts = np.searchsorted(sums, np.arange(_BLOCK, int(sums[-1]) if total else 0, _BLOCK)) + 1
    edges = [0, *(cut for cut in np.unique(cuts).tolist() if cut < total), total]
    return pairwise(edges)
