"""Plain text as people type or paste it: composed letters, honest line breaks, nothing that only looks filled in."""

from __future__ import annotations

import re
import unicodedata

import regex

# Line breaks of word processors and of Unicode: VT (Shift+Enter in Word), FF, NEL, U+2028, and what Python calls one.
LINE_SEPARATORS = "\x0b\x0c\x1c\x1d\x1e\x85\u2028"
PARAGRAPH_SEPARATOR = "\u2029"
_BREAKS = {ord("\r"): "\n", ord(PARAGRAPH_SEPARATOR): "\n\n", **{ord(sign): "\n" for sign in LINE_SEPARATORS}}
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\ufffe\uffff\ud800-\udfff]")
# What shows nothing: spaces, controls, fillers such as U+3164, the empty Braille cell, the place of an absent picture.
_VISIBLE = regex.compile(r"[^\p{Z}\p{Cc}\p{Cs}\p{Default_Ignorable_Code_Point}\u2800\ufff9-\ufffc\ufffe\uffff]")
_INVISIBLE = regex.compile(r"\p{Default_Ignorable_Code_Point}")
_LONG_RUN = regex.compile(r"(\P{ccc=0}{32,})")


def has_visible_text(text: str) -> bool:
    """Whether a reader can see anything of `text`: not white space, fillers, joiners and marks of direction alone."""
    return _VISIBLE.search(text) is not None


def composed(text: str) -> str:
    """`text` in Unicode's composed form (NFC), so that the same words are the same characters.

    More than thirty marks on one letter stay as they are (UAX #15 calls thirty enough for every language): putting
    them in order takes time that grows with the square of their number.
    """
    if text.isascii():
        return text
    pieces = _LONG_RUN.split(text)
    pieces[::2] = [unicodedata.normalize("NFC", piece) for piece in pieces[::2]]
    return "".join(pieces)


def without_controls(text: str) -> str:
    """`text` without control characters and lone surrogates; line breaks of every kind stay as they are."""
    return _CONTROL.sub("", text)


def caseless(text: str) -> str:
    """What two names have in common that look the same but for capitals: composed, without signs that nobody sees."""
    return composed(_INVISIBLE.sub("", composed(text)).casefold())


def plain(text: str) -> str:
    """`text` as one line: composed, control characters dropped, white space collapsed; "" where nothing is visible."""
    line = " ".join(composed(_CONTROL.sub(" ", text)).split())
    return line if has_visible_text(line) else ""


def lines(text: str) -> str:
    """`text` with its line breaks, all written as "\\n": composed, without control characters and trailing space.

    Outer blank lines go too; "" where nothing is visible.
    """
    broken = composed(without_controls(text.replace("\r\n", "\n"))).translate(_BREAKS)
    tidy = "\n".join(line.rstrip() for line in broken.split("\n")).strip("\n")
    return tidy if has_visible_text(tidy) else ""
