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
from index.analysis.analyzer import EXACT, PHONETIC, QueryWord, WordForm
from index.analysis.edit_distance import is_within_distance
from index.analysis.folding import exact_form, fold
from index.engines.base import Engine, Every, Filters, Search, Term
from index.highlight.excerpt import Highlighter
from index.query import ParsedQuery
from index.retrieval import Retrieval, SearchOptions, is_phonetic_match, retrieve

MAX_WORDS = 3  # unknown words of one query that are looked up
MAX_CORRECTIONS = 3  # corrections that are searched for
_SHORTEST = 3  # letters of a word that may be misspelt at all
_LONG = 7  # letters of a word that may have two mistakes
_NEAR = 20  # of the terms spelt alike, the commonest
_LANGUAGE_WORDS = 8  # known words of a query that tell its language
_SMOOTHING = 0.01  # entries that have a word in a language where none has it
_READER_LANGUAGE_BOOST = 2.0  # how much likelier the reader's own language is than another


class QueryLanguage(NamedTuple):
    """The language of a query, folded, or "" for none in particular, and whether its words say so."""

    tag: str
    certain: bool


def corrected_query(session: Session, engine: Engine, retrieval: Retrieval, options: SearchOptions) -> str | None:
    """The query in a spelling that finds more entries with all its words, or None."""
    parsed = retrieval.parsed
    unknown = [word for word in parsed.words if _is_unknown(engine, word) and not _is_number(parsed, word)]
    if not retrieval.guessed_phonetically:
        unknown = [word for word in unknown if not is_phonetic_match(engine, word)]
    if not 0 < len(unknown) <= MAX_WORDS:
        return None
    language = _query_language(engine, parsed, options.language)
    near = [_corrections(session, engine, parsed.text[word.start : word.end], word, language) for word in unknown]
    best, most = None, retrieval.full_matches
    for rank in range(max(map(len, near)) if all(near) else 0):
        chosen = [others[min(rank, len(others) - 1)] for others in near]
        corrected = _with_corrections(parsed.text, unknown, chosen)
        meant = query.parse(corrected)
        other = retrieve(engine, meant, dataclasses.replace(options, facets=(), offset=0, limit=MAX_CORRECTIONS))

        has_content_word = not all(word.is_stop_word for word in meant.words)
        if (
            has_content_word
            and other.full_matches > most
            and hits.public_documents(session, (hit.key for hit in other.result.hits))
        ):
            best, most = corrected, other.full_matches
    return best


def _is_unknown(engine: Engine, word: QueryWord) -> bool:
    """Whether no entry has the word or its stem, and it is long enough to be a typing error."""
    return word.space_delimited and word.end - word.start >= _SHORTEST and not _is_known(engine, word)


def _is_number(parsed: ParsedQuery, word: QueryWord) -> bool:
    """Whether it has a digit: a year that no entry has is no error."""
    return any(sign.isdecimal() for sign in parsed.text[word.start : word.end])


def _is_known(engine: Engine, word: QueryWord) -> bool:
    return any(engine.frequencies({word.forms[0].terms[0], query.plain_term(word)}).values())


def _with_corrections(text: str, words: list[QueryWord], others: list[str]) -> str:
    for word, other in sorted(zip(words, others, strict=True), key=lambda pair: -pair[0].start):
        text = text[: word.start] + other + text[word.end :]
    return text


# ---- which language ------------------------------------------------------------------------------


def _query_language(engine: Engine, parsed: ParsedQuery, reader: str) -> QueryLanguage:
    """The language in which the known words of a query are commonest; without any, the reader's."""
    known = itertools.islice(
        (word for word in parsed.all_words if word.space_delimited and _is_known(engine, word)), _LANGUAGE_WORDS
    )
    having = [_by_language(engine, word) for word in known]
    tags = {tag for counts in having for tag in counts}
    if not tags:
        return QueryLanguage(reader, certain=False)
    entries = engine.search(Search(Every(), facets=("language",), limit=0)).facets["language"]

    def likelihood(tag: str) -> float:
        shares = ((counts.get(tag, 0) or _SMOOTHING) / entries.get(tag, 1) for counts in having)
        return sum(map(log, shares)) + (log(_READER_LANGUAGE_BOOST) if tag == reader else 0)

    return QueryLanguage(max(sorted(tags), key=likelihood), certain=True)


