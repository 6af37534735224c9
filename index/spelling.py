"""“Did you mean”: the query with words that no entry has replaced by near ones that some have, if that finds more."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator

from sqlalchemy.orm import Session

from index import showing
from index.analysis import EXACT, ROOT, Reading, Wanted
from index.engines.base import Engine
from index.finding import Finding, Wish, find
from index.highlight import Marker

_SHORTEST = 3  # letters of a word that may be misspelt at all
_LONG = 7  # letters of a word that may have two mistakes
MOST_WORDS = 3  # unknown words of one query that are looked up
MOST_TRIES = 3


def better(session: Session, engine: Engine, finding: Finding, wish: Wish) -> str | None:
    """The query in a spelling that finds more entries with all its words, or None."""
    tries = itertools.islice(_corrections(engine, finding), MOST_TRIES)
    best, most = None, finding.complete
    for words in tries:
        asked = dataclasses.replace(finding.asked, words=words, spoken=words)
        other = find(engine, asked, dataclasses.replace(wish, facets=(), offset=0, limit=1))
        if other.complete > most:
            best, most = other, other.complete
    return _spelt(session, finding, best) if best else None


def _corrections(engine: Engine, finding: Finding) -> Iterator[tuple[Wanted, ...]]:
    """The words with every unknown one replaced: each by its nearest neighbour, then by the next."""
    words = finding.asked.words
    unknown = [number for number, word in enumerate(words) if _is_unknown(engine, word)]
    if not 0 < len(unknown) <= MOST_WORDS:
        return
    neighbours = {number: _neighbours(engine, words[number]) for number in unknown}
    if not all(neighbours.values()):
        return
    for rank in range(MOST_TRIES):
        chosen = {number: near[min(rank, len(near) - 1)] for number, near in neighbours.items()}
        yield tuple(_as(word, chosen[number]) if number in chosen else word for number, word in enumerate(words))


def _is_unknown(engine: Engine, word: Wanted) -> bool:
    if not word.spaced or word.end - word.start < _SHORTEST:
        return False
    terms = [reading.terms[0] for reading in word.readings if reading.terms[0][0] != ROOT and len(reading.terms) == 1]
    return not any(engine.frequencies(terms).values())


def _neighbours(engine: Engine, word: Wanted) -> list[str]:
    """Terms in the index near the word as written or its stem: one mistake before two, then the commonest."""
    terms = [reading.terms[0] for reading in word.readings if reading.terms[0][0] != ROOT and len(reading.terms) == 1]
    for mistakes in (1, 2) if word.end - word.start >= _LONG else (1,):
        near = itertools.chain.from_iterable(engine.similar(term, mistakes, MOST_TRIES) for term in terms)
        found = sorted(near, key=lambda each: -each[1])
        if found:
            return list(dict.fromkeys(term for term, _ in found))
    return []


def _as(word: Wanted, term: str) -> Wanted:
    return word._replace(readings=(Reading((term,)),))


def _spelt(session: Session, finding: Finding, other: Finding) -> str | None:
    """The query as typed, with each replaced word in the form in which the first result has it."""
    document = next(iter(showing.public(session, (hit.key for hit in other.found.hits)).values()), None)
    if document is None:
        return None
    marker = Marker(other.asked)
    forms = (
        marker.excerpt(showing.prose(document), document.language).found
        | marker.whole(document.title, document.language).found
    )
    spelt = finding.asked.text
    for number, word in reversed(list(enumerate(other.asked.words))):
        if word.readings != finding.asked.words[number].readings:
            spelt = spelt[: word.start] + _form(word, forms.get(number)) + spelt[word.end :]
    return spelt


def _form(word: Wanted, found: str | None) -> str:
    return (found or word.readings[0].terms[0].removeprefix(EXACT)).lower()
