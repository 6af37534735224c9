"""“Did you mean”: the query with words that no entry has in a near spelling that some have, if that finds more.

A correction is a word as some text writes it, in the language of the query: that of the words in it that are known, and
where none is known the reader's before any other.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from difflib import get_close_matches
from math import log
from typing import NamedTuple

from sqlalchemy.orm import Session

from index import hits, query
from index.analysis.analyzer import EXACT, SOUND, Reading, Wanted
from index.analysis.edit_distance import within
from index.analysis.folding import exact, fold
from index.engines.base import Engine, Everything, Filters, Search, Term
from index.highlight.excerpt import Marker
from index.query import Asked
from index.retrieval import Finding, Wish, find, is_heard

MOST_WORDS = 3  # unknown words of one query that are looked up
MOST_TRIES = 3  # corrections that are searched for
_SHORTEST = 3  # letters of a word that may be misspelt at all
_LONG = 7  # letters of a word that may have two mistakes
_NEAR = 20  # of the terms spelt alike, the commonest
_HEARD = 8  # known words of a query that tell its language
_UNSEEN = 0.01  # entries that have a word in a language where none has it
_READER = 2.0  # how much likelier the reader's own language is than another


class Tongue(NamedTuple):
    """The language of a query, folded, or "" for none in particular, and whether its words say so."""

    tag: str
    sure: bool


def better(session: Session, engine: Engine, finding: Finding, wish: Wish) -> str | None:
    """The query in a spelling that finds more entries with all its words, or None."""
    asked = finding.asked
    unknown = [word for word in asked.words if _is_unknown(engine, word) and not _is_number(asked, word)]
    if not finding.guessed:
        unknown = [word for word in unknown if not is_heard(engine, word)]
    if not 0 < len(unknown) <= MOST_WORDS:
        return None
    tongue = _tongue(engine, asked, wish.language)
    near = [_corrections(session, engine, asked.text[word.start : word.end], word, tongue) for word in unknown]
    best, most = None, finding.complete
    for rank in range(max(map(len, near)) if all(near) else 0):
        chosen = [others[min(rank, len(others) - 1)] for others in near]
        spelt = _spelt(asked.text, unknown, chosen)
        meant = query.parse(spelt)
        other = find(engine, meant, dataclasses.replace(wish, facets=(), offset=0, limit=MOST_TRIES))
        telling = not all(word.common for word in meant.words)
        if telling and other.complete > most and hits.public(session, (hit.key for hit in other.found.hits)):
            best, most = spelt, other.complete
    return best


def _is_unknown(engine: Engine, word: Wanted) -> bool:
    """Whether no entry has the word or its stem, and it is long enough to be a slip of another."""
    return word.spaced and word.end - word.start >= _SHORTEST and not _is_known(engine, word)


def _is_number(asked: Asked, word: Wanted) -> bool:
    """Whether it has a digit: a year that no entry has is no slip."""
    return any(sign.isdecimal() for sign in asked.text[word.start : word.end])


def _is_known(engine: Engine, word: Wanted) -> bool:
    return any(engine.frequencies({word.readings[0].terms[0], query.plain_term(word)}).values())


def _spelt(text: str, words: list[Wanted], others: list[str]) -> str:
    for word, other in sorted(zip(words, others, strict=True), key=lambda pair: -pair[0].start):
        text = text[: word.start] + other + text[word.end :]
    return text


# ---- which language ------------------------------------------------------------------------------


def _tongue(engine: Engine, asked: Asked, reader: str) -> Tongue:
    """The language in which the known words of a query are commonest; without any, the reader's."""
    known = itertools.islice((word for word in asked.spoken if word.spaced and _is_known(engine, word)), _HEARD)
    having = [_by_language(engine, word) for word in known]
    tags = {tag for counts in having for tag in counts}
    if not tags:
        return Tongue(reader, sure=False)
    entries = engine.search(Search(Everything(), facets=("language",), limit=0)).facets["language"]

    def likelihood(tag: str) -> float:
        shares = ((counts.get(tag, 0) or _UNSEEN) / entries.get(tag, 1) for counts in having)
        return sum(map(log, shares)) + (log(_READER) if tag == reader else 0)

    return Tongue(max(sorted(tags), key=likelihood), sure=True)