def _by_language(engine: Engine, word: QueryWord) -> dict[str, int]:
    """How many entries of each language have the word as it is typed, or else its stem."""
    terms = (word.forms[0].terms[0], query.plain_term(word))
    found = (engine.search(Search(Term(term), facets=("language",), limit=0)).facets["language"] for term in terms)
    return dict(next((counts for counts in found if counts), {}))


# ---- which words ---------------------------------------------------------------------------------


def _corrections(session: Session, engine: Engine, typed: str, word: QueryWord, likely: QueryLanguage) -> list[str]:
    """Words that a text has, the nearest to the one typed; of those as near, those of its language, the commonest."""
    for step in itertools.chain(_fuzzy_lookups(typed, word), _phonetic_lookups(engine, word)):
        terms = {term for start, distance in step for term, _ in engine.similar_terms(start, distance, _NEAR)}
        for language in (likely.tag,) if likely.certain else dict.fromkeys((likely.tag, "")):
            if found := list(_in_language(session, engine, terms, typed, language)):
                return found
    return []


def _in_language(session: Session, engine: Engine, terms: set[str], typed: str, language: str) -> Iterator[str]:
    """The words of a language (or of any) that the terms stand for, the commonest first."""
    counts = {term: count for term in terms if (count := _count(engine, term, language))}
    in_order = sorted(counts, key=lambda term: (-counts[term], term))[:MAX_CORRECTIONS]
    written = ((term, _as_written(session, engine, term, typed, language)) for term in in_order)
    yield from dict.fromkeys(form for term, form in written if term.startswith(PHONETIC) or _is_near(form, typed))


def _fuzzy_lookups(typed: str, word: QueryWord) -> Iterator[list[tuple[str, int]]]:
    """Terms to look around, each with how many mistakes away: as written, then without its marks, at last its stem."""
    written, folded = exact_form(typed), fold(typed)
    for distance in (1, 2) if len(typed) >= _LONG else (1,):
        if written == folded:
            yield [(EXACT + written, distance), (folded, distance)]
        else:
            yield [(EXACT + written, distance)]
            yield [(folded, distance)]
    yield [(query.plain_term(word), 1)]


def _phonetic_lookups(engine: Engine, word: QueryWord) -> Iterator[list[tuple[str, int]]]:
    """How a word of another script, typed in Latin letters, may sound, if no entry has one that sounds so."""
    keys = {key for form in word.phonetic_forms for key in form.terms}
    if not any(engine.frequencies(keys).values()):
        yield [(key, 1) for key in sorted(keys) if len(key) > query.DISTINCTIVE_KEY_LENGTH]


def _is_near(form: str, typed: str) -> bool:
    """Whether a word is another than the one typed, and not much another; a stem may have led far away."""
    return exact_form(form) != exact_form(typed) and is_within_distance(fold(typed), fold(form), 2)


def _count(engine: Engine, term: str, language: str) -> int:
    filters = Filters({"language": [language]} if language else {})
    return engine.search(Search(Term(term), filters, limit=0)).total


def _as_written(session: Session, engine: Engine, term: str, typed: str, language: str) -> str:
    """The word that a term stands for. A stem is looked up in a text that has it: of its forms the nearest counts."""
    if term.startswith(EXACT):
        return term.removeprefix(EXACT)
    filters = Filters({"language": [language]} if language else {})
    found = engine.search(Search(Term(term), filters, limit=1)).hits
    highlighter = Highlighter(ParsedQuery(term, words=(QueryWord((WordForm((term,)),), 0, 0, 0),)))
    forms: set[str] = set()
    for document in hits.public_documents(session, (hit.key for hit in found)).values():
        forms |= highlighter.forms(f"{document.title}\n{hits.body_text(document)}", document.language)
    return next(iter(get_close_matches(typed.lower(), sorted(forms), 1, 0.0)), "")
