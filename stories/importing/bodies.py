"""Turns the text of a story, however a file writes it, into the safe HTML of a body."""

from __future__ import annotations

import re

from stories.errors import TooLong
from stories.importing.records import BodyFormat
from stories.text import limits, prose

_BLOCKS = "<!-- wp:"
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"(<[^<>]*>)")
_PICTURE = re.compile(r"<img\b|!\[[^\]\n]{0,500}\]\(", re.IGNORECASE)
# Shortcodes of WordPress itself. Around words they leave the words; alone they showed what cannot come along.
_AROUND = re.compile(r"\[/?(?:caption|wp_caption|embed)(?:\s[^\]\n]{0,1000})?\]")
_ALONE = re.compile(r"\[(?:gallery|audio|video|playlist)(?:\s[^\]\n]{0,1000})?\](?:\[/(?:audio|video)\])?")


def body(text: str, written: BodyFormat) -> str:
    """Safe HTML. Raises as `prose.body_from_html`."""
    if written is BodyFormat.MARKDOWN and _BLOCKS in text:
        written = BodyFormat.WORDPRESS
    match written:
        case BodyFormat.MARKDOWN:
            return prose.body_from_markdown(text)
        case BodyFormat.TEXT:
            return prose.body_from_typed(text)
        case BodyFormat.HTML:
            return prose.body_from_html(text)
    return prose.body_from_html(from_wordpress(text))


def left_behind(text: str) -> int:
    """How many pictures and recordings a text shows, which do not come along."""
    return len(_PICTURE.findall(text)) + len(_ALONE.findall(text))


def from_wordpress(text: str) -> str:
    """HTML of what WordPress keeps: blank lines make paragraphs, and line breaks are kept where no blocks are used."""
    if len(text) > limits.BODY:
        raise TooLong("body", limits.BODY)
    single = " " if _BLOCKS in text else "<br>"
    text = _ALONE.sub("", _AROUND.sub("", _COMMENT.sub("", text.replace("\r\n", "\n"))))
    return "".join(piece if piece.startswith("<") else _broken(piece, single) for piece in _TAG.split(text))


def _broken(words: str, single: str) -> str:
    return re.sub(r"[ \t]*\n[ \t]*", single, re.sub(r"\n[ \t]*\n\s*", "<br><br>", words))
