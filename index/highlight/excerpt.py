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

from index.analysis.analyzer import normalize
from index.highlight.spans import Clause, QueryMatcher, Span
from index.query import ParsedQuery

LENGTH = 240  # characters of an excerpt, about
MAX_ANALYZED_CHARS = 30_000  # characters of one text that are looked through; what stands later is found but not shown

_SENTENCES = regex.compile(r".+?(?:[.!?…]+[\"”’»)\]]*(?=\s)|[。！？।॥۔؟។៕]+[”’»」』)]*|\n|\Z)\s*", regex.DOTALL)
_SHORT = 80
_FEW_CLAUSES = 4  # of so few words a second sentence may show those that the first lacks
_AT_A_SPACE = 24  # a cut moves at most so far to fall between two words
# Signs that turn the direction of what follows: cut out of their pair they would turn the rest of the page.
_BIDI_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Excerpt:
    """A piece of text to show, and for each number of a clause of the query the form in which it was found."""

    html: Markup
    matched_forms: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Sentence:
    """A stretch of a text, what is marked in it, and which clauses of the query stand there, and which as typed."""

    start: int
    end: int
    spans: Sequence[Span] = ()
    clauses: frozenset[int] = frozenset()
    typed: frozenset[int] = frozenset()

    def gain(self, beside: _Sentence | None = None) -> tuple[int, int]:
        """How much it shows, beside what another one shows already."""
        clauses, typed = (beside.clauses, beside.typed) if beside else (frozenset(), frozenset())
        return len(self.clauses - clauses), len(self.typed - typed)


_Looked = tuple[int, int, frozenset[int]]
"""Where a sentence begins and ends, and which clauses a quick look leaves possible in it."""


