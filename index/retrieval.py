"""From a question to the engine's answer: every word if that can be, else most of them.

The website asks through `index.search`, the benchmark asks here directly: both go this one way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import log

from index import query
from index.analysis.analyzer import SOUND, Wanted
from index.engines.base import Engine, Favour, Filters, Found, Node, Search, Term
from index.query import Asked, Rarity

# A reader's own language counts so many times as much: enough to come first among matches of one kind,
# not enough to put a stray word before a whole title in another language.
OWN_LANGUAGE = 3.0

_LONG = 6  # letters of a word that has few others like it by chance
_NEAR = 8  # words spelt alike that are looked at
_FEW_PARTS = 4  # of so few at least half must be there
_QUESTION = 7  # so many are a whole question: what answers it has a few of its words, and those in their places
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
    """The answer, how the words were read, and how many of the results have every word: they come first.

    heard: the words, as typed, that no entry has so: they were read as words of another script that sound alike.
    guessed: whether they look like slips, and were heard because nothing else was found.
    """

    asked: Asked
    found: Found
    complete: int
    heard: tuple[str, ...] = ()
    guessed: bool = False

    @property
    def relaxed(self) -> bool:
        """Whether some of the results lack some of the words."""
        return self.found.total > self.complete


def find(engine: Engine, asked: Asked, wish: Wish | None = None) -> Finding:
    """Ask for all the words; where a few words find nothing, or many find little, for most, or for some of them.

    How it is asked depends on the words alone, not on the filters, so that narrowing never brings more. Where nothing
    at all is found, words that look like slips are heard all the same, if their sound is one that few words have.
    """
    wish, known = wish or Wish(), engine.frequencies(asked.terms)
    rare, asked = _rarity(engine, known), query.sounding_in(asked, wish.language)
    heard = query.heard(asked, lambda word: _is_foreign(engine, word, known, wish.language))
    if node := _way(engine, heard, rare, wish.sort):
        return _finding(engine, heard, node, wish, rare)
    guess = query.heard(query.telling_sounds(asked), lambda word: not _is_known(engine, word, known))
    if guess != heard and (node := _way(engine, guess, rare, wish.sort)):
        return replace(_finding(engine, guess, node, wish, rare), guessed=True)
    return _finding(engine, heard, query.with_all_words(heard, rare), wish, rare)


def _way(engine: Engine, asked: Asked, rare: Rarity, sort: str) -> Node | None:
    """The strictest way to ask that finds enough, or None where nothing is found."""
    ways = _ways(asked, rare, sort)
    return next((node for node, enough in ways if engine.search(Search(node, limit=0)).total >= enough), None)


def _ways(asked: Asked, rare: Rarity, sort: str) -> Iterator[tuple[Node, int]]:
    """Ways to ask, the strictest first, each with how many results make a stricter one unnecessary.

    In another order than by score, entries with some of the words would stand before those with all: there they
    come only when no entry has all.
    """
    page = 1 if sort or asked.parts <= _FEW_WORDS else _FEW_RESULTS
    yield query.with_all_words(asked, rare), page if asked.parts > 1 else 1
    if 1 < asked.parts < _QUESTION:
        yield query.with_most_words(asked, rare), page if asked.parts > _FEW_PARTS else 1
    if asked.parts > _FEW_PARTS:
        yield query.with_some_words(asked, rare), 1


def _finding(engine: Engine, asked: Asked, node: Node, wish: Wish, rare: Rarity) -> Finding:
    found, strict = engine.search(_search(node, wish)), query.with_all_words(asked, rare)
    complete = found.total if node == strict else engine.search(Search(strict, wish.filters, limit=0)).total
    heard = (asked.text[word.start : word.end] for word in asked.words if is_heard(engine, word))
    return Finding(asked, found, complete, tuple(heard))


def is_heard(engine: Engine, word: Wanted) -> bool:
    """Whether it was read as a word of another script that some entries have."""
    sounds = (reading.terms for reading in word.readings if reading.terms[0].startswith(SOUND))
    return any(all(engine.frequencies(terms).values()) for terms in sounds)


def _is_foreign(engine: Engine, word: Wanted, known: Mapping[str, int], language: str) -> bool:
    """Whether a word is likelier one of another script than a slip of the hand: unknown, and unlike all others.

    Unlike all others of the reader's language: kahani is no slip for an English reader, whatever words of Tagalog are
    near. For nobody's language any unknown word may be one.
    """
    term = query.plain_term(word)
    if _is_known(engine, word, known):
        return False
    return not language or len(term) < _LONG or not _is_a_slip(engine, {term, word.readings[0].terms[0]}, language)


def _is_known(engine: Engine, word: Wanted, known: Mapping[str, int]) -> bool:
    readings = (reading.terms[0] for reading in word.readings)
    return bool(known.get(query.plain_term(word))) or any(engine.frequencies(readings).values())


def _is_a_slip(engine: Engine, terms: Iterable[str], language: str) -> bool:
    near = (other for term in terms for other, _ in engine.similar(term, limit=_NEAR))
    filters = Filters({"language": [language]})
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
