"""What a search engine of the site must do: entries in, a small query tree in, ranked groups and counts out.

The rest of `index` speaks only the words of this file: a second engine is a class that keeps the `Engine`
protocol and a line in `index.engines.open`. The contract tests in `tests/index/` run against each.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, overload

WORDS = "words"  # the scored field: everything a reader may search in
NAMES = "names"  # titles, themes, places, tellers who chose to be named: what suggestions offer


class TermColumns(Sequence[tuple[str, int]]):
    """Terms and their positions in two columns: a fifth of the memory of as many pairs, and quick to send."""

    __slots__ = ("positions", "words")

    def __init__(self, words: Sequence[str], positions: array[int]) -> None:
        self.words, self.positions = words, positions

    def __len__(self) -> int:
        return len(self.words)

    def __iter__(self) -> Iterator[tuple[str, int]]:
        return zip(self.words, self.positions, strict=True)

    @overload
    def __getitem__(self, place: int) -> tuple[str, int]: ...

    @overload
    def __getitem__(self, place: slice) -> TermColumns: ...

    def __getitem__(self, place: int | slice) -> tuple[str, int] | TermColumns:
        if isinstance(place, slice):
            return TermColumns(self.words[place], self.positions[place])
        return self.words[place], self.positions[place]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))


@dataclass(frozen=True)
class TokenStream:
    """A run of analysed terms, each with its position, and how much an occurrence here weighs.

    Several terms may share a position (a folded form, an exact form, a part of a compound). Positions count
    from 0 within the stream; the engine keeps streams apart: no phrase reaches from one into the next.
    """

    terms: Sequence[tuple[str, int]]
    weight: float = 1.0


@dataclass(frozen=True)
class Entry:
    """What the index holds of one story or guide: only what is public, and only what search needs.

    key: "story:12", "guide:3"; unique.
    group: entries with one group are one result (a story and its translations: "story:<id of the original>").
    fingerprint: a hash of all that was indexed, for `sync.check`.
    facets: name (one of `index.schema.FACETS`) to values: slugs, ids or tags, never translated names.
    numbers: name (one of `index.schema.NUMBERS`) to a whole number; `published` is in seconds since 1970.
    """

    key: str
    group: str
    fingerprint: str
    words: Sequence[TokenStream] = ()
    names: Sequence[TokenStream] = ()
    facets: Mapping[str, Sequence[str]] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)


# ---- the query tree, in the words of whoosh.query ------------------------------------------------


@dataclass(frozen=True)
class Term:
    """Entries with the term; BM25F score times `boost`."""

    term: str
    boost: float = 1.0
    field: str = WORDS


@dataclass(frozen=True)
class Prefix:
    """Entries with a term that begins so, scored as if all such terms were one term."""

    prefix: str
    boost: float = 1.0
    field: str = WORDS


@dataclass(frozen=True)
class Phrase:
    """Entries with the terms so far apart: (("new", 0), ("york", 1)); the scores of the terms are added."""

    terms: tuple[tuple[str, int], ...]
    boost: float = 1.0
    field: str = WORDS


@dataclass(frozen=True)
class FacetValue:
    """Entries that carry this facet value; each scores `score`."""

    facet: str
    value: str
    score: float = 1.0


@dataclass(frozen=True)
class Or:
    """Entries that match one subquery or more; scores are added."""

    subqueries: tuple[Query, ...]


@dataclass(frozen=True)
class And:
    """Entries that match every subquery; scores are added."""

    subqueries: tuple[Query, ...]


@dataclass(frozen=True)
class AtLeast:
    """Entries that match at least `minmatch` of the subqueries; scores are added: Whoosh's Or(minmatch=…)."""

    subqueries: tuple[Query, ...]
    minmatch: int


@dataclass(frozen=True)
class DisjunctionMax:
    """Entries that match one subquery or more; the best single score counts (an exact form over a folded one)."""

    subqueries: tuple[Query, ...]


@dataclass(frozen=True)
class AndNot:
    """Entries that match `query` and do not match `excluded`."""

    query: Query
    excluded: Query


@dataclass(frozen=True)
class AndMaybe:
    """Entries that match `query`; those that match `optional` too get its score on top."""

    query: Query
    optional: Query


@dataclass(frozen=True)
class Boost:
    """Entries that match `query`, each with so many times its score."""

    query: Query
    factor: float


@dataclass(frozen=True)
class Prefer:
    """Entries that match `query`; those that carry the facet value score `factor` times as much."""

    query: Query
    facet: str
    value: str
    factor: float


@dataclass(frozen=True)
class Every:
    """Every entry, each with score 1."""


@dataclass(frozen=True)
class NullQuery:
    """No entry."""


Query = (
    Term
    | Prefix
    | Phrase
    | FacetValue
    | Or
    | And
    | AtLeast
    | DisjunctionMax
    | AndNot
    | AndMaybe
    | Boost
    | Prefer
    | Every
    | NullQuery
)


