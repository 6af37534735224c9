"""Our segments read by Whoosh's own searcher: for its queries, its tools, and the test that compares scores."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from whoosh.codec import base
from whoosh.columns import ColumnReader
from whoosh.matching import LeafMatcher
from whoosh.reading import TermInfo

from index.engines.whoosh.segment import FieldPostings, SegmentArrays
from index.engines.whoosh.whoosh_schema import KEY, MISSING, SCORED, Number


def _open_segment(storage: Any, segment: Any) -> SegmentArrays:
    return SegmentArrays(Path(storage.folder), segment.segment_id(), segment.doc_count_all())


class TermReader(base.TermsReader):
    """Terms and postings for `whoosh.reading.SegmentReader`."""

    def __init__(self, storage: Any, segment: Any) -> None:
        self._arrays = _open_segment(storage, segment)

    def _find_term(self, fieldname: str, text: bytes) -> tuple[FieldPostings, int]:
        field = self._arrays.field(fieldname)
        term = field.term_dictionary.find(text) if field is not None else -1
        if field is None or term < 0:
            raise KeyError((fieldname, text))
        return field, term

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        try:
            return bool(self._find_term(*term))
        except KeyError:
            return False

    def indexed_field_names(self) -> list[str]:
        return [name for name in (KEY, *SCORED) if self._arrays.field(name) is not None]

    def terms(self) -> Iterator[tuple[str, bytes]]:
        for name in sorted(self.indexed_field_names()):
            yield from self.terms_from(name, b"")

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        field = self._arrays.field(fieldname)
        if field is not None:
            for i in range(field.term_dictionary.lower_bound(prefix), len(field.term_dictionary)):
                yield fieldname, field.term_dictionary[i]

    def items(self) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        return ((term, self.term_info(*term)) for term in self.terms())

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        field, term = self._find_term(fieldname, text)
        postings = slice(int(field.posting_offsets[term]), int(field.posting_offsets[term + 1]))
        docs = field.docs[postings]
        weights = field.weights[postings].astype(float) if field.scored else np.ones(len(docs))
        lengths = self._arrays.lengths(fieldname)[docs] if fieldname in SCORED else np.ones(1)
        return TermInfo(
            weight=float(weights.sum()), df=len(docs), minlength=int(lengths.min()), maxlength=int(lengths.max()),
            maxweight=float(weights.max()), minid=int(docs[0]), maxid=int(docs[-1]),
        )  # fmt: skip

    def frequency(self, fieldname: str, text: bytes) -> float:
        return float(self.term_info(fieldname, text).weight())

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        field, term = self._find_term(fieldname, text)
        return field.frequency(term)

    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> ArrayMatcher:
        field, term = self._find_term(fieldname, text)
        return ArrayMatcher((fieldname, text), field, term, format_, scorer)


class ArrayMatcher(LeafMatcher):
    """Walks through the postings of one term as Whoosh's queries want to."""

    def __init__(self, term: tuple[str, bytes], field: FieldPostings, number: int, format_: Any, scorer: Any) -> None:
        self._term, self._field, self._number = term, field, number
        self.format, self.scorer = format_, scorer
        postings = slice(int(field.posting_offsets[number]), int(field.posting_offsets[number + 1]))
        self._ids: list[int] = field.docs[postings].tolist()
        self._weights = field.weights[postings].astype(float).tolist() if field.scored else None
        if field.scored:
            ends = np.cumsum(field.counts[postings], dtype=np.int64) + int(field.position_offsets[number])
            self._position_offsets = np.concatenate((field.position_offsets[number : number + 1], ends))
        self._i = 0

    def is_active(self) -> bool:
        return self._i < len(self._ids)

    def reset(self) -> None:
        self._i = 0

    def copy(self) -> ArrayMatcher:
        other = ArrayMatcher(self._term, self._field, self._number, self.format, self.scorer)
        other._i = self._i
        return other

    def replace(self, minquality: float = 0) -> LeafMatcher:
        return self

    def id(self) -> int:
        return self._ids[self._i]

    def all_ids(self) -> Iterator[int]:
        return iter(self._ids[self._i :])

    def next(self) -> None:
        self._i += 1

    def skip_to(self, id: int) -> None:
        self._i = bisect_left(self._ids, id, self._i)

    def weight(self) -> float:
        return self._weights[self._i] if self._weights else 1.0

    def value(self) -> bytes:
        start, end = self._position_offsets[self._i : self._i + 2]
        return self._field.positions[start:end].astype(np.uint32).tobytes()

    def supports_block_quality(self) -> bool:
        return False


class DocumentReader(base.PerDocumentReader):
    """Lengths, deletions and columns for `whoosh.reading.SegmentReader`."""

    def __init__(self, storage: Any, segment: Any) -> None:
        self._segment = segment
        self._arrays = _open_segment(storage, segment)

    def doc_count(self) -> int:
        return int(self._segment.doc_count())

    def doc_count_all(self) -> int:
        return int(self._segment.doc_count_all())

    def has_deletions(self) -> bool:
        return bool(self._segment.has_deletions())

    def is_deleted(self, docnum: int) -> bool:
        return bool(self._segment.is_deleted(docnum))

    def deleted_docs(self) -> set[int]:
        return set(self._segment.deleted_docs())

    def supports_columns(self) -> bool:
        return True

    def has_column(self, fieldname: str) -> bool:
        return self._arrays.string_column(fieldname) is not None or self._arrays.number_column(fieldname) is not None

    def column_reader(self, fieldname: str, column: Any) -> ColumnReader:
        return _Numbers(self._arrays, fieldname) if isinstance(column, Number) else _Values(self._arrays, fieldname)

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        return int(self._arrays.lengths(fieldname)[docnum]) if fieldname in SCORED else default

    def field_length(self, fieldname: str) -> int:
        return int(self._arrays.lengths(fieldname).sum()) if fieldname in SCORED else 0

    def min_field_length(self, fieldname: str) -> int:
        return int(self._arrays.lengths(fieldname).min())

    def max_field_length(self, fieldname: str) -> int:
        return int(self._arrays.lengths(fieldname).max())

    def stored_fields(self, docnum: int) -> dict[str, str]:
        return {KEY: self._arrays.key(docnum)}


class _Numbers(ColumnReader):
    def __init__(self, arrays: SegmentArrays, name: str) -> None:
        self._numbers = arrays.number_column(name)

    def __getitem__(self, docnum: int) -> int | None:
        number = MISSING if self._numbers is None else int(self._numbers[docnum])
        return None if number == MISSING else number


class _Values(ColumnReader):
    def __init__(self, arrays: SegmentArrays, name: str) -> None:
        self._column = arrays.string_column(name)

    def __getitem__(self, docnum: int) -> tuple[str, ...]:
        if self._column is None:
            return ()
        codes, starts, words = self._column
        if starts is None:
            return (words[int(codes[docnum]) - 1],) if codes[docnum] else ()
        return tuple(words[int(code) - 1] for code in codes[int(starts[docnum]) : int(starts[docnum + 1])])
