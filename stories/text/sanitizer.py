"""Writes the HTML of strangers anew, tag by tag, with nothing but the tags and attributes we know; and weighs it.

The parser behind it takes more than linear time for long names, many attributes, deep nesting and the like. What it
gets from here is plain: each tag is short, each bracket that begins no tag is written as `&lt;`. So what is counted
here is what is parsed there. Linear in what came in. Safety is not the task of this module but of bleach, behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stories.errors import TooDeep, TooMuchMarkup, TooTangled
from stories.text import limits
from stories.text.markup import CONTAINERS, INLINE, LINES, VOID

MACHINERY = ("script", "style", "template", "noscript", "iframe", "noembed", "noframes", "xmp", "title")
_KNOWN = INLINE | CONTAINERS | LINES | VOID
_ATTRIBUTES = frozenset(["href", "lang", "dir", "colspan", "rowspan"])
_SELF_CLOSING = frozenset(["p", "li", "td", "th", "tr", "thead", "tbody", "dt", "dd"])
_TABLE = frozenset(["table", "thead", "tbody", "tr", "td", "th", "caption"])
_CELLS = frozenset(["td", "th", "caption"])
_OPEN_MACHINERY = re.compile(rf"<({'|'.join(MACHINERY)})(?=[\s/>])", re.IGNORECASE)
_ATTRIBUTE = r"""[^\s"'<>/=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s"'<>=]++)?+)?+"""
_TAG = re.compile(rf"<(/?)([a-zA-Z][^\s\"'<>/]*+)((?:[\s/]++|{_ATTRIBUTE}|\"[^\"]*+\"|'[^']*+')*+)(>?)")
_NAME_AND_VALUE = re.compile(r"""([^\s"'<>/=]++)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'<>=]++))|"[^"]*+"|'[^']*+'""")
_HUGE_REFERENCE = re.compile(r"&#(?:[0-9]{8,}|[xX][0-9a-fA-F]{7,});?")  # int() refuses thousands of digits

MOST_EFFORT = 31_000  # a plain tag is one; chosen so that the worst text within it takes well under a second
_MISPLACED = 12
_MOST_IN_VAIN = 2 * limits.BODY  # characters read for tags that turned out to be none


def plainly(raw: str) -> str:
    """`raw` with known tags only, each written the same way. Raises TooMuchMarkup or TooDeep."""
    if raw.count("<") + raw.count("&") > limits.BODY_MARKUP:
        raise TooMuchMarkup
    weight = _Weight()
    return _HUGE_REFERENCE.sub("\N{REPLACEMENT CHARACTER}", "".join(_pieces(_without_machinery(raw), weight)))


def _without_machinery(raw: str) -> str:
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


def _pieces(raw: str, weight: _Weight) -> Iterator[str]:
    """The text between the tags as it is, the tags we know, and nothing of all others, of comments and declarations."""
    last_end = raw.rfind("-->")
    at = 0
    while (start := raw.find("<", at)) >= 0:
        weight.text(raw[at:start])
        yield raw[at:start]
        if raw.startswith("<!--", start) and start + 4 <= last_end:
            at = raw.find("-->", start + 4) + 3
        elif match := _DECLARATION.match(raw, start):
            at = match.end()
        elif (match := _TAG.match(raw, start)) and match[4]:
            at = match.end()
            yield _tag(match, weight)
        else:
            weight.in_vain(match)
            at = start + 1
            yield "&lt;"
    yield raw[at:]


_DECLARATION = re.compile(r"<[!?][^<>]*+>")


def _tag(match: re.Match[str], weight: _Weight) -> str:
    """A tag as it is written from here on; empty for one we do not know."""
    name = match[2].lower()
    if name not in _KNOWN:
        weight.add(0.2)
        return ""
    if match[1]:
        weight.close(name)
        return f"</{name}>"
    attributes = "".join(_kept(match[3])) if "=" in match[3] else ""
    weight.open(name, attributes)
    return f"<{name}{attributes}>"


def _kept(attributes: str) -> Iterator[str]:
    """The attributes we know, each once."""
    left = set(_ATTRIBUTES)
    for found in _NAME_AND_VALUE.finditer(attributes):
        name = (found[1] or "").lower()
        if name in left:
            left.remove(name)
            value = (found[2] or found[3] or found[4] or "").replace('"', "&quot;")
            yield f' {name}="{value}"'


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

    def in_vain(self, match: re.Match[str] | None) -> None:
        """Something looked like a tag and was none; too much of that is refused, for it is read again and again."""
        self.add(1)
        self.vain += match.end() - match.start() if match else 1
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
