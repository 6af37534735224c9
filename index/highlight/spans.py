"""Where the parts of a query stand in a text: its words, its beginnings of words, and its phrases, which count whole.

Words are found with the analysis of the index, so a marked word is one that matched, in any script.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import regex

from index.analysis.analyzer import EXACT, ROOT, SOUND, Token, Wanted, tokens
from index.analysis.folding import exact, fold, fold_khmer, simplified
from index.query import Asked, plain_term

_NEEDLE = 4  # letters that all forms of a word have in common
_BENT = {"die": "d", "lie": "l", "tie": "t", "sky": "sk"}  # what all their forms begin with: dying, skies
_HANGUL = regex.compile(r"\p{Hangul}")

_Way = tuple[tuple[str, int], ...]  # the terms of a phrase, each with its place after the first
_Needles = list[tuple[tuple[str, ...], int]]


@dataclass(frozen=True)
class Mark:
    """A stretch of text that matched, and the numbers of the parts of the query that it matched."""

    start: int
    end: int
    parts: frozenset[int]


@dataclass(frozen=True)
class Part:
    """A word or phrase of a query: where it was typed and how, and whether it is whole as such.

    `spaced` is false for the pairs that writing without spaces is cut into: they are pieces, not words.
    """

    start: int
    end: int
    typed: str
    spaced: bool = True
    written: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "written", exact(self.typed))

    def is_in(self, form: str) -> bool:
        """Whether a form of it is it as typed, or holds it."""
        return self.written in exact(form)

    def stands_in(self, text: str) -> bool:
        """Whether it stands in a text as typed; where words are parted, as a word."""
        if not self.spaced or _HANGUL.search(self.typed):
            return self.is_in(text)
        return bool(regex.search(rf"(?<!\w){regex.escape(self.written)}(?!\w)", exact(text)))


class Sought:
    """The parts of one query, numbered: `parts`, and after them the beginnings of words."""

    def __init__(self, asked: Asked) -> None:
        words = [(Part(each.start, each.end, asked.text[each.start : each.end], each.spaced)) for each in asked.words]
        phrases = [_whole(asked.text, phrase) for phrase in asked.phrases]
        self.parts = (*words, *phrases)
        self.count = len(self.parts) + len(asked.prefixes)
        self.phrases = frozenset(range(len(words), len(self.parts)))
        self._terms = _numbered((term, number) for number, word in enumerate(asked.words) for term in _terms(word))
        ways = [(way, number) for number, phrase in enumerate(asked.phrases, len(words)) for way in _ways(phrase)]
        self._ways = defaultdict(list)
        for way, number in ways:
            self._ways[way[0][0]].append((way, number))
        self._phrased = frozenset(term for way, _ in ways for term, _ in way)
        self._beginnings = [
            (frozenset((number,)), (fold(prefix), EXACT + exact(prefix)))
            for number, prefix in enumerate(asked.prefixes, len(self.parts))
        ]
        self._needles = _needles(self._terms, ways, self._beginnings)

    def marks(self, text: str, language: str = "") -> list[Mark]:
        """Where the parts stand in a normalised text, in order, without overlaps."""
        found: list[Mark] = []
        phrased: dict[tuple[str, int], Token] = {}
        for token in tokens(text, language):
            if numbers := self._numbers(token.term):
                found.append(Mark(token.start, token.end, numbers))
            if token.term in self._phrased:
                phrased[token.term, token.position] = token
        return _merged((*found, *self._whole_phrases(phrased)))

    def _numbers(self, term: str) -> frozenset[int] | None:
        numbers = self._terms.get(term)
        if numbers is None and self._beginnings:
            return next((number for number, written in self._beginnings if term.startswith(written)), None)
        return numbers

    def _whole_phrases(self, found: Mapping[tuple[str, int], Token]) -> Iterator[Mark]:
        for (term, position), first in found.items():
            for way, number in self._ways.get(term, ()):
                last = [found.get((each, position + place)) for each, place in way]
                if None not in last:
                    ends = [token.end for token in last if token]
                    yield Mark(first.start, max(ends), frozenset((number,)))

    def possible(self, text: str, language: str = "") -> frozenset[int]:
        """The parts that a quick look leaves possible in a text: it spares most sentences the cutting.

        Tagalog roots are too deep inside words for it, and sounds show in no letters.
        """
        if not self._needles or language == "tl":
            return frozenset(range(self.count))
        folded = fold(simplified(fold_khmer(text))).replace(" ", "")
        return frozenset(number for needles, number in self._needles if all(each in folded for each in needles))


def _whole(text: str, phrase: tuple[Wanted, ...]) -> Part:
    start, end = phrase[0].start, phrase[-1].end
    return Part(start, end, text[start:end])


def _terms(word: Wanted) -> Iterator[str]:
    return itertools.chain.from_iterable(reading.terms for reading in word.readings)


def _ways(phrase: tuple[Wanted, ...]) -> Iterable[_Way]:
    """The terms side by side that make a phrase: as written, and in the form of their stems unless it is one word."""
    first = phrase[0].position
    written = tuple((word.readings[0].terms[0], word.position - first) for word in phrase)
    plain = tuple((plain_term(word), word.position - first) for word in phrase)
    return dict.fromkeys((written, plain) if len(phrase) > 1 else (written,))


def _numbered(terms: Iterable[tuple[str, int]]) -> dict[str, frozenset[int]]:
    numbers: defaultdict[str, set[int]] = defaultdict(set)
    for term, number in terms:
        numbers[term].add(number)
    return {term: frozenset(those) for term, those in numbers.items()}


def _merged(marks: Iterable[Mark]) -> list[Mark]:
    """Overlapping and touching marks made one: the pairs of Chinese characters of one word."""
    merged: list[Mark] = []
    for mark in sorted(marks, key=lambda each: (each.start, -each.end)):
        if merged and mark.start <= merged[-1].end:
            last = merged.pop()
            mark = Mark(last.start, max(last.end, mark.end), last.parts | mark.parts)
        merged.append(mark)
    return merged


# ---- a quick look --------------------------------------------------------------------------------


def _needles(
    terms: Mapping[str, frozenset[int]],
    ways: Iterable[tuple[_Way, int]],
    beginnings: Iterable[tuple[frozenset[int], tuple[str, ...]]],
) -> _Needles:
    """The folded beginnings that any form of a part has, one for a word, all for a phrase; none if one is a sound."""
    if any(term.startswith(SOUND) for term in terms):
        return []
    words = [(term, numbers) for term, numbers in terms.items() if not term.startswith(ROOT)]
    words += [(term, numbers) for numbers, written in beginnings for term in written]
    single = [((_needle(term),), number) for term, numbers in words for number in numbers]
    whole = [(tuple(_needle(term) for term, _ in way), number) for way, number in ways]
    return list(dict.fromkeys((*single, *whole)))


def _needle(term: str) -> str:
    folded = fold(term.removeprefix(EXACT))[:_NEEDLE]
    return _BENT.get(folded, folded)
