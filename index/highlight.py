"""The sentence in which the searched words stand, with the words marked.

Words are found with the analysis of the index, so a marked word is one that matched, in any script. Cuts fall between
graphemes and, where there are spaces, between words; everything but <mark> is escaped.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import regex
from markupsafe import Markup, escape

from index.analysis import EXACT, ROOT, SOUND, normal, tokens
from index.analysis.letters import exact, fold, fold_khmer, simplified
from index.query import Asked

LENGTH = 240  # characters of an excerpt, about
MOST_READ = 30_000  # characters of one text that are looked through; what stands later is found but not shown

_SENTENCES = regex.compile(r".+?(?:[.!?…]+[\"”’»)\]]*(?=\s)|[。！？।॥۔؟។៕]+[”’»」』)]*|\n|\Z)\s*", regex.DOTALL)
_SHORT = 80
_NEEDLE = 4  # letters that all forms of a word have in common
_FEW_WORDS = 4  # of so few words a second sentence may show those that the first lacks
_AT_A_SPACE = 24  # a cut moves at most so far to fall between two words
# Signs that turn the direction of what follows: cut out of their pair they would turn the rest of the page.
_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Mark:
    """A stretch of text that matched, and the numbers of the words of the query that it matched."""

    start: int
    end: int
    words: frozenset[int]


@dataclass(frozen=True)
class Excerpt:
    """A piece of text to show, and for each number of a word of the query the form in which it was found."""

    html: Markup
    found: dict[int, str] = field(default_factory=dict)


class Marker:
    """Finds the words of one query in texts."""

    def __init__(self, asked: Asked) -> None:
        self.words = (*asked.words, *itertools.chain.from_iterable(asked.phrases))
        self._numbers: dict[str, int] = {}
        for number, word in reversed(list(enumerate(self.words))):
            self._numbers |= dict.fromkeys(itertools.chain(*(reading.terms for reading in word.readings)), number)
        beginnings = ((len(self.words) + number, prefix) for number, prefix in enumerate(asked.prefixes))
        self._prefixes = [(number, (fold(prefix), EXACT + exact(prefix))) for number, prefix in beginnings]
        terms = [*self._numbers.items(), *((each, number) for number, both in self._prefixes for each in both)]
        self._needles = _needles(terms)

    def marks(self, text: str, language: str = "") -> list[Mark]:
        """Where the words stand in a text from `readable`, in order, without overlaps."""
        found = ((self._number(token.term), token) for token in tokens(text, language))
        return _merged(
            Mark(token.start, token.end, frozenset((number,))) for number, token in found if number is not None
        )

    def _number(self, term: str) -> int | None:
        number = self._numbers.get(term)
        if number is None and self._prefixes:
            return next((number for number, beginnings in self._prefixes if term.startswith(beginnings)), None)
        return number

    def forms(self, text: str, language: str = "") -> set[str]:
        """Every form in which the words stand in a text, in small letters."""
        plain = readable(text[:MOST_READ])
        sentences = (plain[start:end] for start, end in _sentences(plain) if self._may_add(plain[start:end], set()))
        found = ((sentence, mark) for sentence in sentences for mark in self.marks(sentence, language))
        return {sentence[mark.start : mark.end].lower() for sentence, mark in found}

    def whole(self, text: str, language: str = "") -> Excerpt:
        """All of a short text, a title say, with the words marked."""
        plain = readable(text)
        marks = self.marks(plain, language)
        return Excerpt(_html(plain, marks), _forms(plain, marks))

    def excerpt(self, text: str, language: str = "", length: int = LENGTH) -> Excerpt:
        """The one or two sentences with the most of the words, or the beginning of a text that has none."""
        plain = readable(text[:MOST_READ])
        chosen = self._sentences(plain, language) if self._most else []
        if not chosen:
            end = _backward(plain, length)
            return Excerpt(escape(plain[:end]) + ("…" if end < len(plain) else ""))
        if len(chosen) == 1:
            start, end = _with_more(plain, *chosen[0][:2], length)
            chosen = [(start, end, [_shifted(mark, start) for mark in self.marks(plain[start:end], language)])]
        pieces = [_around(plain, start, end, marks, length // len(chosen)) for start, end, marks in chosen]
        forms: dict[int, str] = {}
        for _, _, marks in reversed(chosen):
            forms |= _forms(plain, marks)
        return Excerpt(_joined(plain, pieces), forms)

    def _sentences(self, text: str, language: str) -> list[Sentence]:
        """The sentence with the most words, and one more if it has words that the first lacks; in their order."""
        best: Sentence | None = None
        others: list[Sentence] = []
        for start, end in _sentences(text):
            known = _words(best[2]) if best else set()
            if language != "tl" and not self._may_add(text[start:end], known):
                continue
            marks = [_shifted(mark, start) for mark in self.marks(text[start:end], language)]
            if not marks:
                continue
            others.append((start, end, marks))
            if best is None or len(_words(marks)) > len(_words(best[2])):
                best = start, end, marks
            if len(_words(marks)) >= self._most:
                break
        if best is None:
            return []
        missing = [(len(_words(each[2]) - _words(best[2])), -each[0], each) for each in others]
        gain, _, second = max(missing)
        return sorted([best, second]) if gain and len(_words(best[2])) < self._most else [best]

    def _may_add(self, sentence: str, known: set[int]) -> bool:
        """Whether a quick look leaves it possible that a sentence has more words than the best one so far, or others.

        It spares most sentences the cutting. Tagalog roots are too deep inside words for it.
        """
        if not self._needles:
            return True
        folded = fold(simplified(fold_khmer(sentence))).replace(" ", "")
        possible = {number for needle, number in self._needles if needle in folded}
        return len(possible) > len(known) or (self._most <= _FEW_WORDS and not possible <= known)

    @property
    def _most(self) -> int:
        return len({*self._numbers.values()}) + len(self._prefixes)


Sentence = tuple[int, int, list[Mark]]


def _needles(terms: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """The folded beginnings that any form of the words has; none where a term is a sound, which shows in no letters."""
    known = list(terms)
    if any(term.startswith(SOUND) for term, _ in known):
        return []
    shown = ((term.removeprefix(EXACT), number) for term, number in known if not term.startswith(ROOT))
    return list(dict.fromkeys((fold(term)[:_NEEDLE], number) for term, number in shown))


def readable(text: str) -> str:
    """A text as excerpts are cut from it: normalised, without signs that turn the direction of writing."""
    return _DIRECTIONS.sub("", normal(text))


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    return (match.span() for match in _SENTENCES.finditer(text) if not match.group().isspace())


def _words(marks: Iterable[Mark]) -> set[int]:
    return set().union(*(mark.words for mark in marks))


def _shifted(mark: Mark, by: int) -> Mark:
    return Mark(mark.start + by, mark.end + by, mark.words)


def _merged(marks: Iterable[Mark]) -> list[Mark]:
    """Overlapping and touching marks made one: the pairs of Chinese characters of one word."""
    merged: list[Mark] = []
    for mark in sorted(marks, key=lambda each: (each.start, -each.end)):
        if merged and mark.start <= merged[-1].end:
            last = merged.pop()
            mark = Mark(last.start, max(last.end, mark.end), last.words | mark.words)
        merged.append(mark)
    return merged


def _forms(text: str, marks: Iterable[Mark]) -> dict[int, str]:
    return {word: text[mark.start : mark.end] for mark in reversed(list(marks)) for word in mark.words}


# ---- cutting -------------------------------------------------------------------------------------


def _with_more(text: str, start: int, end: int, length: int) -> tuple[int, int]:
    """A short sentence with those that follow it."""
    while end - start < _SHORT and (following := _SENTENCES.match(text, end)):
        if following.end() - start > length:
            break
        end = following.end()
    return start, end


def _around(text: str, start: int, end: int, marks: list[Mark], length: int) -> Sentence:
    """A piece of a sentence, of about `length` characters, with as many of the marks as fit."""
    if end - start <= length:
        return start, end, marks
    first = max(start, marks[0].start - length // 3)
    last = min(end, first + length)
    cut_start = _forward(text, first) if first > start else start
    cut_end = max(_backward(text, last), marks[0].end)
    return cut_start, cut_end, [mark for mark in marks if cut_start <= mark.start and mark.end <= cut_end]


def _forward(text: str, at: int) -> int:
    """The first place from `at` on where a cut does no harm."""
    space = text.find(" ", at, at + _AT_A_SPACE)
    if space >= 0:
        return space + 1
    bounds = _bounds(text, at)
    return bounds[min(bisect_left(bounds, at), len(bounds) - 1)]


def _backward(text: str, at: int) -> int:
    """The last place up to `at` where a cut does no harm."""
    if at >= len(text):
        return len(text)
    space = text.rfind(" ", max(at - _AT_A_SPACE, 0), at)
    if space > 0:
        return space
    bounds = _bounds(text, at)
    return bounds[max(bisect_right(bounds, at) - 1, 0)]


def _bounds(text: str, at: int) -> list[int]:
    """Where graphemes begin in the neighbourhood of `at`."""
    start = max(0, at - 200)
    window = text[start : at + 200]
    return [start + match.start() for match in regex.finditer(r"\X", window)] or [at]


# ---- HTML ----------------------------------------------------------------------------------------


def _joined(text: str, pieces: list[tuple[int, int, list[Mark]]]) -> Markup:
    html = Markup("")
    before = 0
    for start, end, marks in pieces:
        gap = text[before:start].strip() if before <= start else ""
        html += "… " if gap else ""
        html += _html(text[start:end].rstrip(), [_shifted(mark, -start) for mark in marks])
        html += " "
        before = end
    return Markup(html.rstrip()) + (" …" if text[before:].strip() else "")  # noqa: S704 - escaped piece by piece


def _html(text: str, marks: Iterable[Mark]) -> Markup:
    html, at = Markup(""), 0
    for mark in marks:
        html += escape(text[at : mark.start]) + Markup("<mark>%s</mark>") % text[mark.start : mark.end]
        at = mark.end
    return html + escape(text[at:])