def _by_language(engine: Engine, word: Wanted) -> dict[str, int]:
    """How many entries of each language have the word as it is typed, or else its stem."""
    terms = (word.readings[0].terms[0], query.plain_term(word))
    found = (engine.search(Search(Term(term), facets=("language",), limit=0)).facets["language"] for term in terms)
    return dict(next((counts for counts in found if counts), {}))


# ---- which words ---------------------------------------------------------------------------------


def _corrections(session: Session, engine: Engine, typed: str, word: Wanted, tongue: Tongue) -> list[str]:
    """Words that a text has, the nearest to the one typed; of those as near, those of its language, the commonest."""
    for step in itertools.chain(_letters(typed, word), _sounds(engine, word)):
        terms = {term for start, distance in step for term, _ in engine.similar(start, distance, _NEAR)}
        for language in (tongue.tag,) if tongue.sure else dict.fromkeys((tongue.tag, "")):
            if found := list(_in_language(session, engine, terms, typed, language)):
                return found
    return []


def _in_language(session: Session, engine: Engine, terms: set[str], typed: str, language: str) -> Iterator[str]:
    """The words of a language (or of any) that the terms stand for, the commonest first."""
    counts = {term: count for term in terms if (count := _count(engine, term, language))}
    inorder = sorted(counts, key=lambda term: (-counts[term], term))[:MOST_TRIES]
    written = ((term, _as_written(session, engine, term, typed, language)) for term in inorder)
    yield from dict.fromkeys(form for term, form in written if term.startswith(SOUND) or _is_near(form, typed))


def _letters(typed: str, word: Wanted) -> Iterator[list[tuple[str, int]]]:
    """Terms to look around, each with how many mistakes away: as written, then without its marks, at last its stem."""
    written, folded = exact(typed), fold(typed)
    for distance in (1, 2) if len(typed) >= _LONG else (1,):
        if written == folded:
            yield [(EXACT + written, distance), (folded, distance)]
        else:
            yield [(EXACT + written, distance)]
            yield [(folded, distance)]
    yield [(query.plain_term(word), 1)]


def _sounds(engine: Engine, word: Wanted) -> Iterator[list[tuple[str, int]]]:
    """How a word of another script, typed in Latin letters, may sound, if no entry has one that sounds so."""
    sounds = {sound for reading in word.sounds for sound in reading.terms}
    if not any(engine.frequencies(sounds).values()):
        yield [(sound, 1) for sound in sorted(sounds) if len(sound) > query.TELLING_SOUND]


def _is_near(form: str, typed: str) -> bool:
    """Whether a word is another than the one typed, and not much another; a stem may have led far away."""
    return exact(form) != exact(typed) and within(fold(typed), fold(form), 2)


def _count(engine: Engine, term: str, language: str) -> int:
    filters = Filters({"language": [language]} if language else {})
    return engine.search(Search(Term(term), filters, limit=0)).total


def _as_written(session: Session, engine: Engine, term: str, typed: str, language: str) -> str:
    """The word that a term stands for. A stem is looked up in a text that has it: of its forms the nearest counts."""
    if term.startswith(EXACT):
        return term.removeprefix(EXACT)
    filters = Filters({"language": [language]} if language else {})
    found = engine.search(Search(Term(term), filters, limit=1)).hits
    marker = Marker(Asked(term, words=(Wanted((Reading((term,)),), 0, 0, 0),)))
    forms: set[str] = set()
    for document in hits.public(session, (hit.key for hit in found)).values():
        forms |= marker.forms(f"{document.title}\n{hits.prose(document)}", document.language)
    return next(iter(get_close_matches(typed.lower(), sorted(forms), 1, 0.0)), "")
