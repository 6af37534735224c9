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
    parser = export.parser
    fed = 0
    try:
        while chunk := source.read(_CHUNK):
            fed += len(chunk)
            parser.Parse(chunk if export.is_utf16(chunk, fed) else chunk.translate(_ALLOWED), False)
            if fed - parser.CurrentByteIndex > _LONGEST_TOKEN:
                raise UnreadableFile(
                    f"Line {parser.CurrentLineNumber} holds a piece of more than {_LONGEST_TOKEN:,} bytes."
                )
            yield from (item.record(export.site, post_types, statuses) for item in export.taken())
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise UnreadableFile(f"Line {error.lineno} is no XML: {expat.ErrorString(error.code)}.") from error
    if not export.is_wordpress:
        raise UnreadableFile("This XML file is no WordPress export: it holds no <rss> with a <channel>.")


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

    def is_utf16(self, chunk: bytes, fed: int) -> bool:
        """Whether bytes are no characters here, so that none may be mended."""
        if fed == len(chunk):
            self.utf16 = chunk[:2] in {b"\xff\xfe", b"\xfe\xff"}
        return self.utf16

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
