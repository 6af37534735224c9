"""What two texts share, as a reader would see it: words or, where none are parted, a stretch around a pair of signs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

import regex

from index.analysis.analyzer import normalize, tokens
from index.analysis.folding import fold_khmer, to_simplified
from index.analysis.segmentation import ALPHABET, CLUSTERS, HAN, HANGUL, ScriptRun, clusters, script_runs
from index.analysis.stemming import korean_noun
from index.analysis.stop_words import STOP_WORDS
from stories.text.words import LETTERS

_SHORTEST_WORD = 3  # letters of a word of an alphabet
_BEGINNING = 4  # letters that all forms of a word have in common
_MIN_LENGTH = {HAN: 2, HANGUL: 2, CLUSTERS: 3}  # signs of a stretch
_MAX_LENGTH = {HAN: 6, HANGUL: 6, CLUSTERS: 12}  # signs of a stretch
_AROUND = {HAN: 24, HANGUL: 24, CLUSTERS: 60}  # characters before and after a pair that are looked at
_KHMER = r"[\u1780-\u17d3]"
_FINAL = regex.compile(r"[\u1780-\u17a2][\u17cb-\u17cd\u17cf]?")  # a letter without a vowel: it may end a word
_OPEN = regex.compile(r"\u17d2[\u1780-\u17a2]$|[\u1780-\u17a2]{2}$")  # two letters without a vowel: more may follow
_LONGEST_STOP_WORD = 3  # signs of a function word of Khmer
_STOP_CHARACTERS = "".join(sorted(sign for sign in STOP_WORDS if len(sign) == 1))


def shared_words(forms: Iterable[str], own: str, other: str) -> Iterator[str]:
    """Those of the forms, all of them from `own`, that stand in `other` too, as words or stretches."""
    lowered, same_script = other.casefold(), to_simplified(other)
    for form in forms:
        kinds = [*{run.kind for run in script_runs(form)}]
        if kinds == [ALPHABET]:
            if len(form) >= _SHORTEST_WORD and _has_word(lowered, form):
                yield form
        elif len(kinds) == 1 and (stretch := _stretch(form, kinds[0], own, same_script)):
            yield stretch


def _has_word(text: str, form: str) -> bool:
    """Whether a form of the same word stands in the text."""
    beginning = form.casefold()[:_BEGINNING]
    if beginning not in text:
        return False
    found = dict.fromkeys(regex.findall(rf"(?<![{LETTERS}_]){regex.escape(beginning)}[{LETTERS}_'’]*", text))
    return form.casefold() in found or any(_stem(word) == _stem(form) for word in found)


def _stem(word: str) -> str:
    return next((token.term for token in tokens(normalize(word))), "")


def _stretch(form: str, kind: str, own: str, other: str) -> str:
    """The longest stretch around the first `form` in `own` that stands in `other` too; empty where none says much."""
    at = own.find(form)
    start = max(0, at - _AROUND[kind])
    window, begin, end = own[start : at + len(form) + _AROUND[kind]], at - start, at - start + len(form)
    for run in script_runs(window) if to_simplified(form) in other else ():
        bounds = _bounds(run)
        if begin in bounds and end in bounds:
            first, last = _extended(window, bounds, (bounds.index(begin), bounds.index(end)), other, _MAX_LENGTH[kind])
            if kind == CLUSTERS:
                first, last = _trim_khmer(window, bounds, first, last, other)
            return _standalone(window[bounds[first] : bounds[last]], run.kind, last - first, begins=first == 0)
    return ""


def _trim_khmer(text: str, bounds: list[int], first: int, last: int, other: str) -> tuple[int, int]:
    """The stretch of Khmer less the function words at its ends; nothing where a word may go on beyond one of them.

    Where words begin and end shows only where a writer left a space or a sign, in either text. Elsewhere a letter
    without a vowel may be the end of the word before, and one with another below it needs a vowel to end a word.
    """
    signs = [text[start:end] for start, end in pairwise(bounds)]
    stretch = regex.escape(text[bounds[first] : bounds[last]])
    begins = _FINAL.fullmatch(signs[first]) is None or _in_either(rf"(?<!{_KHMER}){stretch}", text, other)
    open_end = _FINAL.fullmatch("".join(signs[last : last + 1])) or _OPEN.search("".join(signs[last - 2 : last]))
    ends = open_end is None or _in_either(rf"{stretch}(?!{_KHMER})", text, other)
    whole = begins and ends and last - first < _MAX_LENGTH[CLUSTERS]
    return _trim_stop_words(signs, first, last) if whole else (first, first)


def _in_either(pattern: str, *texts: str) -> bool:
    return any(regex.search(pattern, text) for text in texts)


def _trim_stop_words(signs: list[str], first: int, last: int) -> tuple[int, int]:
    """The stretch without function words at its ends."""
    for length in range(1, min(_LONGEST_STOP_WORD, last - first - 1) + 1):
        if fold_khmer("".join(signs[first : first + length])) in STOP_WORDS:
            return _trim_stop_words(signs, first + length, last)
        if fold_khmer("".join(signs[last - length : last])) in STOP_WORDS:
            return _trim_stop_words(signs, first, last - length)
    return first, last


def _bounds(run: ScriptRun) -> list[int]:
    """Where the signs of a stretch begin, and where the last one ends."""
    starts = [at for _, at in clusters(run.text)] if run.kind == CLUSTERS else range(len(run.text))
    return [*(run.start + at for at in starts), run.end]


def _extended(text: str, bounds: list[int], ends: tuple[int, int], other: str, longest: int) -> tuple[int, int]:
    first, last = ends
    while last - first < longest and last + 1 < len(bounds) and _stands(text, bounds, first, last + 1, other):
        last += 1
    while last - first < longest and first and _stands(text, bounds, first - 1, last, other):
        first -= 1
    return first, last


def _stands(text: str, bounds: list[int], first: int, last: int, other: str) -> bool:
    return to_simplified(text[bounds[first] : bounds[last]]) in other


def _standalone(stretch: str, kind: str, signs: int, *, begins: bool) -> str:
    """What of a stretch can stand alone: Korean nouns begin their word, little words around others say nothing."""
    if signs < _MIN_LENGTH[kind] or (kind == HANGUL and not begins):
        return ""
    stretch = korean_noun(stretch) if kind == HANGUL else stretch.strip(_STOP_CHARACTERS if kind == HAN else " \u200b")
    return stretch if len(stretch) > 1 and fold_khmer(stretch) not in STOP_WORDS else ""
