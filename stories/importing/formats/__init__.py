"""The files that stories can come in: one reader for each format, all of them streams of records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath
from typing import BinaryIO

from stories.importing import encodings
from stories.importing.formats import csv_files, jsonl, wxr
from stories.importing.records import Record, UnreadableFile


class Format(StrEnum):
    """A format of files."""

    JSONL = "jsonl"
    CSV = "csv"
    WXR = "wxr"


_BY_ENDING = {
    ".jsonl": Format.JSONL, ".ndjson": Format.JSONL, ".csv": Format.CSV, ".tsv": Format.CSV,
    ".xml": Format.WXR, ".wxr": Format.WXR,
}  # fmt: skip


@dataclass(frozen=True)
class HowToRead:
    """What the operator says of a file; empty values are guessed from it."""

    format: Format | None = None
    encoding: str = ""
    post_types: tuple[str, ...] = ("post",)
    statuses: tuple[str, ...] = ("publish",)


def guess(name: str, source: BinaryIO) -> Format:
    """The format by the ending of the name, else by the first sign of the file. Rewinds `source`."""
    ending = PurePath(name).suffix.lower()
    if ending in _BY_ENDING:
        return _BY_ENDING[ending]
    head = source.read(4_000).lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")
    source.seek(0)
    if head.startswith(b"["):
        raise UnreadableFile("This is one JSON array. Write one object a line: jq -c '.[]' FILE > FILE.jsonl")
    if head.startswith(b"{"):
        return Format.JSONL
    if head.startswith(b"<"):
        return Format.WXR
    raise UnreadableFile(f"{name} shows by neither name nor beginning what it is: say --format jsonl, csv or wxr.")


def read(source: BinaryIO, name: str, how: HowToRead) -> Iterator[Record]:
    """The records of a file, one after another. Raises UnreadableFile, perhaps after some records."""
    chosen = how.format or guess(name, source)
    if chosen is Format.WXR:
        return wxr.read(source, post_types=how.post_types, statuses=how.statuses)
    reader: Callable[[BinaryIO, str], Iterator[Record]] = jsonl.read if chosen is Format.JSONL else csv_files.read
    return reader(source, how.encoding or encodings.detect(source))
