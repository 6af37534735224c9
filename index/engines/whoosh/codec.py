"""How Whoosh writes a segment: two files of arrays, `.docs` for what is known of each entry, `.terms` for postings.

Whoosh asks a codec for writers and readers (whoosh.codec.base); these write what `segment` reads in place. A
field's postings are in compressed-row form: the terms in order, `at` saying where each term's postings begin in
`docs` (entry numbers), `weights` and `counts` (how many positions); `places_at` where its positions begin in
`places`. Whoosh would sort a tuple for every posting; our pool keeps columns of numbers and sorts those.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from whoosh.codec import base
from whoosh.codec.whoosh3 import W3Segment

from index.engines.whoosh.arrays import Array, ArrayWriter, narrow
from index.engines.whoosh.inversion import Postings
from index.engines.whoosh.term_dictionary import write_term_dictionary
from index.engines.whoosh.whoosh_reader import DocumentReader, TermReader
from index.engines.whoosh.whoosh_schema import MISSING, SCORED, EntryPostings, Number, decoded, encoded

Item = tuple[str, bytes, int, float, bytes | None]  # field, term, entry, weight, positions
Sorted = tuple[str, list[bytes], Postings]


class ArrayCodec(base.Codec):
    """Whoosh's door to our files."""

    length_stats = False  # the writer of postings has no need to read lengths back

    def per_document_writer(self, storage: Any, segment: Any) -> DocumentWriter:
        return DocumentWriter(storage, segment)

    def field_writer(self, storage: Any, segment: Any) -> TermWriter:
        return TermWriter(storage, segment)

    def terms_reader(self, storage: Any, segment: Any) -> TermReader:
        return TermReader(storage, segment)

    def per_document_reader(self, storage: Any, segment: Any) -> DocumentReader:
        return DocumentReader(storage, segment)

    def new_segment(self, storage: Any, indexname: str) -> ArraySegment:
        return ArraySegment(self, indexname)


class ArraySegment(W3Segment):
    """The name of a segment, how many entries it has and which are deleted: what Whoosh's table of contents keeps."""

    def should_assemble(self) -> bool:
        return False  # a compound file would be copied to memory on opening


