"""Reads a WordPress export (WXR) item by item; entities and document types are refused, so that nothing expands.

Of an item come title, text, excerpt, date, addresses, author, categories and tags, and the custom fields whose names do
not begin with `_`. Comments and e-mail addresses of authors are never read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO
from urllib.parse import urlsplit
from xml.parsers import expat

from stories.importing.formats.wxr_item import Item, Site
from stories.importing.records import LONGEST_TEXT, MOST_KEYS, Record, UnreadableFile

_CHUNK = 1 << 16
_LONGEST_TOKEN = 4 * LONGEST_TEXT  # bytes that the parser may hold back before it says what they are
_DEEPEST = 50
# Control characters, which XML forbids and exports hold nevertheless: line breaks of word processors, and noise.
_ALLOWED = bytes.maketrans(bytes([*range(9), 11, 12, *range(14, 32)]), b" " * 9 + b"\n\n" + b" " * 18)

_OF_SITE = {"language": "language", "base_site_url": "url", "base_blog_url": "url", "link": "url"}
_OF_AUTHOR = ("author_login", "author_display_name")


def read(source: BinaryIO, *, post_types: tuple[str, ...], statuses: tuple[str, ...]) -> Iterator[Record]:
    """A record for each item; what is of another type or status is a record that is left out."""
    export = _Export()
    chunks = iter(lambda: source.read(_CHUNK), b"")
    problem: UnreadableFile | None = None
    while problem is None and (chunk := next(chunks, None)) is not None:
        problem = export.feed(chunk)
        yield from (item.record(export.site, post_types, statuses) for item in export.taken())
    problem = problem or export.close()
    if problem is not None:
        raise problem


class _Export:
    """Follows the parser through the file and gathers each item until it ends."""

    def __init__(self) -> None:
        self.site = Site()
        self.path: list[str] = []
        self.item: Item | None = None
        self.done: list[Item] = []
        self.attributes: dict[str, str] = {}
        self.text: list[str] = []
        self.length = 0
        self.login = ""
        self.is_wordpress = False
        self.utf16 = False
        self.fed = 0
        self.parser = self._parser()

    def _parser(self) -> Any:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse
        parser.EntityDeclHandler = _refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        return parser

    def feed(self, chunk: bytes) -> UnreadableFile | None:
        """Read on; what is wrong, if something is. The items before it are whole and can be taken."""
        if not self.fed:
            self.utf16 = chunk[:2] in {b"\xff\xfe", b"\xfe\xff"}  # bytes are no characters there: none is mended
        self.fed += len(chunk)
        return self._parse(chunk if self.utf16 else chunk.translate(_ALLOWED), final=False)

    def close(self) -> UnreadableFile | None:
        """The file has ended; what is wrong with it as a whole."""
        problem = self._parse(b"", final=True)
        if problem is None and not self.is_wordpress:
            return UnreadableFile("This XML file is no WordPress export: it holds no <rss> with a <channel>.")
        return problem

    def _parse(self, data: bytes, *, final: bool) -> UnreadableFile | None:
        try:
            self.parser.Parse(data, final)
        except expat.ExpatError as error:
            return UnreadableFile(f"Line {error.lineno} is no XML: {expat.ErrorString(error.code)}.")
        except UnreadableFile as problem:
            return problem
        if not final and self.fed - self.parser.CurrentByteIndex > _LONGEST_TOKEN:
            line = self.parser.CurrentLineNumber
            return UnreadableFile(f"Line {line} holds a piece of more than {_LONGEST_TOKEN:,} bytes.")
        return None

    def taken(self) -> list[Item]:
        """The items that have ended since the last call."""
        done, self.done = self.done, []
        return done

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        self.path.append(local)
        if len(self.path) > _DEEPEST:
            raise UnreadableFile(f"Line {self.parser.CurrentLineNumber} is nested too deeply.")
        self.is_wordpress = self.is_wordpress or self.path == ["rss", "channel"]
        if self.path == ["rss", "channel", "item"]:
            self.item = Item(self.parser.CurrentLineNumber)
        self.attributes = attributes
        self.text, self.length = [], 0

    def _characters(self, text: str) -> None:
        self.length += len(text)
        if self.length > LONGEST_TEXT:
            raise UnreadableFile(
                f"Line {self.parser.CurrentLineNumber}: a text is longer than {LONGEST_TEXT:,} characters."
            )
        self.text.append(text)

    def _end(self, name: str) -> None:
        text = "".join(self.text).strip()
        self.text, self.length = [], 0
        depth = len(self.path)
        local, namespace = self.path.pop(), name.rpartition(" ")[0]
        if self.item is None:
            self._of_site(local, text, depth)
        elif depth == 3:
            self.done.append(self.item)
            self.item = None
        elif depth == 4:
            self.item.element(namespace, local, text, self.attributes)
            if len(self.item.meta) + len(self.item.terms) > MOST_KEYS:
                raise UnreadableFile(f"The item in line {self.item.line} has more than {MOST_KEYS} fields and terms.")
        elif self.path[3] == "postmeta":
            self.item.custom_field(local, text)

    def _of_site(self, local: str, text: str, depth: int) -> None:
        if depth == 3 and local in _OF_SITE and text:
            setattr(self.site, _OF_SITE[local], text if local == "language" else urlsplit(text).hostname or "")
        elif depth == 4 and local == "author_login":
            self.login = text
        elif depth == 4 and local == "author_display_name" and len(self.site.authors) < 100_000:
            self.site.authors[self.login] = text


def _refuse(*_declaration: Any) -> None:
    raise UnreadableFile(
        "The file declares a document type or entities, which no WordPress export does; it was not read."
    )
