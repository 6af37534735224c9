"""Tells tags from text: `<b>` is a tag, `<ba@example.org>`, `<quietly>` and the brackets of `a<b and c>d` are text.

Linear in what comes in, but for what looks like a tag and is none: whoever calls counts that, and stops.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from enum import Enum
from typing import NamedTuple

from stories.text import allowed_html, limits

_ATTRIBUTE = r"""[^\s"'<>/=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s"'<>=]++)?+)?+"""
_TAG = re.compile(rf"<(/?)([a-zA-Z][^\s\"'<>/]*+)((?:[\s/]++|{_ATTRIBUTE}|\"[^\"]*+\"|'[^']*+')*+)(>?)")
_DECLARATION = re.compile(r"<(?:!(?:doctype\b|\[)|\?(?:xml|mso|php)\b)[^<>]*+>", re.IGNORECASE)
_CUSTOM_END = re.compile(r"</([a-z][a-z0-9]*-[a-z0-9-]+)\s*>", re.IGNORECASE)
_OFFICE = re.compile(rf"(?:{'|'.join(allowed_html.OFFICE_PREFIXES)}):[a-z][a-z0-9]*")
_MOST_IN_VAIN = 2 * limits.BODY  # characters read for tags that turned out to be none

InVain = Callable[[int], None]


class Tag(NamedTuple):
    """A start or end tag of HTML, whether we allow it or not; its name in small letters, its attributes as written."""

    name: str
    is_end: bool
    attributes: str


class Markup(Enum):
    """How a text from a text box is to be read."""

    NONE = "none"  # every character means itself
    INLINE = "inline"  # tags inside lines; line breaks are those that were typed
    BLOCKS = "blocks"  # tags make the lines


def tokens(raw: str, in_vain: InVain) -> Iterator[str | Tag]:
    """The text and the tags of `raw`; comments and declarations are left out.

    `in_vain` is told how many characters were read in vain each time a bracket began no tag.
    """
    custom = frozenset(match[1].lower() for match in _CUSTOM_END.finditer(raw))
    last_comment = raw.rfind("-->")
    at = 0
    while (start := raw.find("<", at)) >= 0:
        yield raw[at:start]
        if raw.startswith("<!--", start) and start + 4 <= last_comment:
            at = raw.find("-->", start + 4) + 3
        elif declaration := _DECLARATION.match(raw, start):
            at = declaration.end()
        elif (match := _TAG.match(raw, start)) and _is_tag(match, custom):
            at = match.end()
            yield Tag(match[2].lower(), bool(match[1]), match[3])
        else:
            in_vain(match.end() - start if match else 1)
            at = start + 1
            yield "<"
    yield raw[at:]


def _is_tag(match: re.Match[str], custom: frozenset[str]) -> bool:
    name = match[2].lower()
    if not match[4] or not (name in allowed_html.KNOWN or name in custom or _OFFICE.fullmatch(name)):
        return False
    return bool(match[1]) or "=" in match[3] or _only_bare_attributes(match[3])


def _only_bare_attributes(attributes: str) -> bool:
    """Whether words that stand in a tag without a value are HTML's: `<b and c>` is no tag."""
    return allowed_html.BARE_ATTRIBUTES.issuperset(attributes.lower().replace("/", " ").split())


class _TooMuchInVain(Exception):
    """So much looks like tags and is none that the text is no HTML."""


def markup_of(typed: str) -> Markup:
    """Whether what stands in a text box is HTML: an element is closed, or tags stand there that need no end.

    A tag that is mentioned once (`<b>`, `<p>`, `<br>`) leaves a text a text; the same box begun three times does not.
    """
    evidence = _Evidence()
    try:
        for token in tokens(typed, evidence.in_vain):
            if isinstance(token, Tag):
                evidence.tag(token)
    except _TooMuchInVain:
        return Markup.NONE
    if evidence.has_blocks:
        return Markup.BLOCKS
    return Markup.INLINE if evidence.is_html or _begins_as_html(typed.lstrip()) else Markup.NONE


def _begins_as_html(typed: str) -> bool:
    return typed.startswith("<!--") or _DECLARATION.match(typed) is not None


class _Evidence:
    """What speaks for HTML among the tags so far."""

    def __init__(self) -> None:
        self.is_html = self.has_blocks = False
        self.vain = 0
        self.open: Counter[str] = Counter()
        self.endless = 0  # tags that need no end

    def in_vain(self, characters: int) -> None:
        self.vain += characters
        if self.vain > _MOST_IN_VAIN:
            raise _TooMuchInVain

    def tag(self, tag: Tag) -> None:
        is_block = allowed_html.RENAMED.get(tag.name, tag.name) in allowed_html.LINES | allowed_html.CONTAINERS
        if tag.is_end:
            closes = self.open[tag.name] > 0
            self.is_html |= closes
            self.has_blocks |= closes and is_block
            return
        self.open[tag.name] += 1
        if tag.name in allowed_html.STANDALONE | allowed_html.OPTIONAL_END:
            self.endless += 1
            counts = self.endless > 1 or "=" in tag.attributes
        else:
            counts = is_block and self.open[tag.name] > 2
        self.is_html |= counts
        self.has_blocks |= counts and is_block