class PostingPool:
    """Takes the place of Whoosh's sorting pool for one batch: keeps postings as columns, field by field."""

    def __init__(self) -> None:
        self._fields: dict[str, _Column] = {}

    def add(self, item: Item) -> None:
        name, term, doc, weight, value = item
        column = self._fields.setdefault(name, _Column())
        column.terms.append(column.numbers.setdefault(term, len(column.numbers)))
        column.docs.append(doc)
        column.weights.append(weight)
        if value:
            column.counts.append(len(value) // 4)
            column.positions += value

    def add_all(self, name: str, doc: int, found: EntryPostings) -> None:
        """What `add` would do for each term of an entry, at a stroke."""
        if not found.terms:
            return
        column = self._fields.setdefault(name, _Column())
        numbers = column.numbers
        column.terms.extend([numbers.setdefault(term, len(numbers)) for term in found.terms])
        column.docs.extend([doc] * len(found.terms))
        column.weights.frombytes(found.weights.astype(np.float32).tobytes())
        column.counts.frombytes(found.counts.astype(np.uint32).tobytes())
        column.positions += found.positions.tobytes()

    def iter_postings(self) -> Iterator[Sorted]:
        """Each field's terms in order, and its postings in theirs: what `TermWriter` takes."""
        return ((name, *column.sorted()) for name, column in sorted(self._fields.items()))

    def cleanup(self) -> None:
        self._fields.clear()


class _Column:
    """The postings of one field in the order in which they came."""

    def __init__(self) -> None:
        self.numbers: dict[bytes, int] = {}
        self.terms, self.docs, self.counts = array("I"), array("i"), array("I")
        self.weights = array("f")
        self.positions = bytearray()

    def sorted(self) -> tuple[list[bytes], Postings]:
        words = sorted(self.numbers)
        ranks = np.empty(len(words), np.int64)
        ranks[[self.numbers[word] for word in words]] = np.arange(len(words))
        terms, docs = ranks[np.asarray(self.terms)], np.asarray(self.docs)
        if not self.counts:
            return words, Postings(terms, docs).sorted()
        counts, positions = np.asarray(self.counts).astype(np.int64), np.frombuffer(self.positions, np.uint32)
        return words, Postings(terms, docs, np.asarray(self.weights), counts, positions).sorted()


class DocumentWriter(base.PerDocumentWriter):
    """Lengths and columns of a segment's entries."""

    def __init__(self, storage: Any, segment: Any) -> None:
        self._storage, self._segment = storage, segment
        self._lengths: dict[str, dict[int, int]] = {name: {} for name in SCORED}
        self._strings: defaultdict[str, dict[int, Sequence[str]]] = defaultdict(dict)
        self._numbers: defaultdict[str, dict[int, int]] = defaultdict(dict)
        self._count = 0
        self.is_closed = False

    def start_doc(self, docnum: int) -> None:
        self._docnum, self._count = docnum, docnum + 1

    def add_field(self, fieldname: str, fieldobj: Any, value: Any, length: int) -> None:
        if length:
            self._lengths[fieldname][self._docnum] = length

    def add_length(self, name: str, doc: int, length: int) -> None:
        """How many positions an entry has in a scored field whose postings went to the pool at a stroke."""
        if length:
            self._lengths[name][doc] = length

    def add_column_value(self, fieldname: str, columnobj: Any, value: Any) -> None:
        kept: Any = self._numbers if isinstance(columnobj, Number) else self._strings
        kept[fieldname][self._docnum] = value

    def close(self) -> None:
        self.is_closed = True
        if not self._count:
            return
        writer = ArrayWriter(Path(self._storage.folder))
        for name, lengths in self._lengths.items():
            writer.add(f"{name}.lengths", _dense(lengths, self._count, 0, np.int32))
        for name, values in self._strings.items():
            write_string_column(writer, name, [values.get(i, ()) for i in range(self._count)])
        for name, numbers in self._numbers.items():
            writer.add(f"{name}.numbers", _dense(numbers, self._count, MISSING, np.int64))
        with self._segment.create_file(self._storage, ".docs") as file:
            writer.save(file)


def _dense(values: dict[int, int], count: int, default: int, dtype: type[np.signedinteger[Any]]) -> Array:
    array = np.full(count, default, dtype)
    array[list(values)] = list(values.values())
    return array


def write_string_column(writer: ArrayWriter, name: str, rows: Sequence[Sequence[str]]) -> None:
    """A column of strings: see `write_string_codes`."""
    words = sorted({encoded(value) for row in rows for value in row})
    codes = {decoded(word): i for i, word in enumerate(words, 1)}
    lengths = np.fromiter((len(set(row)) for row in rows), np.int64, len(rows))
    flat = [codes[value] for row in rows for value in sorted(set(row))]
    write_string_codes(writer, name, lengths, np.array(flat, np.int64), words)


def write_string_codes(writer: ArrayWriter, name: str, lengths: Array, codes: Array, words: Iterable[bytes]) -> None:
    """A column of strings as numbers: the code of words[i] is i + 1. `lengths` says how many each entry has.

    Where no entry has more than one there is one code for each entry, 0 for none; else the codes lie end to end
    and `starts` says where each entry's begin.
    """
    write_term_dictionary(writer, f"{name}.values", words)
    if len(lengths) and lengths.max() <= 1:
        dense = np.zeros(len(lengths), np.int64)
        dense[lengths > 0] = codes
        writer.add(f"{name}.codes", narrow(dense))
    else:
        writer.add(f"{name}.codes", narrow(codes))
        writer.add(f"{name}.starts", np.concatenate(([0], np.cumsum(lengths))).astype(np.uint32))


class TermWriter(base.FieldWriter):
    """Postings of a segment, from items in the order of field, term and entry."""

    def __init__(self, storage: Any, segment: Any) -> None:
        self._storage, self._segment = storage, segment
        self.is_closed = False

    def add_postings(self, schema: Any, lengths: Any, items: Iterable[Sorted]) -> None:
        writer = ArrayWriter(Path(self._storage.folder))
        for name, words, postings in items:
            write_term_dictionary(writer, name, words)
            _write_postings(writer, name, postings, len(words))
        with self._segment.create_file(self._storage, ".terms") as file:
            writer.save(file)

    def close(self) -> None:
        self.is_closed = True


def _write_postings(writer: ArrayWriter, name: str, postings: Postings, terms: int) -> None:
    at = np.searchsorted(postings.terms, np.arange(terms + 1))
    writer.add(f"{name}.at", at.astype(np.uint32))
    writer.add(f"{name}.docs", postings.docs)
    if postings.weights is not None and postings.counts is not None and postings.positions is not None:
        writer.add(f"{name}.weights", compact_weights(postings.weights))
        writer.add(f"{name}.counts", narrow(postings.counts))
        writer.add(f"{name}.places_at", np.concatenate(([0], np.cumsum(postings.counts)))[at])
        writer.add(f"{name}.places", narrow(postings.positions))


def compact_weights(weights: Array) -> Array:
    """The weights in the smallest type that says them exactly."""
    for dtype in (np.uint8, np.float16):
        with np.errstate(all="ignore"):
            small = weights.astype(dtype)
        if np.array_equal(small.astype(np.float32), weights):
            return small
    return weights
