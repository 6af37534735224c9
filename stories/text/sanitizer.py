"""Writes the HTML of strangers anew, tag by tag, with nothing but the tags and attributes we know; and weighs it.

The parser behind it takes more than linear time for long names, many attributes, deep nesting and the like. What it
gets from here is plain: each tag is short, each bracket that begins no tag is written as `&lt;`, each reference such as
`&eacute;` as its character. So what is counted here is what is parsed there. Linear in what came in. Safety is not the
task of this module but of bleach, behind it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from stories.errors import TooDeep, TooMuchMarkup, TooTangled
from stories.text import limits
from stories.text.allowed_html import (
    ATTRIBUTES,
    BOXES,
    CONTAINERS,
    INLINE,
    LINES,
    MACHINERY,
    READ,
    RENAMED,
    VOID,
)
from stories.text.html_tokens import Markup, Tag, tokens
from stories.text.plain_text import LINE_SEPARATORS, PARAGRAPH_SEPARATOR, composed, without_controls

_SELF_CLOSING = frozenset(["p", "li", "td", "th", "tr", "thead", "tbody", "dt", "dd"])
_TABLE = frozenset(["table", "thead", "tbody", "tr", "td", "th", "caption"])
_CELLS = frozenset(["td", "th", "caption"])
_OPEN_MACHINERY = re.compile(rf"<({'|'.join(MACHINERY)})(?=[\s/>])", re.IGNORECASE)
_NAME_AND_VALUE = re.compile(r"""([^\s"'<>/=]++)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'<>=]++))|"[^"]*+"|'[^']*+'""")
_REFERENCE = re.compile(r"&(?:#[0-9]+|#[xX][0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]*);")
_HUGE_REFERENCE = re.compile(r"&#(?:[0-9]{8,}|[xX][0-9a-fA-F]{7,});?")  # int() refuses thousands of digits
_SEPARATOR = re.compile(rf"([{LINE_SEPARATORS}])|({PARAGRAPH_SEPARATOR})")
_TYPED_BREAK = re.compile(rf"(\r\n|[\r\n{LINE_SEPARATORS}])|({PARAGRAPH_SEPARATOR})")
_UNKNOWN = "\N{REPLACEMENT CHARACTER}"

MOST_EFFORT = 31_000  # a plain tag is one; chosen so that the worst text within it takes well under a second
_MISPLACED = 12
_MOST_IN_VAIN = 2 * limits.BODY  # characters read for tags that turned out to be none


def plainly(raw: str, typed: Markup = Markup.NONE) -> str:
    """`raw` with known tags only, each written the same way; its text composed, and line separators as `<br>`.

    Of a text from a text box `typed` says how its tags stand in it: line breaks that were typed between inline tags,
    or outside of blocks, are `<br>` too. Raises TooMuchMarkup or TooDeep.
    """
    if raw.count("<") + raw.count("&") > limits.BODY_MARKUP:
        raise TooMuchMarkup
    return "".join(_Writer(typed).pieces(without_machinery(without_controls(raw))))


def without_machinery(raw: str) -> str:
    """`raw` without the insides of scripts, styles and the like, which are no words."""
    kept: list[str] = []
    lowered = raw.lower() if len(raw.lower()) == len(raw) else raw
    at = 0
    while match := _OPEN_MACHINERY.search(raw, at):
        name = match[1].lower()
        end = lowered.find(f"</{name}", match.end())
        if end < 0:
            break
        kept.append(raw[at : match.start()])
        close = raw.find(">", end)
        at = close + 1 if close >= 0 else len(raw)
    kept.append(raw[at:])
    return "".join(kept)


class _Writer:
    """Writes text and tags anew, and weighs them."""

    def __init__(self, typed: Markup) -> None:
        self.weight = _Weight()
        self.typed = typed
        self.blocks = 0  # how many are open
        self.between_blocks = typed is Markup.BLOCKS  # where white space says nothing

    def pieces(self, raw: str) -> Iterator[str]:
        """The text between the tags, the tags we know, and nothing of those we leave out."""
        for token in tokens(raw, self.weight.in_vain):
            if isinstance(token, Tag):
                yield self._tag(token)
            else:
                self.weight.text(token)
                yield self._text(token)

    def _text(self, text: str) -> str:
        if not text or (text.isspace() and self.between_blocks):
            return text
        self.between_blocks = False
        plain = _HUGE_REFERENCE.sub(_UNKNOWN, text)
        plain = composed(without_controls(_REFERENCE.sub(lambda found: html.unescape(found[0]), plain)))
        lines_count = self.typed is Markup.INLINE or (self.typed is Markup.BLOCKS and not self.blocks)
        breaks = _TYPED_BREAK if lines_count else _SEPARATOR
        written = html.escape(plain, quote=False)
        return breaks.sub(lambda found: self._break() if found[1] else self._break() + self._break(), written)

    def _break(self) -> str:
        self.weight.open("br", "")
        return "<br>"

    def _tag(self, tag: Tag) -> str:
        name = RENAMED.get(tag.name, tag.name)
        if name not in READ:
            self.weight.add(0.2)
            return " " if name in BOXES else ""
        if name in LINES or name in CONTAINERS:
            self.blocks = max(0, self.blocks + (-1 if tag.is_end else 1))
            self.between_blocks = self.typed is Markup.BLOCKS
        if tag.is_end:
            self.weight.close(name)
            return f"</{name}>"
        attributes = "".join(_kept(tag.attributes)) if "=" in tag.attributes else ""
        self.weight.open(name, attributes)
        return f"<{name}{attributes}>"


def _kept(attributes: str) -> Iterator[str]:
    """The attributes we know, each once."""
    left = set(ATTRIBUTES)
    for found in _NAME_AND_VALUE.finditer(attributes):
        name = (found[1] or "").lower()
        if name in left:
            left.remove(name)
            value = (found[2] or found[3] or found[4] or "").replace('"', "&quot;")
            yield f' {name}="{_HUGE_REFERENCE.sub(_UNKNOWN, value)}"'


class _Weight:
    """What the tags so far cost a parser, one being a plain tag, and which of them are open.

    Dear are the cells of tables (each looks up the whole row of open tags), blocks inside inline tags (which are opened
    again in every block), inline tags closed across blocks (the "adoption agency" of the HTML standard), and whatever
    stands in a table outside its cells (it is put in front of the table, one by one).
    """

    def __init__(self) -> None:
        self.effort = 0.0
        self.vain = 0
        self.stack: list[str] = []
        self.inline: list[bool] = []  # for each open inline tag, whether a block began inside it
        self.cells: list[bool] = []  # for each open table, whether a cell or its caption is open

    def add(self, cost: float) -> None:
        self.effort += cost
        if self.effort > MOST_EFFORT:
            raise TooTangled

    def in_vain(self, characters: int) -> None:
        """Something looked like a tag and was none; too much of that is refused, for it is read again and again."""
        self.add(1)
        self.vain += characters
        if self.vain > _MOST_IN_VAIN:
            raise TooTangled

    def text(self, words: str) -> None:
        if self.cells and not self.cells[-1] and not words.isspace() and words:
            self.add(_MISPLACED)

    def open(self, name: str, attributes: str) -> None:
        self._pass(name, closing=False)
        block = 0 if name in INLINE else 0.5 if name == "p" else 1
        self.add(bool(attributes) + block + len(self.stack) / 100)
        if name not in VOID and name not in _SELF_CLOSING:
            self.stack.append(name)
            if len(self.stack) > limits.BODY_NESTING:
                raise TooDeep

    def close(self, name: str) -> None:
        """A tag is closed only where it is open, and not from inside a table that stands in it."""
        self._pass(name, closing=True)
        for place in range(len(self.stack) - 1, -1, -1):
            if self.stack[place] == name:
                del self.stack[place]
                return
            if self.stack[place] == "table":
                return

    def _pass(self, name: str, *, closing: bool) -> None:
        self.add(8 if name in _TABLE else 1)
        self._pass_table(name, closing=closing)
        if name not in INLINE:
            self.add(len(self.inline))
            self.inline = [True] * len(self.inline)
        elif not closing:
            self.inline.append(False)
        elif self.inline and self.inline.pop():
            self.add(10)

    def _pass_table(self, name: str, *, closing: bool) -> None:
        if name == "table" and not closing:
            self.cells.append(False)
        elif name == "table" and self.cells:
            self.cells.pop()
        elif self.cells and name in _TABLE:
            self.cells[-1] = name in _CELLS and not closing
        elif self.cells and not self.cells[-1]:
            self.add(_MISPLACED)
