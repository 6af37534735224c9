"""What is indexed of an entry, as a Whoosh schema: terms with positions and weights, and columns of values."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence

from whoosh import columns, fields, formats

from index.engines.base import NAMES, WORDS, TokenStream
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
        weights, positions, length = _collected(value)
        for term, where in positions.items():
            word = encoded(term)
            if len(word) <= _MOST_BYTES:
                yield word, length, weights[term], array("I", where).tobytes()
                length = 0


def encoded(term: str) -> bytes:
    """A term as the index keeps it; even half a surrogate pair, which some keyboards send, has a form."""
    return term.encode("utf-8", "surrogatepass")


def decoded(word: bytes) -> str:
    """The term that `encoded` made `word` of."""
    return word.decode("utf-8", "surrogatepass")


def _collected(streams: Sequence[TokenStream]) -> tuple[dict[str, float], dict[str, list[int]], int]:
    weights: dict[str, float] = {}
    positions: dict[str, list[int]] = {}
    length = start = 0
    for stream in streams:
        last = -1
        for term, position in stream.terms:
            if position != last:
                length, last = length + 1, position
            if term in weights:
                weights[term] += stream.weight
                positions[term].append(start + position)
            else:
                weights[term] = stream.weight
                positions[term] = [start + position]
        start += last + _GAP
    return weights, positions, length


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
