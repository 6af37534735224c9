"""What a reader would have seen of pasted HTML and the site leaves out, so that a page can say so."""

from __future__ import annotations

import re
from collections import Counter
from enum import StrEnum

from stories.text import allowed_html, limits
from stories.text.html_tokens import Tag, tokens

_HREF = re.compile(r"""(?:^|\s)href\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE)
_STYLE = r"""style\s*=\s*["'][^"']*(?:color|background|font|text-(?:align|decor))"""
_LOOKS = re.compile(rf"(?:^|\s)(?:(?:color|bgcolor|face|align)\s*=|{_STYLE})", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_HIDDEN = re.compile(r"<(style|script|template|xml)\b[^>]*>.*?</\1\s*>", re.DOTALL | re.IGNORECASE)


class Kind(StrEnum):
    """Something visible that is no words."""

    PICTURE = "picture"
    RECORDING = "recording"  # sound or film
    EMBEDDED = "embedded"  # a piece of another page
    FORM_FIELD = "form field"
    LINK = "link"  # its words stay, its address cannot be kept
    LOOK = "look"  # colours, fonts and the like


_KINDS: dict[str, Kind] = {
    **dict.fromkeys(allowed_html.PICTURES - {"picture", "image"}, Kind.PICTURE),
    **dict.fromkeys(allowed_html.RECORDINGS, Kind.RECORDING),
    **dict.fromkeys(allowed_html.EMBEDDED, Kind.EMBEDDED),
    **dict.fromkeys(allowed_html.FORM_FIELDS, Kind.FORM_FIELD),
    **dict.fromkeys(allowed_html.STYLED, Kind.LOOK),
}


class _Enough(Exception):
    """More of the text looked like tags, and was none, than is worth reading."""


def visible_in(raw: str) -> Counter[Kind]:
    """The visible things of `raw` that cleaning leaves out, with how many there are of each kind."""
    found: Counter[Kind] = Counter()
    vain = 0

    def in_vain(characters: int) -> None:
        nonlocal vain
        vain += characters
        if vain > 2 * limits.BODY:
            raise _Enough

    try:
        for token in tokens(_HIDDEN.sub("", _COMMENT.sub("", raw)), in_vain):
            if isinstance(token, Tag) and not token.is_end and (kind := _kind(token)):
                found[kind] += 1
    except _Enough:
        pass  # cleaning refuses such a text
    return found


def _kind(tag: Tag) -> Kind | None:
    if tag.name in _KINDS:
        hidden = tag.name == "input" and re.search(r"type\s*=\s*[\"']?hidden", tag.attributes, re.IGNORECASE)
        return None if hidden else _KINDS[tag.name]
    if tag.name == "a" and (href := _HREF.search(tag.attributes)):
        return None if allowed_html.may_keep("a", "href", href[1].strip("\"'")) else Kind.LINK
    return Kind.LOOK if _LOOKS.search(tag.attributes) else None
