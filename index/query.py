"""From what a reader typed to a query tree: words, "phrases", -without and word*; anything else is text.

Nothing a person can type is an error, and the work is bounded: only so many characters and words are looked at.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

import regex

from index.analysis import phonetics
from index.analysis.analyzer import EXACT, PHONETIC, ROOT, QueryWord, WordForm, normalize, query_words, title_keys
from index.analysis.folding import exact_form, fold
from index.engines.base import (
    NAMES,
    And,
    AndMaybe,
    AndNot,
    AtLeast,
    Boost,
    DisjunctionMax,
    Every,
    NullQuery,
    Or,
    Phrase,
    Prefix,
    Query,
    Term,
)

MAX_QUERY_LENGTH = 1_000  # characters; what follows is not read
MAX_WORDS = 64
MAX_PROXIMITY_PAIRS = 16

# Weights found on Cranfield, ADI and the known-item queries (bench/relevance.py). All of them are flat around here.
NAME_BOOST = 0.6  # what a word counts for once more when it stands in a title or another name
PROXIMITY_BOOST = 1.5  # what two words count for once more when they stand side by side, shared among all the words
EXACT_PHRASE_BOOST = 1.0  # what a short query counts for once more that stands there word for word
ALL_WORDS_BOOST = 30.0  # how many times more an entry with all the words counts than one with some
TITLE_BOOST = 3.0  # what it counts for that the query is a whole title

DISTINCTIVE_KEY_LENGTH = 7  # signs of a phonetic key that few words share by chance, PHONETIC and family included
_SOME_OF = 6  # of the words of a question that few entries answer
CLUSTERED_LANGUAGES = ("km", "th", "lo", "my")
_WIDEST_GAP = 3
_SHORT_QUERY = 8  # words
_SYNTAX = regex.compile(
    r"""(?P<minus>(?<!\S)[-–−])?["“”„«»「」](?P<phrase>[^"“”„«»「」]+)["“”„«»「」]"""
    r"""|(?<!\S)[-–−](?P<excluded>[\p{L}\p{N}]\S*)"""
    r"""|(?P<prefix>[\p{L}\p{N}][\p{L}\p{N}\p{M}]*)\*"""
)

IdfFactor = Callable[[str], float]  # of a term: see `retrieval.idf_factor`


@dataclass(frozen=True)
class ParsedQuery:
    """What a reader asked for: loose words, phrases, beginnings of words, and what must not be there.

    `all_words` are the loose words as they came; `words` are those of them worth asking for, each once.
    """

    text: str
    all_words: tuple[QueryWord, ...] = ()
    words: tuple[QueryWord, ...] = ()
    phrases: tuple[tuple[QueryWord, ...], ...] = ()
    prefixes: tuple[str, ...] = ()
    excluded: tuple[tuple[QueryWord, ...], ...] = field(default=())

    @property
    def clause_count(self) -> int:
        """How many things an entry can match."""
        return len(self.words) + len(self.phrases) + len(self.prefixes)

    @property
    def terms(self) -> tuple[str, ...]:
        """The plainest term of every word, for questions about how common each is."""
        phrased = itertools.chain.from_iterable(self.phrases)
        return tuple(dict.fromkeys(plain_term(word) for word in (*self.words, *phrased)))


def parse(typed: str) -> ParsedQuery:
    """Read a query. Never raises; an empty or wordless query asks for nothing."""
    text = normalize(typed[:MAX_QUERY_LENGTH])
    phrases, prefixes, excluded = [], [], []
    for clause in _SYNTAX.finditer(text):
        if clause["excluded"] or clause["minus"]:
            excluded.append(_limited(query_words(clause["excluded"] or clause["phrase"])))
        elif clause["phrase"]:
            at = clause.start("phrase")
            phrases.append(
                _limited(
                    word._replace(start=word.start + at, end=word.end + at) for word in query_words(clause["phrase"])
                )
            )
        else:
            prefixes.append(clause["prefix"])
    rest = _SYNTAX.sub(lambda clause: " " * len(clause.group()), text)
    all_words = _limited(query_words(rest))
    return ParsedQuery(
        text,
        all_words,
        words=_without_stop_words(all_words),
        phrases=_not_empty(phrases),
        prefixes=tuple(prefixes[:MAX_WORDS]),
        excluded=_not_empty(excluded),
    )


