"""From a question to the engine's answer: every word if that can be, else most of them.

The website asks through `index.search`, the benchmark asks here directly: both go this one way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import log

from index import query
from index.analysis import Wanted
from index.engines.base import Engine, Favour, Filters, Found, Node, Search, Term
from index.query import Asked, Rarity

# A reader's own language counts so many times as much: enough to come first among matches of one kind,
# not enough to put a stray word before a whole title in another language.
OWN_LANGUAGE = 3.0

_LONG = 6  # letters of a word that has few others like it by chance
_NEAR = 8  # words spelt alike that are looked at
_FEW_WORDS = 2  # so few must all be there, if any entry has them all
_FEW_RESULTS = 10  # a page; where more words find fewer entries, those with some of the words follow


@dataclass(frozen=True)
class Wish:
    """What is asked of the engine besides the words; see `engines.base.Search`."""

    filters: Filters = field(default_factory=Filters)
    facets: Sequence[str] = ()
    sort: str = ""
    offset: int = 0
    limit: int = 20
    language: str = ""  # the reader's, folded; empty for nobody's


@dataclass(frozen=True)
class Finding:
    """The answer, how the words were read, and how many of the results have every word: they come first."""

    asked: Asked
    found: Found
    complete: int

    @property
    def relaxed(self) -> bool:
        """Whether some of the results lack some of the words."""
        return self.found.total > self.complete


def find(engine: Engine, asked: Asked, wish: Wish | None = None) -> Finding:
    """Ask for all the words; where a few words find nothing, or many find little, for some of them.

    In another order than by score, entries with some of the words would stand before those with all: there they
    come only when no entry has all. Where nothing at all is found, words that look like slips are heard all the same,
    if their sound is one that few words have.
    """
    wish, known = wish or Wish(), engine.frequencies(asked.terms)
    heard = query.heard(asked, lambda word: _is_foreign(engine, word, known, wish.language))
    finding = _find(engine, heard, wish, _rarity(engine, known))
    if finding.found.total:
        return finding
    guess = query.heard(query.telling_sounds(asked), lambda word: not _is_known(engine, word, known))
    return _find(engine, guess, wish, _rarity(engine, known)) if guess != heard else finding


def _find(engine: Engine, asked: Asked, wish: Wish, rare: Rarity) -> Finding:
    strict = engine.search(_search(query.with_all_words(asked, rare), wish))
    wanted = 1 if asked.parts <= _FEW_WORDS or wish.sort else _FEW_RESULTS
    if asked.parts < 2 or strict.total >= wanted:
        return Finding(asked, strict, strict.total)
    loose = engine.search(_search(query.with_some_words(asked, rare), wish))
    return Finding(asked, loose, strict.total)


def _is_foreign(engine: Engine, word: Wanted, known: Mapping[str, int], language: str) -> bool:
    """Whether a word is likelier one of another script than a slip of the hand: unknown, and unlike all others.

    With a reader's language, unlike all others of that language: kahani is no slip for an English reader, whatever
    words of Tagalog are near.
    """
    term = query.plain_term(word)
    if _is_known(engine, word, known):
        return False
    return len(term) < _LONG or not _is_a_slip(engine, {term, word.readings[0].terms[0]}, language)


def _is_known(engine: Engine, word: Wanted, known: Mapping[str, int]) -> bool:
    readings = (reading.terms[0] for reading in word.readings)
    return bool(known.get(query.plain_term(word))) or any(engine.frequencies(readings).values())


def _is_a_slip(engine: Engine, terms: Iterable[str], language: str) -> bool:
    near = (other for term in terms for other, _ in engine.similar(term, limit=_NEAR))
    filters = Filters({"language": [language]} if language else {})
    return any(engine.search(Search(Term(term), filters, limit=0)).total for term in near)


def _search(node: Node, wish: Wish) -> Search:
    if wish.language and not wish.sort:
        node = Favour(node, "language", wish.language, OWN_LANGUAGE)
    return Search(
        node, wish.filters, wish.facets, wish.sort, offset=wish.offset, limit=wish.limit, prefer=wish.language or None
    )


def rarity(engine: Engine, asked: Asked) -> Rarity:
    """How much each term of a question should count for how rare it is, see `_rarity`."""
    return _rarity(engine, engine.frequencies(asked.terms))


def _rarity(engine: Engine, known: Mapping[str, int]) -> Rarity:
    """How much more, or less, than by BM25F's own measure a term should count for how rare it is.

    Whoosh's idf never falls below one, so that a word of every story still counts. This is the quotient of
    Robertson's idf, in the form that Lucene uses, and Whoosh's.
    """
    entries = max(engine.count(), 1)
    return lambda term: _quotient(entries, min(known.get(term, 0), entries))


def _quotient(entries: int, having: int) -> float:
    return log(1 + (entries - having + 0.5) / (having + 0.5)) / (log(max(entries / (having + 1), 1.0)) + 1)