class Highlighter:
    """Finds the words of one query in texts."""

    def __init__(self, parsed: ParsedQuery) -> None:
        self._matcher = QueryMatcher(parsed)
        self._looks: dict[tuple[str, str], frozenset[int]] = {}  # quick looks at the sentences of the last text

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """The words and phrases that `found` of an excerpt numbers."""
        return self._matcher.clauses

    def forms(self, text: str, language: str = "") -> set[str]:
        """Every form in which the words stand in a text, in small letters."""
        plain = without_bidi_controls(text[:MAX_ANALYZED_CHARS])
        sentences = (plain[start:end] for start, end in _sentence_bounds(plain))
        found = ((each, span) for each in sentences for span in self._find_spans(each, language))
        return {sentence[span.start : span.end].lower() for sentence, span in found}

    def missing_clauses(self, numbers: Iterable[int], text: str, language: str = "") -> set[int]:
        """Those of the clauses that stand nowhere in a text, as far as it is read."""
        plain = without_bidi_controls(text[:MAX_ANALYZED_CHARS])
        gone = {*numbers} - self._matcher.possible_clauses(plain, language)
        left = {*numbers} - gone
        for start, end in _sentence_bounds(plain, over=not left.isdisjoint(self._matcher.phrases)) if left else ():
            if not left.isdisjoint(self._possible(plain[start:end], language)):
                left -= _clauses_of(self._matcher.spans(plain[start:end], language))
            if not left:
                break
        return gone | left

    def highlight(self, text: str, language: str = "") -> Excerpt:
        """All of a short text, a title say, with the words marked."""
        plain = without_bidi_controls(text)
        spans = self._matcher.spans(plain, language)
        return Excerpt(_html(plain, spans), self._forms(plain, spans))

    def excerpt(self, text: str, language: str = "", length: int = LENGTH) -> Excerpt:
        """The one or two sentences with the most of the words, or the beginning of a text that has none."""
        plain = without_bidi_controls(text[:MAX_ANALYZED_CHARS])
        self._looks.clear()
        chosen = self._best_sentences(plain, language) if self._matcher.count else []
        if not chosen:
            end = _last_boundary(plain, length)
            return Excerpt(escape(plain[:end]) + ("…" if end < len(plain) else ""))
        if len(chosen) == 1:
            chosen = [self._read(plain, *_extended(plain, chosen[0].start, chosen[0].end, length), language)]
        pieces = [_fragment(plain, each, length // len(chosen), self._matcher.phrases) for each in chosen]
        return Excerpt(_joined(plain, pieces), self._forms(plain, [span for each in chosen for span in each.spans]))

    def _find_spans(self, text: str, language: str) -> list[Span]:
        return self._matcher.spans(text, language) if self._matcher.possible_clauses(text, language) else []

    def _possible(self, sentence: str, language: str) -> frozenset[int]:
        """What a quick look leaves possible; excerpts and reasons look at the same sentences of a text."""
        key = sentence, language
        if (possible := self._looks.get(key)) is None:
            possible = self._looks[key] = self._matcher.possible_clauses(sentence, language)
        return possible

    def _read(self, text: str, start: int, end: int, language: str) -> _Sentence:
        spans = [_shifted(span, start) for span in self._matcher.spans(text[start:end], language)]
        typed = {number for span in spans for number in span.clauses if self._is_typed(number, text, span)}
        return _Sentence(start, end, spans, _clauses_of(spans), frozenset(typed))

    def _is_typed(self, number: int, text: str, span: Span) -> bool:
        return number < len(self.clauses) and self.clauses[number].is_in(text[span.start : span.end])

    def _forms(self, text: str, spans: Sequence[Span]) -> dict[int, str]:
        """The form of each part that says most of it, the first of those alike."""
        found = [(number, text[span.start : span.end]) for span in spans for number in span.clauses]
        forms = {number: [form for other, form in found if other == number] for number, _ in found}
        return {number: self.best_form(number, those) for number, those in forms.items()}

    def best_form(self, number: int, forms: Iterable[str]) -> str:
        """Of the forms of a part that as typed, if it is there; of pieces of writing without spaces the longest."""
        if number >= len(self.clauses):  # a beginning
            return next(iter(forms), "")
        clause = self.clauses[number]
        return max(forms, key=lambda form: (clause.is_in(form), 0 if clause.space_delimited else len(form)), default="")

    def _best_sentences(self, text: str, language: str) -> list[_Sentence]:
        """The sentences to show; a phrase may go over the end of one, as after Mr."""
        if self._matcher.count == 1 and (as_typed := self._first_as_typed(text, language)):
            return [as_typed]
        look = self._sentences if self._matcher.count <= _FEW_CLAUSES else self._promising_sentences
        chosen = look(text, language, _sentence_bounds(text))
        if self._matcher.phrases <= _all_clauses(chosen):
            return chosen
        others = look(text, language, _sentence_bounds(text, over=True))
        return max(chosen, others, key=lambda each: len(_all_clauses(each)))

    def _first_as_typed(self, text: str, language: str) -> _Sentence | None:
        """Of one word, the first sentence that has it as typed: no other has more, so the rest is not looked at."""
        typed, lowered = self.clauses[0].typed.lower() if self.clauses else "", text.lower()
        if not typed or self._matcher.phrases or typed not in lowered or len(lowered) != len(text):
            return None
        for start, end in _sentence_bounds(text):
            if typed in lowered[start:end] and (sentence := self._read(text, start, end, language)).typed:
                return sentence
        return None

    def _sentences(self, text: str, language: str, bounds: Iterable[tuple[int, int]]) -> list[_Sentence]:
        """The sentence with the most words, best as typed, and one more if it has words that the first lacks."""
        best = _Sentence(0, 0)
        others: list[_Sentence] = []
        lowered = text.lower()
        as_typed = ((clause.typed.lower(), number) for number, clause in enumerate(self.clauses))
        typed = {written: number for written, number in as_typed if written in lowered}
        for start, end in bounds:
            wanted = [written for written, number in typed.items() if number not in best.typed]
            if len(best.clauses) == self._matcher.count and not wanted:
                break
            if not self._may_add(text[start:end], best, wanted, language):
                continue
            sentence = self._read(text, start, end, language)
            if sentence.spans:
                others.append(sentence)
                best = max(best, sentence, key=_Sentence.gain)
        apart = (each for each in others if each.end <= best.start or best.end <= each.start)
        second = max(apart, key=lambda each: each.gain(best), default=best)
        return sorted(
            [best, second] if second.clauses - best.clauses else [best][: len(others)], key=lambda each: each.start
        )

    def _promising_sentences(self, text: str, language: str, bounds: Iterable[tuple[int, int]]) -> list[_Sentence]:
        """The same for many words: after a quick look at every sentence those come first that may have most of them."""
        looked = [(start, end, self._possible(text[start:end], language)) for start, end in bounds]
        best = self._best_beside(text, language, looked, _Sentence(0, 0))
        if best is None:
            return []
        apart = [each for each in looked if each[1] <= best.start or best.end <= each[0]]
        second = self._best_beside(text, language, apart, best)
        return sorted([best, second] if second is not None else [best], key=lambda each: each.start)

    def _best_beside(self, text: str, language: str, looked: Sequence[_Looked], beside: _Sentence) -> _Sentence | None:
        """The sentence with the most clauses that another lacks, best as typed; None where none has any."""
        best, most = None, (0, 0)
        for start, end, possible in sorted(looked, key=lambda each: -len(each[2] - beside.clauses)):
            if len(possible - beside.clauses) < max(most[0], 1):
                break
            if len(possible - beside.clauses) == most[0] and most[1] == most[0]:
                continue
            sentence = self._read(text, start, end, language)
            if (gain := sentence.gain(beside)) > most and gain[0]:
                best, most = sentence, gain
        return best

    def _may_add(self, sentence: str, best: _Sentence, wanted: Iterable[str], language: str) -> bool:
        """Whether a quick look leaves it possible that a sentence has more than the best one so far, or other words."""
        lowered = sentence.lower()
        if any(each in lowered for each in wanted):
            return True
        if len(best.clauses) == self._matcher.count:
            return False
        possible = self._possible(sentence, language)
        return len(possible) > len(best.clauses) or (
            self._matcher.count <= _FEW_CLAUSES and not possible <= best.clauses
        )


def without_bidi_controls(text: str) -> str:
    """A text as excerpts are cut from it: normalised, without the signs that turn the direction of writing."""
    return _BIDI_CONTROLS.sub("", normalize(text))


def _sentence_bounds(text: str, *, over: bool = False) -> Iterator[tuple[int, int]]:
    """Where the sentences of a text begin and end, or, to look over their ends, each with the one that follows."""
    bounds = (match.span() for match in _SENTENCES.finditer(text) if not text[match.start() : match.end()].isspace())
    return ((start, end) for (start, _), (_, end) in itertools.pairwise(bounds)) if over else bounds


def _clauses_of(spans: Iterable[Span]) -> frozenset[int]:
    return frozenset().union(*(span.clauses for span in spans))


def _all_clauses(sentences: Iterable[_Sentence]) -> frozenset[int]:
    return frozenset().union(*(each.clauses for each in sentences))


def _shifted(span: Span, by: int) -> Span:
    return Span(span.start + by, span.end + by, span.clauses)


# ---- cutting -------------------------------------------------------------------------------------


def _extended(text: str, start: int, end: int, length: int) -> tuple[int, int]:
    """A short sentence with those that follow it."""
    while end - start < _SHORT and (following := _SENTENCES.match(text, end)):
        if following.end() - start > length:
            break
        end = following.end()
    return start, end


def _fragment(text: str, sentence: _Sentence, length: int, phrases: frozenset[int]) -> _Sentence:
    """A piece of a sentence, of about `length` characters, with as many of the spans as fit; phrases before words."""
    start, end, spans = sentence.start, sentence.end, sentence.spans
    if end - start <= length:
        return sentence
    main = next((span for span in spans if not phrases.isdisjoint(span.clauses)), spans[0])
    first = max(start, main.start - length // 3)
    last = min(end, first + length)
    cut_start = _next_boundary(text, first) if first > start else start
    cut_end = max(_last_boundary(text, last), main.end)
    return _Sentence(cut_start, cut_end, [span for span in spans if cut_start <= span.start and span.end <= cut_end])


def _next_boundary(text: str, at: int) -> int:
    """The first place from `at` on where a cut does no harm."""
    space = text.find(" ", at, at + _AT_A_SPACE)
    if space >= 0:
        return space + 1
    bounds = _grapheme_bounds(text, at)
    return bounds[min(bisect_left(bounds, at), len(bounds) - 1)]


def _last_boundary(text: str, at: int) -> int:
    """The last place up to `at` where a cut does no harm."""
    if at >= len(text):
        return len(text)
    space = text.rfind(" ", max(at - _AT_A_SPACE, 0), at)
    if space > 0:
        return space
    bounds = _grapheme_bounds(text, at)
    return bounds[max(bisect_right(bounds, at) - 1, 0)]


def _grapheme_bounds(text: str, at: int) -> list[int]:
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
        html += _html(text[piece.start : piece.end].rstrip(), [_shifted(span, -piece.start) for span in piece.spans])
        html += " "
        before = piece.end
    return Markup(html.rstrip()) + (" …" if text[before:].strip() else "")  # noqa: S704 - escaped piece by piece


def _html(text: str, spans: Iterable[Span]) -> Markup:
    html, at = Markup(""), 0
    for span in spans:
        html += escape(text[at : span.start]) + Markup("<mark>%s</mark>") % text[span.start : span.end]
        at = span.end
    return html + escape(text[at:])