def _limited(words: Iterable[QueryWord]) -> tuple[QueryWord, ...]:
    return tuple(itertools.islice((word for word in words if word.forms), MAX_WORDS))


def _not_empty(clauses: list[tuple[QueryWord, ...]]) -> tuple[tuple[QueryWord, ...], ...]:
    return tuple(clause for clause in clauses[:MAX_WORDS] if clause)


def _without_stop_words(all_words: tuple[QueryWord, ...]) -> tuple[QueryWord, ...]:
    """The words worth asking for: each once, stop words only where there are no others."""
    once = {word.forms: word for word in reversed(all_words)}
    in_order = tuple(sorted(once.values(), key=lambda word: word.position))
    return tuple(word for word in in_order if not word.is_stop_word) or in_order


def with_phonetic_forms(parsed: ParsedQuery, is_foreign: Callable[[QueryWord], bool]) -> ParsedQuery:
    """The same, with every word that may be of another script looked up by its sound as well: kahani for कहानी."""
    words = tuple(
        word._replace(forms=word.forms + word.phonetic_forms) if word.phonetic_forms and is_foreign(word) else word
        for word in parsed.words
    )
    return replace(parsed, words=words)


def drop_clustered_phonetic_forms(parsed: ParsedQuery, language: str) -> ParsedQuery:
    """The same, without the phonetic forms of clusters for readers of other languages than those written in them.

    A pair of clusters is a piece of a word, so a Latin word sounds like one by chance too often.
    """
    if language in {"", *CLUSTERED_LANGUAGES}:
        return parsed
    return _filter_phonetic_forms(parsed, lambda form: not form.terms[0].endswith(phonetics.CLUSTERED))


def _filter_phonetic_forms(parsed: ParsedQuery, keep: Callable[[WordForm], bool]) -> ParsedQuery:
    words = (word._replace(phonetic_forms=tuple(filter(keep, word.phonetic_forms))) for word in parsed.words)
    return replace(parsed, words=tuple(words))


def with_distinctive_phonetic_forms(parsed: ParsedQuery) -> ParsedQuery:
    """The same, with only those phonetic forms of its words that few words share by chance."""
    return _filter_phonetic_forms(parsed, lambda form: len(form.terms[0]) >= DISTINCTIVE_KEY_LENGTH)


# ---- the tree ------------------------------------------------------------------------------------


def with_all_words(parsed: ParsedQuery, idf_factor: IdfFactor) -> Query:
    """Entries that have every word, phrase and beginning, and nothing unwanted."""
    return _with_boosts(parsed, And(_clauses(parsed, idf_factor)), idf_factor)


