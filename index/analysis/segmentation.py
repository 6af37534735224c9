"""Where words begin and end in scripts with and without spaces.

A text is cut into runs of one kind of script, and each kind of run in its own way:

    alphabet   Latin, Arabic, Devanagari, Bangla …   words, with their combining marks kept whole
    hangul     Korean                                 words, and later their noun and their pairs of syllables
    han        Chinese characters and kana            single characters and pairs
    clusters   Khmer, Thai, Lao, Burmese              clusters of a base and its marks, and pairs of them
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import regex

ALPHABET, HANGUL, HAN, CLUSTERS = "alphabet", "hangul", "han", "clusters"

_HAN = r"\p{Han}\p{Hiragana}\p{Katakana}ー"
_CLUSTERED = r"\u1780-\u17D3\u17D7\u17DC\u17DD\p{Thai}\p{Lao}\p{Myanmar}"
_UNSPACED = rf"[{_HAN}\p{{Hangul}}{_CLUSTERED}]"
_LETTER = rf"[[\p{{L}}\p{{N}}]--{_UNSPACED}]"
_INSIDE = rf"[[\p{{L}}\p{{N}}\p{{M}}\u00ad\u200c\u200d]--{_UNSPACED}]"

_KINDS = regex.compile(
    rf"(?P<alphabet>{_LETTER}{_INSIDE}*(?:['’ʼ＇]{_LETTER}{_INSIDE}*)*)"
    rf"|(?P<hangul>\p{{Hangul}}+)"
    rf"|(?P<han>[{_HAN}]+)"
    # Zero-width spaces and single spaces do not part Khmer words: writers put them where they like.
    rf"|(?P<clusters>[{_CLUSTERED}](?:[{_CLUSTERED}\u200b-\u200d]| (?=[{_CLUSTERED}]))*)",
    regex.V1,
)
_CLUSTER = regex.compile(
    r"[\u1780-\u17b3\u17d7\u17dc][\u200b-\u200d]?(?:\u17d2[\u1780-\u17b3]|[\u17b4-\u17d1\u17d3\u17dd\u200c\u200d])*"
    r"|[^\s\u200b-\u200d]\p{M}*"
)


class ScriptRun(NamedTuple):
    """A stretch of one kind of script (`ALPHABET`, `HANGUL`, …): its kind, its text, and where it starts."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def script_runs(text: str) -> Iterator[ScriptRun]:
    """The searchable stretches of a text, in order; white space, punctuation and signs are left out."""
    for match in _KINDS.finditer(text):
        yield ScriptRun(match.lastgroup or ALPHABET, match.group(), match.start())


def plain_runs(text: str) -> Iterator[tuple[str, str]]:
    """The kinds and texts alone of these stretches, for whoever reads millions."""
    return ((match.lastgroup or ALPHABET, match.group()) for match in _KINDS.finditer(text))


def split_at_spaces(run: ScriptRun) -> Iterator[ScriptRun]:
    """The stretches between the spaces in a run: a reader who types them parts words, a writer perhaps does not."""
    for match in regex.finditer("[^ ]+", run.text):
        yield ScriptRun(run.kind, match.group(), run.start + match.start())


def clusters(text: str) -> list[tuple[str, int]]:
    """The clusters of a Khmer, Thai, Lao or Burmese stretch, and where each starts."""
    return [(match.group(), match.start()) for match in _CLUSTER.finditer(text)]
