"""What is indexed of an entry, as a Whoosh schema: terms with positions and weights, and columns of values."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from whoosh import columns, fields, formats

from index.engines.base import NAMES, WORDS, TermColumns, TokenStream
from index.engines.whoosh.arrays import Array
from index.schema import FACETS, NUMBERS

KEY = "key"
CURSOR = "cursor"  # the number of the reserved entry; its key has the same name
STRING_COLUMNS = ("group", "fingerprint", *FACETS)
NUMBER_COLUMNS = (CURSOR, *NUMBERS)
SCORED = (WORDS, NAMES)
MISSING = -(2**63)  # in a column of numbers

_GAP = 100  # positions between two token streams, so that no phrase reaches across
_MOST_BYTES = 255  # of one term; nobody types more, and a hostile text has words of a megabyte


class Positions(formats.Positions):
    """The positions of a term in an entry as an array of 32-bit numbers, where Whoosh pickles a list."""

    def decode_positions(self, valuestring: bytes) -> list[int]:
        return array("I", valuestring).tolist()

    def decode_frequency(self, valuestring: bytes) -> int:
        return len(valuestring) // 4


class TokenStreamsField(fields.FieldType):
    """A scored field whose value is a sequence of token streams, analysed before it comes here."""

    scorable = True
    analyzer = None

    def __init__(self) -> None:
        self.format = Positions()

    def index(self, value: Sequence[TokenStream], **_: object) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Each term as (bytes, frequency, weight, positions).

        Whoosh adds the frequencies up to the field's length. Forms of one word share its position and must not
        make the text longer, so the number of positions is given with the first term and 0 with the others.
        """
        found = collected(value)
        length, end = found.length, 0
        for word, weight, count in zip(found.terms, found.weights.tolist(), found.counts.tolist(), strict=True):
            start, end = end, end + count
            yield word, length, weight, found.positions[start:end].tobytes()
            length = 0


def encoded(term: str) -> bytes:
    """A term as the index keeps it; even half a surrogate pair, which some keyboards send, has a form."""
    return term.encode("utf-8", "surrogatepass")


def decoded(word: bytes) -> str:
    """The term that `encoded` made `word` of."""
    return word.decode("utf-8", "surrogatepass")


class EntryPostings(NamedTuple):
    """The terms of one entry in one field, in no order: what each weighs, and how many of the positions it has."""

    terms: list[bytes]
    weights: Array
    counts: Array
    positions: Array  # 32-bit, those of one term after those of the other
    length: int  # how many positions there are in all


def collected(streams: Sequence[TokenStream]) -> EntryPostings:
    """The token streams of one entry as postings, with terms that nobody types left out."""
    numbers: dict[str, int] = {}
    tokens: list[int] = []
    places, weights = [_NOWHERE], [np.empty(0)]
    length = start = 0
    for stream in streams:
        words, positions = _columns(stream)
        tokens += [numbers.setdefault(word, len(numbers)) for word in words]
        places.append(positions + start)
        weights.append(np.full(len(words), stream.weight))
        length += int(np.count_nonzero(np.diff(positions))) + (len(words) > 0)
        start += (int(positions[-1]) if words else -1) + _GAP
    of = np.array(tokens, np.int64)
    counts = np.bincount(of, minlength=len(numbers))
    sums = np.bincount(of, np.concatenate(weights), len(numbers))
    found = np.concatenate(places)[np.argsort(of, kind="stable")].astype(np.uint32)
    return _without_long_ones(EntryPostings([encoded(word) for word in numbers], sums, counts, found, length))


_NOWHERE = np.empty(0, np.int64)


def _columns(stream: TokenStream) -> tuple[Sequence[str], Array]:
    terms = stream.terms
    if isinstance(terms, TermColumns):
        return terms.words, np.array(terms.positions, np.int64)
    return [word for word, _ in terms], np.array([position for _, position in terms], np.int64)


def _without_long_ones(found: EntryPostings) -> EntryPostings:
    fits = np.array([len(term) <= _MOST_BYTES for term in found.terms], np.bool_)
    if fits.all():
        return found
    kept = [term for term in found.terms if len(term) <= _MOST_BYTES]
    positions = found.positions[np.repeat(fits, found.counts)]
    return EntryPostings(kept, found.weights[fits], found.counts[fits], positions, found.length if kept else 0)


class Values(columns.Column):
    """A column of short strings, none or more for each entry. The codec knows how to lay it out."""

    def default_value(self, reverse: bool = False) -> tuple[str, ...]:
        return ()

    def stores_lists(self) -> bool:
        return True


class Number(columns.Column):
    """A column of whole numbers, at most one for each entry. The codec knows how to lay it out."""

    def default_value(self, reverse: bool = False) -> int | None:
        return None


class ColumnField(fields.COLUMN):
    """A field that is only a column and takes its values as they are."""

    def to_column_value(self, value: object) -> object:
        return value

    def from_column_value(self, value: object) -> object:
        return value


def schema() -> fields.Schema:
    """The schema of every index folder; it is given to Whoosh on opening, never read from the folder."""
    made = fields.Schema(**{KEY: fields.ID(unique=True)}, **{name: TokenStreamsField() for name in SCORED})
    for name in STRING_COLUMNS:
        made.add(name, ColumnField(Values()))
    for name in NUMBER_COLUMNS:
        made.add(name, ColumnField(Number()))
    return made
