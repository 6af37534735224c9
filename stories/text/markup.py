"""The shape of HTML from strangers: how the boxes of pasted pages become plain paragraphs.

`Paragraphs` is a filter of html5lib that runs inside bleach, behind its sanitiser.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from stories.text.allowed_html import CONTAINERS, EVERYWHERE, HEADINGS, INLINE, VOID

_WHITE = re.compile(r"[ \t\n\f\r]+")

Token = dict[str, Any]
Attributes = dict[tuple[None, str], str]
Line = tuple[str, Attributes]  # its tag, and the language and direction it is given


def walk(tree: Any) -> Iterator[Token]:
    """What html5lib parsed, as tokens. Its own walker looks each element up among its siblings, which adds up."""
    yield from _text(tree.text)
    open_elements = [(tree, iter(tree))]
    while open_elements:
        element, children = open_elements[-1]
        child = next(children, None)
        if child is None:
            open_elements.pop()
            if open_elements:
                yield _end(element.tag)
                yield from _text(element.tail)
        elif child.tag in VOID:
            yield {"type": "EmptyTag", "name": child.tag, "namespace": None, "data": {}}
            yield from _text(child.tail)
        else:
            yield _start(child.tag, {(None, name): value for name, value in child.attrib.items()})
            yield from _text(child.text)
            open_elements.append((child, iter(child)))


def _text(words: str | None) -> Iterator[Token]:
    if words:
        yield {"type": "Characters", "data": words}


class Paragraphs:
    """Lays a stream of html5lib tokens out as lines (paragraphs, headings) inside containers (lists, tables, quotes).

    A line is opened only when words come, so nothing empty is left; inline tags that span several lines are closed
    and opened again; two line breaks in a row end the line. Language and direction of a box hold for its lines.
    """

    def __init__(self, source: Iterable[Token]) -> None:
        self.source = source
        self.frames: list[tuple[str, list[Line]]] = [("", [])]  # a container and the lines begun inside it
        self.line: str | None = None  # the tag of the line that is open; "" where text stands in its container
        self.wanted: list[Token] = []  # inline tags that hold now
        self.shown = 0  # how many of them are open in this line
        self.breaks = 0
        self.gap = False  # white space that stands before the next words of this line

    def __iter__(self) -> Iterator[Token]:
        for token in self.source:
            yield from self._take(token)
        yield from self._end_line()

    def _take(self, token: Token) -> Iterator[Token]:
        kind, name = token["type"], token.get("name", "")
        if kind in {"Characters", "SpaceCharacters", "Entity"}:
            yield from self._words(token)
        elif name == "br" and kind != "EndTag":
            yield from self._break()
        elif name == "hr" and kind != "EndTag":
            yield from self._end_line()
            yield {"type": "EmptyTag", "name": "hr", "namespace": None, "data": {}}
        elif name in INLINE:
            yield from self._inline(token)
        elif name in CONTAINERS and self._fits(name, kind):
            yield from self._container(token)
        else:
            yield from self._boundary(token)

    def _words(self, token: Token) -> Iterator[Token]:
        if token["type"] == "Entity" and token["name"] == "nbsp":
            token = {"type": "Characters", "data": "\N{NO-BREAK SPACE}"}
        if token["type"] == "Entity":
            yield from self._open_line()
            yield token
            return
        text = _WHITE.sub(" ", token["data"])
        if text.startswith(" ") and self.line is not None:
            self.gap = True
        words = text.strip(" ")
        if words.strip() or (words and self.line is not None):
            yield from self._open_line()
            self.gap = text.endswith(" ")
            yield {"type": "Characters", "data": words}

    def _open_line(self) -> Iterator[Token]:
        if self.line is None:
            container, begun = self.frames[-1]
            default = {"": "p", "blockquote": "p", "ul": "li", "ol": "li"}.get(container, "")
            self.line, attributes = begun[-1] if begun else (default, {})
            if self.line:
                yield _start(self.line, attributes)
        elif self.breaks:
            yield {"type": "EmptyTag", "name": "br", "namespace": None, "data": {}}
        elif self.gap:
            yield {"type": "Characters", "data": " "}
        self.breaks, self.gap = 0, False
        yield from self.wanted[self.shown :]
        self.shown = len(self.wanted)

    def _end_line(self) -> Iterator[Token]:
        for token in reversed(self.wanted[: self.shown]):
            yield _end(token["name"])
        self.shown = self.breaks = 0
        self.gap = False
        if self.line:
            yield _end(self.line)
        self.line = None

    def _break(self) -> Iterator[Token]:
        if self.line is None:
            return
        self.breaks += 1
        if self.breaks > 1:
            container, begun = self.frames[-1]
            yield from self._end_line()
            if container not in {"", "blockquote", "ul", "ol"} and not begun:
                begun.append(("p", {}))

    def _inline(self, token: Token) -> Iterator[Token]:
        if token["type"] == "StartTag":
            inside_a_link = token["name"] == "a" and any(open_tag["name"] == "a" for open_tag in self.wanted)
            self.wanted.append(_start("span") if inside_a_link else token)
        elif token["type"] == "EndTag" and self.wanted:
            ended = self.wanted.pop()
            if self.shown > len(self.wanted):
                self.shown = len(self.wanted)
                yield _end(ended["name"])

    def _fits(self, name: str, kind: str) -> bool:
        if name == "li":
            return self.frames[-1][0] == ("li" if kind == "EndTag" else "ul") or (
                kind != "EndTag" and self.frames[-1][0] == "ol"
            )
        return kind != "EndTag" or self.frames[-1][0] == name

    def _container(self, token: Token) -> Iterator[Token]:
        yield from self._end_line()
        if token["type"] == "EndTag":
            self.frames.pop()
        else:
            token["data"] = self._inherited() | token["data"]
            self.frames.append((token["name"], []))
        yield token

    def _boundary(self, token: Token) -> Iterator[Token]:
        yield from self._end_line()
        begun = self.frames[-1][1]
        if token["type"] == "StartTag":
            begun.append((HEADINGS.get(token["name"], "p"), self._inherited() | _language_and_direction(token)))
        elif token["type"] == "EndTag" and begun:
            begun.pop()

    def _inherited(self) -> Attributes:
        """Language and direction of the box that is open in this container."""
        begun = self.frames[-1][1]
        return dict(begun[-1][1]) if begun else {}


def _language_and_direction(token: Token) -> Attributes:
    return {key: value for key, value in token["data"].items() if key[1] in EVERYWHERE}


def _start(name: str, attributes: Attributes | None = None) -> Token:
    return {"type": "StartTag", "name": name, "namespace": None, "data": dict(attributes or {})}


def _end(name: str) -> Token:
    return {"type": "EndTag", "name": name, "namespace": None, "data": {}}
