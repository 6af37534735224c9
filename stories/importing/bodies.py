"""Turns the text of a story, however a file writes it, into the safe HTML of a body."""

from __future__ import annotations

import re
from collections import Counter

from stories.errors import TooLong
from stories.importing.records import BodyFormat
from stories.text import limits, prose
from stories.text.dropped import Kind

_BLOCKS = "<!-- wp:"
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"(<[^<>]*>)")
_MAY_SHOW = re.compile(r"<[a-zA-Z]|\]\(|\]:")  # a tag, or a link or picture of Markdown
# Shortcodes of WordPress itself. Around words they leave the words; alone they showed what cannot come along.
_AROUND = re.compile(r"\[/?(?:caption|wp_caption|embed)(?:\s[^\]\n]{0,1000})?\]")
_ALONE = re.compile(r"\[(?:gallery|audio|video|playlist)(?:\s[^\]\n]{0,1000})?\](?:\[/(?:audio|video)\])?")


def body(text: str, written: BodyFormat) -> str:
    """Safe HTML. Raises as `prose.body_from_html`."""
    match _really(text, written):
        case BodyFormat.MARKDOWN:
            return prose.body_from_markdown(text)
        case BodyFormat.TEXT:
            return prose.body_from_typed(text)
        case BodyFormat.HTML:
            return prose.body_from_html(text)
    return prose.body_from_html(from_wordpress(text))


def left_behind(text: str, written: BodyFormat) -> list[str]:
    """What a text shows beside its words that does not come along, a remark for all of it."""
    if not (_MAY_SHOW.search(text) or _ALONE.search(text)):
        return []
    found = _dropped(text, _really(text, written))
    things = [f"{count} {kind}{'s' if count > 1 else ''}" for kind, count in found.items() if kind is not Kind.LOOK]
    return [f"left behind: {', '.join(things)}"] if things else []


def _dropped(text: str, written: BodyFormat) -> Counter[Kind]:
    match written:
        case BodyFormat.MARKDOWN:
            return prose.dropped_from_markdown(text)
        case BodyFormat.TEXT:
            return prose.dropped_from_typed(text)
        case BodyFormat.HTML:
            return prose.dropped_from_html(text)
    shortcodes = Counter({Kind.EMBEDDED: len(_ALONE.findall(text))})
    return prose.dropped_from_html(from_wordpress(text)) + shortcodes


def _really(text: str, written: BodyFormat) -> BodyFormat:
    """The format of a text; Markdown that holds blocks of WordPress was taken out of there as it was."""
    return BodyFormat.WORDPRESS if written is BodyFormat.MARKDOWN and _BLOCKS in text else written


def from_wordpress(text: str) -> str:
    """HTML of what WordPress keeps: blank lines make paragraphs, and line breaks are kept where no blocks are used."""
    if len(text) > limits.BODY:
        raise TooLong("body", limits.BODY)
    single = " " if _BLOCKS in text else "<br>"
    text = _ALONE.sub("", _AROUND.sub("", _COMMENT.sub("", text.replace("\r\n", "\n"))))
    return "".join(piece if piece.startswith("<") else _broken(piece, single) for piece in _TAG.split(text))


def _broken(words: str, single: str) -> str:
    return re.sub(r"[ \t]*\n[ \t]*", single, re.sub(r"\n[ \t]*\n\s*", "<br><br>", words))
