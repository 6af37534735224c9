"""Reads JSON Lines: one object a line, each line on its own, so that a bad one hurts no other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO, NoReturn, TextIO

from stories.importing import encodings
from stories.importing.records import LONGEST_TEXT, MOST_KEYS, Record


def read(source: BinaryIO, encoding: str) -> Iterator[Record]:
    """A record for each line that is not blank, numbered from 1."""
    escapes = encoding.startswith("utf-8")
    with encodings.text(source, encoding, errors="surrogateescape" if escapes else "replace", newline="\n") as lines:
        number = 0
        while line := lines.readline(LONGEST_TEXT + 1):
            number += 1
            if len(line) > LONGEST_TEXT:
                _skip_line(lines, line)
                yield Record(number, fault=f"it is longer than {LONGEST_TEXT:,} characters")
            elif not line.isspace():
                yield record(number, line)


def record(number: int, line: str) -> Record:
    """What one line says; bytes that are no UTF-8 stand in it as lone surrogates."""
    if not line.isascii() and (byte := next((sign for sign in line if "\udc80" <= sign <= "\udcff"), "")):
        return Record(number, fault=f"it is not UTF-8 (byte 0x{ord(byte) - 0xDC00:02X}); see --encoding")
    repeated: list[str] = []

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(found)
        if len(made) < len(found):
            seen: set[str] = set()
            repeated.extend(key for key, _ in found if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        return made

    try:
        row = json.loads(line, object_pairs_hook=pairs, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        return Record(number, fault=f"not a line of JSON: {_reason(error)}")
    if not isinstance(row, dict):
        return Record(number, fault="not a JSON object")
    if len(row) > MOST_KEYS:
        return Record(number, fault=f"it has {len(row):,} keys, more than {MOST_KEYS}")
    return Record(number, row, remarks=tuple(_twice(key) for key in dict.fromkeys(repeated)))


def _skip_line(lines: TextIO, line: str) -> None:
    while line and not line.endswith("\n"):
        line = lines.readline(1 << 20)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number in JSON")


def _reason(error: Exception) -> str:
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)


def _twice(key: str) -> str:
    return f"the key {key[:60]!r} comes more than once; the last one was taken"