# ---- a search and its answer ---------------------------------------------------------------------


@dataclass(frozen=True)
class Filters:
    """What the reader has narrowed the search to.

    include: for every facet named, an entry has at least one of the values.
    exclude: for every facet named, an entry has none of the values.
    ranges: number name to (least, most), both included, None for no limit; an entry without it fails.
    """

    include: Mapping[str, Sequence[str]] = field(default_factory=dict)
    exclude: Mapping[str, Sequence[str]] = field(default_factory=dict)
    ranges: Mapping[str, tuple[int | None, int | None]] = field(default_factory=dict)


@dataclass(frozen=True)
class Search:
    """One question to the engine.

    facets: the names to count. The counts of a facet obey every filter but the `include` of that same facet,
    so that a reader sees what another choice would bring.
    sort: "" by score, or a number name, with "-" in front for the largest first ("-published": newest first).
    preferred_language: of the members of a group that match, the best in it (a value of the facet "language") is
    shown; else the best of all. The order of the groups stays; to alter it wrap the query in `Prefer`.
    """

    query: Query
    filters: Filters = Filters()
    facets: Sequence[str] = ()
    sort: str = ""
    offset: int = 0
    limit: int = 20
    preferred_language: str | None = None


class EngineHit(NamedTuple):
    """One group of the answer: the member to show, and the best score of its matching members."""

    key: str
    group: str
    score: float


@dataclass(frozen=True)
class EngineResult:
    """The answer: `total` and the facet counts count groups. Counts that are zero are left out."""

    total: int
    hits: tuple[EngineHit, ...]
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


class LockedIndex(Exception):
    """Another process is writing to the index and did not finish in the time allowed."""


class UnwritableIndex(LockedIndex):
    """Nothing can be written to the index now, for the disk is full or read-only: try again later."""


class StaleCursor(Exception):
    """The index is no longer at the cursor that the changes were read from: read them again."""


class CorruptIndex(Exception):
    """The index is missing or cannot be read: it must be rebuilt from the database."""


Progress = Callable[[int], None]


class Engine(Protocol):
    """One index, shared by the threads of a process and by several processes."""

    def search(self, search: Search) -> EngineResult:
        """Answer from the newest state; other processes' commits count within a second. Raises CorruptIndex."""

    def apply(
        self, upserts: Sequence[Entry], deletes: Sequence[str], cursor: int, *, after: int, wait: float = 2.0
    ) -> None:
        """Write entries, delete keys, store the cursor in one durable commit; the last entry of a key wins.

        `after` is the cursor that the changes were read from. Raises StaleCursor when the index has another one
        by now, LockedIndex after `wait` seconds without the write lock, CorruptIndex.
        """

    def warm(self) -> None:
        """Do now what the first searches of a process would wait for; call it as a worker starts."""

    def cursor(self) -> int:
        """The last cursor written; 0 for an empty index. Always the newest. Raises CorruptIndex."""

    def build(self) -> str:
        """Which index this is: a name that is another after each rebuild. Raises CorruptIndex."""

    def keys(self) -> Iterator[tuple[str, str]]:
        """Every entry as (key, fingerprint), in no order, one after the other."""

    def fingerprints(self, keys: Iterable[str]) -> dict[str, str]:
        """The fingerprints of those of the entries that there are."""

    def term_digests(self, keys: Iterable[str]) -> dict[str, int]:
        """Of those of the entries that there are a number for all the terms that the index holds of each."""

    def term_digest(self, entry: Entry) -> int:
        """The number that `term_digests` would give if the index held this entry."""

    def count(self) -> int:
        """How many entries there are."""

    def frequencies(self, terms: Iterable[str], field: str = WORDS) -> dict[str, int]:
        """In how many entries each term occurs (a recent deletion may still count); 0 where it does not."""

    def terms(self, prefix: str, limit: int, field: str = WORDS) -> list[tuple[str, int]]:
        """Up to `limit` terms that begin so, the commonest first, each with its number of entries."""

    def similar_terms(self, term: str, distance: int = 1, limit: int = 20, field: str = WORDS) -> list[tuple[str, int]]:
        """Other terms that begin alike (first letter, and sign before it) within 1 or 2 edits, commonest first."""

    def purge(self, wait: float = 60.0) -> None:
        """Rewrite what holds deleted entries, so that no file has a byte of their words. Raises LockedIndex."""

    def rebuild(self) -> AbstractContextManager[Engine]:
        """A new, empty engine to fill (`apply`, with after=0 at first) while this one goes on answering.

        When the block ends well it takes the place of this index, for every process, at once; when it ends
        with an error it is thrown away. Raises LockedIndex when a rebuild is already under way.
        """

    def problem(self, thorough: bool = False) -> str | None:
        """What is wrong with the index, in a few words for a person who operates it, or None.

        A new process reads every byte once; `thorough` does it again.
        """

    def close(self) -> None:
        """Let go of files."""