def with_most_words(parsed: ParsedQuery, idf_factor: IdfFactor) -> Query:
    """Entries that have at least half of them; those with all come first."""
    return _with_at_least((parsed.clause_count + 1) // 2, parsed, idf_factor)


def with_some_words(parsed: ParsedQuery, idf_factor: IdfFactor) -> Query:
    """Entries that have a few of them, as suits a whole question; those with all come first."""
    return _with_at_least(parsed.clause_count // _SOME_OF, parsed, idf_factor)


def _with_at_least(enough: int, parsed: ParsedQuery, idf_factor: IdfFactor) -> Query:
    some = _with_boosts(parsed, AtLeast(_clauses(parsed, idf_factor), max(1, enough)), idf_factor)
    return AndMaybe(some, Boost(with_all_words(parsed, idf_factor), ALL_WORDS_BOOST))


def _with_boosts(parsed: ParsedQuery, query: Query, idf_factor: IdfFactor) -> Query:
    if not parsed.clause_count:
        query = Every() if parsed.excluded else NullQuery()
    boosts = tuple(_boosts(parsed, idf_factor))
    query = AndMaybe(query, Or(boosts)) if boosts else query
    unwanted = tuple(_phrase(words) for words in parsed.excluded)
    return AndNot(query, Or(unwanted)) if unwanted else query


def _clauses(parsed: ParsedQuery, idf_factor: IdfFactor) -> tuple[Query, ...]:
    words = (_word(word, idf_factor(plain_term(word))) for word in parsed.words)
    phrases = (_phrase(words) for words in parsed.phrases)
    prefixes = (_prefix(prefix) for prefix in parsed.prefixes)
    return (*words, *phrases, *prefixes)


def _boosts(parsed: ParsedQuery, idf_factor: IdfFactor) -> Iterator[Query]:
    """What raises an entry that matches already: the whole title, words in names, words as they were typed."""
    if parsed.clause_count:
        yield from (Term(key, TITLE_BOOST) for key in title_keys(parsed.text))
    for term in dict.fromkeys(plain_term(word) for word in parsed.words):
        yield Term(term, NAME_BOOST * idf_factor(term), NAMES)
    for form in itertools.chain.from_iterable(word.forms for word in parsed.words):
        if form.terms[0].startswith(PHONETIC) and len(form.terms) == 1:
            yield Term(form.terms[0], NAME_BOOST * form.weight, NAMES)
    if 2 < len(parsed.all_words) <= _SHORT_QUERY:
        yield _phrase(parsed.all_words, EXACT_PHRASE_BOOST)
    for pair in itertools.islice(_adjacent_words(parsed), MAX_PROXIMITY_PAIRS):
        yield _phrase(pair, PROXIMITY_BOOST / len(parsed.words))


def _adjacent_words(parsed: ParsedQuery) -> Iterator[tuple[QueryWord, QueryWord]]:
    """Words that stand side by side in the query: in a short one all of them, in a long one those worth asking for."""
    short = len(parsed.all_words) <= _SHORT_QUERY
    for first, second in itertools.pairwise(parsed.all_words if short else parsed.words):
        if second.position - first.position <= _WIDEST_GAP and not (first.is_stop_word and second.is_stop_word):
            yield first, second


def _word(word: QueryWord, boost: float) -> Query:
    forms = tuple(_form(form, boost * form.weight) for form in word.forms)
    return forms[0] if len(forms) == 1 else DisjunctionMax(forms)


def _form(form: WordForm, boost: float) -> Query:
    if len(form.terms) == 1:
        return Term(form.terms[0], boost)
    terms = tuple(Term(term, boost / len(form.terms)) for term in form.terms)
    return AtLeast(terms, max(2, _two_thirds(len(terms))))


def _two_thirds(pieces: int) -> int:
    """How many of its pieces make a word: not all, for a compound may be written apart, 교회지하실 and 교회 지하실."""
    return -(-2 * pieces // 3)


def _phrase(words: tuple[QueryWord, ...], boost: float = 1.0) -> Query:
    """The words side by side, as written or, for half, in the form of their stems."""
    first = words[0].position
    if len(words) == 1:
        return _word(words[0]._replace(forms=words[0].forms[:1]), boost)
    written = tuple((word.forms[0].terms[0], word.position - first) for word in words)
    plain = tuple((plain_term(word), word.position - first) for word in words)
    if plain == written:
        return Phrase(plain, boost)
    return DisjunctionMax((Phrase(written, boost), Phrase(plain, boost / 2)))


def _prefix(prefix: str) -> Query:
    folded, written = fold(prefix), EXACT + exact_form(prefix)
    return DisjunctionMax((Prefix(folded), Prefix(written))) if folded else NullQuery()


def plain_term(word: QueryWord) -> str:
    """The term that every form of the word shares: its stem, noun, character or pair."""
    terms = (form.terms[0] for form in word.forms)
    return next((term for term in terms if term[0] not in (EXACT, ROOT)), word.forms[0].terms[0])
