"""Which way a text runs, by most of its letters."""

from __future__ import annotations

import regex

RIGHT_TO_LEFT = regex.compile(r"[\p{Bidi_Class=R}\p{Bidi_Class=AL}]")
_LEFT_TO_RIGHT = regex.compile(r"\p{Bidi_Class=L}")


def letters(text: str) -> tuple[int, int]:
    """How many letters of `text` run left to right, and how many right to left."""
    if text.isascii():
        return sum(map(str.isalpha, text)), 0
    return len(_LEFT_TO_RIGHT.findall(text)), len(RIGHT_TO_LEFT.findall(text))
