"""In which encoding a file is written: UTF-8 or UTF-16 as it says itself, anything else as the operator says."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, TextIO

from stories.importing.records import UnreadableFile

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CHUNK = 1 << 20
ADVICE = "Save it as “CSV UTF-8”, or say how it is written: --encoding windows-1252 for most files of Excel in English."


def detect(source: BinaryIO) -> str:
    """The encoding that the first bytes show; without a mark UTF-16 is known by its zero bytes. Rewinds `source`."""
    head = source.read(4_000)
    source.seek(0)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    pairs = len(head) // 2
    if pairs and head[1::2].count(0) > pairs * 0.8 and head[::2].count(0) < pairs * 0.1:
        return "utf-16-le"
    if pairs and head[::2].count(0) > pairs * 0.8 and head[1::2].count(0) < pairs * 0.1:
        return "utf-16-be"
    return "utf-8"


@contextmanager
def text(source: BinaryIO, encoding: str, *, errors: str = "strict", newline: str = "") -> Iterator[TextIO]:
    """`source` as text, line ends as they are; it stays open afterwards."""
    try:
        wrapper = io.TextIOWrapper(source, encoding=encoding, errors=errors, newline=newline)
    except LookupError as unknown:
        raise UnreadableFile(f"There is no encoding {encoding!r}.") from unknown
    try:
        yield wrapper
    finally:
        wrapper.detach()


def check(source: BinaryIO, encoding: str) -> None:
    """Raise UnreadableFile, with the line, if not every byte of `source` is text in `encoding`; rewinds it."""
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
    except LookupError as unknown:
        raise UnreadableFile(f"There is no encoding {encoding!r}.") from unknown
    line = 1
    while chunk := source.read(_CHUNK):
        try:
            line += decoder.decode(chunk).count("\n")
        except UnicodeError as error:
            line += _lines_before(error)
            raise UnreadableFile(f"Line {line} is not written in {_name(encoding)}{_byte(error)}. {ADVICE}") from error
    try:
        decoder.decode(b"", final=True)
    except UnicodeError as error:
        raise UnreadableFile(f"The file ends in the middle of a character of {_name(encoding)}.") from error
    source.seek(0)


def _lines_before(error: UnicodeError) -> int:
    if not isinstance(error, UnicodeDecodeError):
        return 0
    return error.object[: error.start].decode(error.encoding, "replace").count("\n")


def _byte(error: UnicodeError) -> str:
    return f" (byte 0x{error.object[error.start]:02X})" if isinstance(error, UnicodeDecodeError) else ""


def _name(encoding: str) -> str:
    return {"utf-8-sig": "UTF-8"}.get(encoding, encoding.upper())
