"""From a question to the engine's answer: every word if that can be, else most of them.

The website asks through `index.search`, the benchmark asks here directly: both go this one way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import log

from index import query
from index.analysis.analyzer import PHONETIC, QueryWord
from index.engines.base import Engine, EngineResult, Filters, Prefer, Query, Search, Term
from index.query import IdfFactor, ParsedQuery

# A reader's own language counts so many times as much: enough to come first among matches of one kind,
# not enough to put a stray word before a whole title in another language.
OWN_LANGUAGE_BOOST = 3.0

_LONG = 6  # letters of a word that has few others like it by chance
_NEAR = 8  # words spelt alike that are looked at
_FEW_PARTS = 4  # of so few at least half must be there
_QUESTION = 7  # so many are a whole question: what answers it has a few of its words, and those in their places
_FEW_WORDS = 2  # so few must all be there, if any entry has them all
_FEW_RESULTS = 10  # a page; where more words find fewer entries, those with some of the words follow


@dataclass(frozen=True)
class SearchOptions:
    """What is asked of the engine besides the words; see `engines.base.Search`."""

    filters: Filters = field(default_factory=Filters)
    facets: Sequence[str] = ()
    sort: str = ""
    offset: int = 0
    limit: int = 20
    language: str = ""  # the reader's, folded; empty for nobody's


@dataclass(frozen=True)
class Retrieval:
    """The answer, how the words were read, and how many of the results have every word: they come first.

    phonetic_words: the words, as typed, that no entry has so: they were read as words of another script that sound
    alike. guessed_phonetically: whether they look like typing errors, and were read so because nothing else was found.
    """

    parsed: ParsedQuery
    result: EngineResult
    full_matches: int
    phonetic_words: tuple[str, ...] = ()
    guessed_phonetically: bool = False

    @property
    def relaxed(self) -> bool:
        """Whether some of the results lack some of the words."""
        return self.result.total > self.full_matches


def retrieve(engine: Engine, parsed: ParsedQuery, options: SearchOptions | None = None) -> Retrieval:
    """Ask for all the words; where a few words find nothing, or many find little, for most, or for some of them.

    How it is asked depends on the words alone, not on the filters, so that narrowing never brings more. Where nothing
    at all is found, words that look like typing errors are looked up by their sound all the same, if few sound so.
    """
    options, frequencies = options or SearchOptions(), engine.frequencies(parsed.terms)
    idf_factor = _idf_factor(engine, frequencies)
    parsed = query.drop_clustered_phonetic_forms(parsed, options.language)
    phonetic = query.with_phonetic_forms(parsed, lambda word: _is_foreign(engine, word, frequencies, options.language))
    if engine_query := _strictest_query(engine, phonetic, idf_factor, options.sort):
        return _retrieval(engine, phonetic, engine_query, options, idf_factor)
    distinctive = query.with_distinctive_phonetic_forms(parsed)
    guessed = query.with_phonetic_forms(distinctive, lambda word: not _is_known(engine, word, frequencies))
    if guessed != phonetic and (engine_query := _strictest_query(engine, guessed, idf_factor, options.sort)):
        return replace(_retrieval(engine, guessed, engine_query, options, idf_factor), guessed_phonetically=True)
    return _retrieval(engine, phonetic, query.with_all_words(phonetic, idf_factor), options, idf_factor)


def _strictest_query(engine: Engine, parsed: ParsedQuery, idf_factor: IdfFactor, sort: str) -> Query | None:
    """The strictest way to ask that finds enough, or None where nothing is found."""
    ways = _relaxations(parsed, idf_factor, sort)
    return next((way for way, enough in ways if engine.search(Search(way, limit=0)).total >= enough), None)


def _relaxations(parsed: ParsedQuery, idf_factor: IdfFactor, sort: str) -> Iterator[tuple[Query, int]]:
    """Query relaxation: ways to ask, the strictest first, each with how many results make the next one unnecessary.

    In another order than by score, entries with some of the words would stand before those with all: there they
    come only when no entry has all.
    """
    page = 1 if sort or parsed.clause_count <= _FEW_WORDS else _FEW_RESULTS
    yield query.with_all_words(parsed, idf_factor), page if parsed.clause_count > 1 else 1
    if 1 < parsed.clause_count < _QUESTION:
        yield query.with_most_words(parsed, idf_factor), page if parsed.clause_count > _FEW_PARTS else 1
    if parsed.clause_count > _FEW_PARTS:
        yield query.with_some_words(parsed, idf_factor), 1


def _retrieval(
    engine: Engine, parsed: ParsedQuery, engine_query: Query, options: SearchOptions, idf_factor: IdfFactor
) -> Retrieval:
    result, full = engine.search(_search(engine_query, options)), query.with_all_words(parsed, idf_factor)
    same = engine_query == full
    full_matches = result.total if same else engine.search(Search(full, options.filters, limit=0)).total
    phonetic_words = (parsed.text[word.start : word.end] for word in parsed.words if is_phonetic_match(engine, word))
    return Retrieval(parsed, result, full_matches, tuple(phonetic_words))


def is_phonetic_match(engine: Engine, word: QueryWord) -> bool:
    """Whether it was read as a word of another script that some entries have."""
    phonetic = (form.terms for form in word.forms if form.terms[0].startswith(PHONETIC))
    return any(all(engine.frequencies(terms).values()) for terms in phonetic)


def _is_foreign(engine: Engine, word: QueryWord, frequencies: Mapping[str, int], language: str) -> bool:
    """Whether a word is likelier one of another script than a typing error: unknown, and unlike all others.


    Unlike all others of the reader's language: kahani is no error for an English reader, whatever words of Tagalog are
    near. For nobody's language any unknown word may be one.
    """
    term = query.plain_term(word)
    if _is_known(engine, word, frequencies):
        return False
    return not language or len(term) < _LONG or not _is_typo(engine, {term, word.forms[0].terms[0]}, language)


def _is_known(engine: Engine, word: QueryWord, frequencies: Mapping[str, int]) -> bool:
    forms = (form.terms[0] for form in word.forms)
    return bool(frequencies.get(query.plain_term(word))) or any(engine.frequencies(forms).values())


def _is_typo(engine: Engine, terms: Iterable[str], language: str) -> bool:
    near = (other for term in terms for other, _ in engine.similar_terms(term, limit=_NEAR))
    filters = Filters({"language": [language]})
    return any(engine.search(Search(Term(term), filters, limit=0)).total for term in near)


def _search(engine_query: Query, options: SearchOptions) -> Search:
    if options.language and not options.sort:
        engine_query = Prefer(engine_query, "language", options.language, OWN_LANGUAGE_BOOST)
    language = options.language or None
    return Search(engine_query, options.filters, options.facets, options.sort, options.offset, options.limit, language)


def idf_factor(engine: Engine, parsed: ParsedQuery) -> IdfFactor:
    """How much each term of a question should count for how rare it is, see `_idf_factor`."""
    return _idf_factor(engine, engine.frequencies(parsed.terms))


def _idf_factor(engine: Engine, frequencies: Mapping[str, int]) -> IdfFactor:
    """How much more, or less, than by BM25F's own measure a term should count for how rare it is.

    Whoosh's idf never falls below one, so that a word of every story still counts. This is the quotient of
    Robertson's idf, in the form that Lucene uses, and Whoosh's.
    """
    entries = max(engine.count(), 1)
    return lambda term: _idf_ratio(entries, min(frequencies.get(term, 0), entries))


def _idf_ratio(entries: int, having: int) -> float:
    return log(1 + (entries - having + 0.5) / (having + 0.5)) / (log(max(entries / (having + 1), 1.0)) + 1)
