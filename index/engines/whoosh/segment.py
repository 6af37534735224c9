"""One segment as arrays: immutable, so it is opened once in a process and shared by every later snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import numpy as np

from index.engines.base import CorruptIndex
from index.engines.whoosh.arrays import Array, ArrayFile
from index.engines.whoosh.term_dictionary import TermDictionary
from index.engines.whoosh.whoosh_schema import KEY, decoded, encoded

_REMEMBERED = 5_000  # terms looked up: the next snapshot will want them too


class StringInterner:
    """Numbers for the values of one column, the same in every segment and snapshot; 0 stands for no value."""

    def __init__(self) -> None:
        self.words: list[str] = [""]
        self._codes: dict[str, int] = {}
        self._lock = Lock()

    def code(self, word: str) -> int:
        """The number of a value that some segment has, else 0."""
        return self._codes.get(word, 0)

    def codes(self, words: Sequence[str]) -> Array:
        """A table from a segment's codes to ours; unknown values get a new number."""
        with self._lock:
            for word in words:
                if word not in self._codes:
                    self.words.append(word)
                    self._codes[word] = len(self.words) - 1  # after the word: other threads look without the lock
            return np.array([0, *map(self._codes.__getitem__, words)], np.int32)


class FieldPostings:
    """The postings of one field, in compressed-row form (see `codec`)."""

    def __init__(self, file: ArrayFile, name: str, lengths: Array | None) -> None:
        self.term_dictionary = TermDictionary(file, name)
        self.number_of = lru_cache(maxsize=_REMEMBERED)(
            self.term_dictionary.find
        )  # -1 for terms the segment does not have
        self.posting_offsets = file[f"{name}.at"]
        self.docs = file[f"{name}.docs"]
        self.scored = lengths is not None
        if lengths is not None:
            self.lengths = lengths  # of the entries of the segment
            self.weights = file[f"{name}.weights"]
            self.counts = file[f"{name}.counts"]
            self.position_offsets = file[f"{name}.places_at"]
            self.positions = file[f"{name}.places"]

    def frequency(self, term: int) -> int:
        """In how many entries of the segment, deleted ones too, the term with this number occurs."""
        return int(self.posting_offsets[term + 1]) - int(self.posting_offsets[term])


class StringCodes(NamedTuple):
    """A column of strings: words[code - 1] is a value; `starts` is None where no entry has more than one."""

    codes: Array
    starts: Array | None
    words: list[str]


class SegmentArrays:
    """The two files of a segment."""

    def __init__(self, folder: Path, name: str, count: int) -> None:
        """`count` is the number of entries, deleted ones too. Raises FileNotFoundError and CorruptIndex."""
        self.name, self.count = name, count
        self._docs = ArrayFile(folder / f"{name}.docs")
        self._terms = ArrayFile(folder / f"{name}.terms")
        self._fields: dict[str, FieldPostings | None] = {}
        self._interned: dict[str, tuple[StringInterner, Array]] = {}
        self._totals: dict[str, int] = {}
        self._known: dict[int, str] = {}  # keys that have been read
        for file, column in ((self._docs, "fingerprint.codes"), (self._terms, f"{KEY}.docs")):
            held = file.get(column)
            if held is not None and len(held) != count:
                raise CorruptIndex(f"{file.path.name} belongs to other entries")

    def field(self, name: str) -> FieldPostings | None:
        """The postings of a field, or None where no entry of the segment has any."""
        if name not in self._fields:
            present = f"{name}.at" in self._terms
            self._fields[name] = (
                FieldPostings(self._terms, name, self._docs.get(f"{name}.lengths")) if present else None
            )
        return self._fields[name]

    def lengths(self, name: str) -> Array:
        """How many positions each entry has in a scored field."""
        return self._docs[f"{name}.lengths"]

    def total_length(self, name: str) -> int:
        """How many positions all entries have in a scored field."""
        if name not in self._totals:
            self._totals[name] = int(self.lengths(name).sum(dtype=np.int64))
        return self._totals[name]

    def number_column(self, name: str) -> Array | None:
        """A column of whole numbers, `whoosh_schema.MISSING` where an entry has none; None where no entry has any."""
        return self._docs.get(f"{name}.numbers")

    def string_column(self, name: str) -> StringCodes | None:
        """A column of strings, or None where no entry has any."""
        if f"{name}.codes" not in self._docs:
            return None
        starts = self._docs.get(f"{name}.starts")
        words = [decoded(word) for word in TermDictionary(self._docs, f"{name}.values")]
        return StringCodes(self._docs[f"{name}.codes"], starts, words)

    def string_rows(self, name: str, interner: StringInterner) -> Array:
        """A column of strings as rows: the first value of each entry, the second …, in codes all segments share."""
        file_lock = self._interned.get(name)
        if file_lock is None or file_lock[0] is not interner:
            file_lock = self._interned[name] = interner, _string_rows(self.string_column(name), interner, self.count)
        return file_lock[1]

    def find(self, key: str) -> int:
        """The number of the entry with this key, or -1; it may be deleted."""
        keys = self._keys
        i = keys.term_dictionary.find(encoded(key))
        return int(keys.docs[i]) if i >= 0 else -1

    def key(self, doc: int, keep: bool = True) -> str:
        """The key of the entry with this number; `keep` it in memory, for it will be asked for again."""
        key = self._known.get(doc)
        if key is None:
            key = decoded(self._keys.term_dictionary[self._key_of.item(doc)])
            if keep:
                self._known[doc] = key
        return key

    def fingerprint(self, doc: int) -> str:
        """The fingerprint of the entry with this number."""
        codes = self._docs.get("fingerprint.codes")
        code = codes.item(doc) if codes is not None else 0
        return decoded(self._fingerprints[code - 1]) if code else ""

    @cached_property
    def _fingerprints(self) -> TermDictionary:
        return TermDictionary(self._docs, "fingerprint.values")

    @cached_property
    def _key_of(self) -> Array:
        order = np.empty(self.count, np.int32)
        order[self._keys.docs] = np.arange(len(self._keys.docs), dtype=np.int32)
        return order

    @cached_property
    def _keys(self) -> FieldPostings:
        keys = self.field(KEY)
        if keys is None:
            raise CorruptIndex(f"{self.name} has no keys")
        return keys

    def are_as_opened(self) -> bool:
        """Whether both files are still there, as they were when they were opened."""
        return self._docs.is_as_opened() and self._terms.is_as_opened()

    def let_go(self) -> None:
        """Keep no page of the files in this process's memory; what is asked for again comes from the page cache."""
        self._docs.let_go()
        self._terms.let_go()

    def verify(self) -> None:
        """Read every byte of both files. Raises CorruptIndex."""
        self._docs.verify()
        self._terms.verify()


def _string_rows(column: StringCodes | None, interner: StringInterner, count: int) -> Array:
    if column is None:
        return np.zeros((1, count), np.uint8)
    codes = interner.codes(column.words)[column.codes]
    if column.starts is None:
        return codes[np.newaxis]
    starts = column.starts.astype(np.int64)
    lengths = np.diff(starts)
    rows = np.zeros((int(lengths.max()), count), np.int32)
    for place, row in enumerate(rows):
        have = lengths > place
        row[have] = codes[starts[:-1][have] + place]
    return rows
