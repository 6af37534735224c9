"""Reads CSV as spreadsheets and online forms write it: with commas, semicolons or tabs, in UTF-8 or UTF-16."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any, BinaryIO, TextIO

from stories.importing import encodings
from stories.importing.records import LONGEST_TEXT, MOST_KEYS, BodyFormat, Record, UnreadableFile

_DELIMITERS = ",;\t|"


def read(source: BinaryIO, encoding: str) -> Iterator[Record]:
    """A record for each row that is not blank, by the headings of the first; `line` is where the row begins."""
    encodings.check(source, encoding)
    csv.field_size_limit(LONGEST_TEXT)
    with encodings.text(source, encoding) as text:
        lines = _lines(text)
        delimiter, first = _delimiter(lines)
        rows = csv.reader(_again(first, lines), delimiter=delimiter, strict=True)
        yield from _records(rows, before=1 if first == "" else 0)


def _records(rows: Any, before: int) -> Iterator[Record]:
    headings: list[str] = []
    start = before + 1
    while True:
        try:
            row = next(rows, None)
        except csv.Error as error:
            raise UnreadableFile(_broken(error, start, rows.line_num + before)) from error
        if row is None:
            return
        if any(cell.strip() for cell in row):
            if headings:
                yield _record(start, headings, row)
            else:
                headings = _headings(row)
        start = rows.line_num + before + 1


def _record(line: int, headings: list[str], row: list[str]) -> Record:
    more = [cell for cell in row[len(headings) :] if cell.strip()]
    if more:
        fault = f"it has {len(row)} cells under {len(headings)} headings; is a quotation mark missing?"
        return Record(line, fault=fault)
    values: dict[str, str] = {}
    remarks = []
    for heading, cell in zip(headings, row, strict=False):
        if values.get(heading) and cell.strip():
            remarks.append(f"the column {heading[:60]!r} comes more than once; the last one was taken")
        if cell.strip() or heading not in values:
            values[heading] = cell
    return Record(line, values, BodyFormat.TEXT, tuple(remarks))


def _headings(row: list[str]) -> list[str]:
    while row and not row[-1].strip():
        row.pop()
    if len(row) > MOST_KEYS:
        raise UnreadableFile(f"The first row has {len(row):,} columns, more than {MOST_KEYS}.")
    named = [heading.strip() or f"(column {number})" for number, heading in enumerate(row, start=1)]
    if len(named) == 1:
        raise UnreadableFile("The first row has one column only; headings are parted by , ; | or tabs.")
    return named


def _lines(text: TextIO) -> Iterator[str]:
    number = 1
    while line := text.readline(LONGEST_TEXT + 1):
        if len(line) > LONGEST_TEXT:
            raise UnreadableFile(f"Line {number} is longer than {LONGEST_TEXT:,} characters.")
        yield line
        number += 1


def _delimiter(lines: Iterator[str]) -> tuple[str, str]:
    """What parts the cells, and the first line to read; Excel may say it in a line of its own, which is eaten."""
    first = next(lines, "")
    said = first.strip().lower()
    if said.startswith("sep=") and len(first.strip("\r\n")) == 5:
        return first[4], ""
    outside = "".join(first.split('"')[::2])
    return max(_DELIMITERS, key=outside.count), first


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    if first:
        yield first
    yield from rest


def _broken(error: csv.Error, start: int, line: int) -> str:
    if "field larger than" in str(error):
        return f"A cell of the row that begins in line {start} does not end: is a quotation mark missing there?"
    if "unexpected end" in str(error):
        return f"The file ends inside the row that begins in line {start}: is a quotation mark missing there?"
    return f"Line {line} is no line of CSV: {error}."
