"""How long a text takes to read, in every script."""

from __future__ import annotations

import regex

from stories.text.words import WORD

_SPEEDS = (  # units a minute; a coarse guide for readers, not a measurement of any one of them
    (regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]"), 300),
    (regex.compile(r"[\u1780-\u17b3]"), 600),
    (regex.compile(WORD), 200),
)


def reading_minutes(text: str) -> int:
    """About how many minutes a reader needs for `text`, at least one."""
    return max(1, round(sum(len(unit.findall(text)) / speed for unit, speed in _SPEEDS)))
