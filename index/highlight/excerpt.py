"""The sentence in which the searched words stand, with the words marked.

Cuts fall between graphemes and, where there are spaces, between words; everything but <mark> is escaped.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import regex
from markupsafe import Markup, escape

from index.analysis.analyzer import normal
from index.highlight.spans import Mark, Part, Sought
from index.query import Asked

LENGTH = 240  # characters of an excerpt, about
MOST_READ = 30_000  # characters of one text that are looked through; what stands later is found but not shown

_SENTENCES = regex.compile(r".+?(?:[.!?…]+[\"”’»)\]]*(?=\s)|[。！？।॥۔؟។៕]+[”’»」』)]*|\n|\Z)\s*", regex.DOTALL)
_SHORT = 80
_FEW_PARTS = 4  # of so few words a second sentence may show those that the first lacks
_AT_A_SPACE = 24  # a cut moves at most so far to fall between two words
# Signs that turn the direction of what follows: cut out of their pair they would turn the rest of the page.
_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Excerpt:
    """A piece of text to show, and for each number of a part of the query the form in which it was found."""

    html: Markup
    found: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Sentence:
    """A stretch of a text, what is marked in it, and which parts of the query stand there, and which as typed."""

    start: int
    end: int
    marks: Sequence[Mark] = ()
    parts: frozenset[int] = frozenset()
    typed: frozenset[int] = frozenset()

    def worth(self, beside: _Sentence | None = None) -> tuple[int, int]:
        """How much it shows, beside what another one shows already."""
        parts, typed = (beside.parts, beside.typed) if beside else (frozenset(), frozenset())
        return len(self.parts - parts), len(self.typed - typed)


class Marker:
    """Finds the words of one query in texts."""

    def __init__(self, asked: Asked) -> None:
        self._sought = Sought(asked)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The words and phrases that `found` of an excerpt numbers."""
        return self._sought.parts

    def forms(self, text: str, language: str = "") -> set[str]:
        """Every form in which the words stand in a text, in small letters."""
        plain = readable(text[:MOST_READ])
        sentences = (plain[start:end] for start, end in _spans(plain))
        found = ((each, mark) for each in sentences for mark in self._marks(each, language))
        return {sentence[mark.start : mark.end].lower() for sentence, mark in found}

    def lacking(self, numbers: Iterable[int], text: str, language: str = "") -> set[int]:
        """Those of the parts that stand nowhere in a text, as far as it is read."""
        plain = readable(text[:MOST_READ])
        gone = {*numbers} - self._sought.possible(plain, language)
        left = {*numbers} - gone
        for start, end in _spans(plain, over=not left.isdisjoint(self._sought.phrases)) if left else ():
            if not left.isdisjoint(self._sought.possible(plain[start:end], language)):
                left -= _parts(self._sought.marks(plain[start:end], language))
            if not left:
                break
        return gone | left

    def whole(self, text: str, language: str = "") -> Excerpt:
        """All of a short text, a title say, with the words marked."""
        plain = readable(text)
        marks = self._sought.marks(plain, language)
        return Excerpt(_html(plain, marks), self._forms(plain, marks))

    def excerpt(self, text: str, language: str = "", length: int = LENGTH) -> Excerpt:
        """The one or two sentences with the most of the words, or the beginning of a text that has none."""
        plain = readable(text[:MOST_READ])
        chosen = self._chosen(plain, language) if self._sought.count else []
        if not chosen:
            end = _backward(plain, length)
            return Excerpt(escape(plain[:end]) + ("…" if end < len(plain) else ""))
        if len(chosen) == 1:
            chosen = [self._read(plain, *_with_more(plain, chosen[0].start, chosen[0].end, length), language)]
        pieces = [_around(plain, each, length // len(chosen), self._sought.phrases) for each in chosen]
        return Excerpt(_joined(plain, pieces), self._forms(plain, [mark for each in chosen for mark in each.marks]))

    def _marks(self, text: str, language: str) -> list[Mark]:
        return self._sought.marks(text, language) if self._sought.possible(text, language) else []

    def _read(self, text: str, start: int, end: int, language: str) -> _Sentence:
        marks = [_shifted(mark, start) for mark in self._sought.marks(text[start:end], language)]
        typed = {number for mark in marks for number in mark.parts if self._is_typed(number, text, mark)}
        return _Sentence(start, end, marks, _parts(marks), frozenset(typed))

    def _is_typed(self, number: int, text: str, mark: Mark) -> bool:
        return number < len(self.parts) and self.parts[number].is_in(text[mark.start : mark.end])

    def _forms(self, text: str, marks: Sequence[Mark]) -> dict[int, str]:
        """The form of each part that says most of it, the first of those alike."""
        found = [(number, text[mark.start : mark.end]) for mark in marks for number in mark.parts]
        return {number: self.best(number, [form for other, form in found if other == number]) for number, _ in found}

    def best(self, number: int, forms: Iterable[str]) -> str:
        """Of the forms of a part that as typed, if it is there; of pieces of writing without spaces the longest."""
        if number >= len(self.parts):  # a beginning
            return next(iter(forms), "")
        part = self.parts[number]
        return max(forms, key=lambda form: (part.is_in(form), 0 if part.spaced else len(form)), default="")

    def _chosen(self, text: str, language: str) -> list[_Sentence]:
        """The sentences to show; a phrase may go over the end of one, as after Mr."""
        chosen = self._sentences(text, language, _spans(text))
        if self._sought.phrases <= _all(chosen):
            return chosen
        return max(chosen, self._sentences(text, language, _spans(text, over=True)), key=lambda each: len(_all(each)))

    def _sentences(self, text: str, language: str, spans: Iterable[tuple[int, int]]) -> list[_Sentence]:
        """The sentence with the most words, best as typed, and one more if it has words that the first lacks."""
        best = _Sentence(0, 0)
        others: list[_Sentence] = []
        lowered = text.lower()
        typed = {part.typed.lower(): number for number, part in enumerate(self.parts) if part.typed.lower() in lowered}
        for start, end in spans:
            wanted = [written for written, number in typed.items() if number not in best.typed]
            if len(best.parts) == self._sought.count and not wanted:
                break
            if not self._may_add(text[start:end], best, wanted, language):
                continue
            sentence = self._read(text, start, end, language)
            if sentence.marks:
                others.append(sentence)
                best = max(best, sentence, key=_Sentence.worth)
        apart = (each for each in others if each.end <= best.start or best.end <= each.start)
        second = max(apart, key=lambda each: each.worth(best), default=best)
        return sorted(
            [best, second] if second.parts - best.parts else [best][: len(others)], key=lambda each: each.start
        )

    def _may_add(self, sentence: str, best: _Sentence, wanted: Iterable[str], language: str) -> bool:
        """Whether a quick look leaves it possible that a sentence has more than the best one so far, or other words."""
        lowered = sentence.lower()
        if any(each in lowered for each in wanted):
            return True
        if len(best.parts) == self._sought.count:
            return False
        possible = self._sought.possible(sentence, language)
        return len(possible) > len(best.parts) or (self._sought.count <= _FEW_PARTS and not possible <= best.parts)


def readable(text: str) -> str:
    """A text as excerpts are cut from it: normalised, without signs that turn the direction of writing."""
    return _DIRECTIONS.sub("", normal(text))


def _spans(text: str, *, over: bool = False) -> Iterator[tuple[int, int]]:
    """Where the sentences of a text begin and end, or, to look over their ends, each with the one that follows."""
    spans = [match.span() for match in _SENTENCES.finditer(text) if not match.group().isspace()]
    return ((start, end) for (start, _), (_, end) in itertools.pairwise(spans)) if over else iter(spans)


def _parts(marks: Iterable[Mark]) -> frozenset[int]:
    return frozenset().union(*(mark.parts for mark in marks))


def _all(sentences: Iterable[_Sentence]) -> frozenset[int]:
    return frozenset().union(*(each.parts for each in sentences))


def _shifted(mark: Mark, by: int) -> Mark:
    return Mark(mark.start + by, mark.end + by, mark.parts)


# ---- cutting -------------------------------------------------------------------------------------


def _with_more(text: str, start: int, end: int, length: int) -> tuple[int, int]:
    """A short sentence with those that follow it."""
    while end - start < _SHORT and (following := _SENTENCES.match(text, end)):
        if following.end() - start > length:
            break
        end = following.end()
    return start, end


def _around(text: str, sentence: _Sentence, length: int, phrases: frozenset[int]) -> _Sentence:
    """A piece of a sentence, of about `length` characters, with as many of the marks as fit; phrases before words."""
    start, end, marks = sentence.start, sentence.end, sentence.marks
    if end - start <= length:
        return sentence
    telling = next((mark for mark in marks if not phrases.isdisjoint(mark.parts)), marks[0])
    first = max(start, telling.start - length // 3)
    last = min(end, first + length)
    cut_start = _forward(text, first) if first > start else start
    cut_end = max(_backward(text, last), telling.end)
    return _Sentence(cut_start, cut_end, [mark for mark in marks if cut_start <= mark.start and mark.end <= cut_end])


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


def _joined(text: str, pieces: Iterable[_Sentence]) -> Markup:
    html = Markup("")
    before = 0
    for piece in pieces:
        gap = text[before : piece.start].strip() if before <= piece.start else ""
        html += "… " if gap else ""
        html += _html(text[piece.start : piece.end].rstrip(), [_shifted(mark, -piece.start) for mark in piece.marks])
        html += " "
        before = piece.end
    return Markup(html.rstrip()) + (" …" if text[before:].strip() else "")  # noqa: S704 - escaped piece by piece


def _html(text: str, marks: Iterable[Mark]) -> Markup:
    html, at = Markup(""), 0
    for mark in marks:
        html += escape(text[at : mark.start]) + Markup("<mark>%s</mark>") % text[mark.start : mark.end]
        at = mark.end
    return html + escape(text[at:])
