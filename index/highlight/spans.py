"""Where the clauses of a query stand in a text: its words, its prefixes, and its phrases, which count whole.

Words are found with the analysis of the index, so a marked word is one that matched, in any script.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import regex

from index.analysis.analyzer import EXACT, PHONETIC, ROOT, QueryWord, Token, tokens
from index.analysis.folding import exact_form, fold, fold_khmer, to_simplified
from index.query import ParsedQuery, plain_term
from stories.text.words import LETTERS

_NEEDLE = 4  # letters that all forms of a word have in common
_IRREGULAR_BEGINNINGS = {
    "die": "d",
    "lie": "l",
    "tie": "t",
    "sky": "sk",
}  # what all their forms begin with: dying, skies
_HANGUL = regex.compile(r"\p{Hangul}")

_PhraseTerms = tuple[tuple[str, int], ...]  # the terms of a phrase, each with its place after the first
_Needles = list[tuple[tuple[str, ...], int]]


@dataclass(frozen=True)
class Span:
    """A stretch of text that matched, and the numbers of the clauses of the query that it matched."""

    start: int
    end: int
    clauses: frozenset[int]


@dataclass(frozen=True)
class Clause:
    """A word or phrase of a query: where it was typed and how, and whether it is whole as such.

    `space_delimited` is false for the bigrams that writing without spaces is cut into: they are pieces, not words.
    """

    start: int
    end: int
    typed: str
    space_delimited: bool = True
    written: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "written", exact_form(self.typed))

    def is_in(self, form: str) -> bool:
        """Whether a form of it is it as typed, or holds it."""
        return self.written in exact_form(form)

    def stands_in(self, text: str) -> bool:
        """Whether it stands in a text as typed; where words are parted, as a word."""
        if not self.space_delimited or _HANGUL.search(self.typed):
            return self.is_in(text)
        return bool(regex.search(rf"(?<![{LETTERS}_]){regex.escape(self.written)}(?![{LETTERS}_])", exact_form(text)))


class QueryMatcher:
    """Finds the clauses of one query, which are numbered: `clauses`, and after them its prefixes."""

    def __init__(self, parsed: ParsedQuery) -> None:
        words = [
            Clause(each.start, each.end, parsed.text[each.start : each.end], each.space_delimited)
            for each in parsed.words
        ]
        phrases = [_phrase_clause(parsed.text, phrase) for phrase in parsed.phrases]
        self.clauses = (*words, *phrases)
        self.count = len(self.clauses) + len(parsed.prefixes)
        self.phrases = frozenset(range(len(words), len(self.clauses)))
        self._terms = _numbered((term, number) for number, word in enumerate(parsed.words) for term in _terms(word))
        numbered = enumerate(parsed.phrases, len(words))
        variants = [(variant, number) for number, phrase in numbered for variant in _phrase_variants(phrase)]
        self._variants_by_first_term = defaultdict(list)
        for variant, number in variants:
            self._variants_by_first_term[variant[0][0]].append((variant, number))
        self._phrase_terms = frozenset(term for variant, _ in variants for term, _ in variant)
        self._prefixes = [
            (frozenset((number,)), (fold(prefix), EXACT + exact_form(prefix)))
            for number, prefix in enumerate(parsed.prefixes, len(self.clauses))
        ]
        self._needles = _needles(self._terms, variants, self._prefixes)

    def spans(self, text: str, language: str = "") -> list[Span]:
        """Where the clauses stand in a normalised text, in order, without overlaps."""
        found: list[Span] = []
        phrased: dict[tuple[str, int], Token] = {}
        for token in tokens(text, language):
            if numbers := self._clauses_with(token.term):
                found.append(Span(token.start, token.end, numbers))
            if token.term in self._phrase_terms:
                phrased[token.term, token.position] = token
        return _merged((*found, *self._phrase_spans(phrased)))

    def _clauses_with(self, term: str) -> frozenset[int] | None:
        numbers = self._terms.get(term)
        if numbers is None and self._prefixes:
            return next((number for number, written in self._prefixes if term.startswith(written)), None)
        return numbers

    def _phrase_spans(self, found: Mapping[tuple[str, int], Token]) -> Iterator[Span]:
        for (term, position), first in found.items():
            for variant, number in self._variants_by_first_term.get(term, ()):
                last = [found.get((each, position + place)) for each, place in variant]
                if None not in last:
                    ends = [token.end for token in last if token]
                    yield Span(first.start, max(ends), frozenset((number,)))

    def possible_clauses(self, text: str, language: str = "") -> frozenset[int]:
        """The clauses that a quick look leaves possible in a text: it spares most sentences the analysis.

        Tagalog roots are too deep inside words for it, and sounds show in no letters.
        """
        if not self._needles or language == "tl":
            return frozenset(range(self.count))
        folded = fold(to_simplified(fold_khmer(text))).replace(" ", "")
        found = set()
        for needles, number in self._needles:
            for each in needles:
                if each not in folded:
                    break
            else:
                found.add(number)
        return frozenset(found)


def _phrase_clause(text: str, phrase: tuple[QueryWord, ...]) -> Clause:
    start, end = phrase[0].start, phrase[-1].end
    return Clause(start, end, text[start:end])


def _terms(word: QueryWord) -> Iterator[str]:
    return itertools.chain.from_iterable(form.terms for form in word.forms)


def _phrase_variants(phrase: tuple[QueryWord, ...]) -> Iterable[_PhraseTerms]:
    """The terms side by side that make a phrase: as written, and in the form of their stems unless it is one word."""
    first = phrase[0].position
    written = tuple((word.forms[0].terms[0], word.position - first) for word in phrase)
    plain = tuple((plain_term(word), word.position - first) for word in phrase)
    return dict.fromkeys((written, plain) if len(phrase) > 1 else (written,))


def _numbered(terms: Iterable[tuple[str, int]]) -> dict[str, frozenset[int]]:
    numbers: defaultdict[str, set[int]] = defaultdict(set)
    for term, number in terms:
        numbers[term].add(number)
    return {term: frozenset(those) for term, those in numbers.items()}


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Overlapping and touching spans made one: the bigrams of Chinese characters of one word."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda each: (each.start, -each.end)):
        if merged and span.start <= merged[-1].end:
            last = merged.pop()
            span = Span(last.start, max(last.end, span.end), last.clauses | span.clauses)
        merged.append(span)
    return merged


# ---- a quick look --------------------------------------------------------------------------------


def _needles(
    terms: Mapping[str, frozenset[int]],
    variants: Iterable[tuple[_PhraseTerms, int]],
    prefixes: Iterable[tuple[frozenset[int], tuple[str, ...]]],
) -> _Needles:
    """The folded beginnings that any form of a part has, one for a word, all for a phrase; none if one is a sound."""
    if any(term.startswith(PHONETIC) for term in terms):
        return []
    words = [(term, numbers) for term, numbers in terms.items() if not term.startswith(ROOT)]
    words += [(term, numbers) for numbers, written in prefixes for term in written]
    single = [((_needle(term),), number) for term, numbers in words for number in numbers]
    whole = [(tuple(_needle(term) for term, _ in variant), number) for variant, number in variants]
    return list(dict.fromkeys((*single, *whole)))


def _needle(term: str) -> str:
    folded = fold(term.removeprefix(EXACT))[:_NEEDLE]
    return _IRREGULAR_BEGINNINGS.get(folded, folded)
