"""Reads the YAML head of a Markdown text as far as it is keys and values; a head that is more is refused.

Static sites write title, date and tags there. Nested values, anchors and the like never become text of a story.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from stories.importing.records import BadLine

_HEAD = re.compile(r"\s*---[ \t]*\n(?=\S)(.*?)^(?:---|\.\.\.)[ \t]*$\n?", re.DOTALL | re.MULTILINE)
_KEY = re.compile(r"([^\s:#'\"\[\]{}&*!|>%@`-][^:#]{0,99}?)[ \t]*:(?:[ \t]+(.*))?")
_ENTRY = re.compile(r"[ \t]*-[ \t]+(.*)")
_LONGEST = 20_000


class Split(NamedTuple):
    """The values of a head, and the text behind it."""

    head: dict[str, str | list[str]]
    text: str


def split(text: str) -> Split:
    """Head and text apart; a text that begins with a mere line has none. Raises BadLine for a head of more kinds."""
    text = text.replace("\r\n", "\n")
    found = _HEAD.match(text) if text.lstrip().startswith("---") else None
    lines = [line for line in found[1].split("\n") if line.strip()] if found and len(found[1]) < _LONGEST else []
    if found is None or not lines or not _KEY.fullmatch(lines[0]):
        return Split({}, text)
    return Split(_values(lines), text[found.end() :])


def _values(lines: list[str]) -> dict[str, str | list[str]]:
    values: dict[str, str | list[str]] = {}
    key = ""
    for line in lines:
        if line.lstrip().startswith("#"):
            continue
        entry, pair = _ENTRY.fullmatch(line), _KEY.fullmatch(line)
        if pair:
            key = pair[1]
            values[key] = _value(pair[2] or "")
        elif (entry and key and values[key] in ("", [])) or (entry and isinstance(values.get(key), list)):
            values[key] = [*(values[key] or []), _scalar(entry[1])]
        else:
            raise BadLine(f"the YAML head of its text is more than keys and values: {line.strip()[:60]!r}")
    return values


def _value(written: str) -> str | list[str]:
    written = written.strip()
    if written.startswith("[") and written.endswith("]"):
        return [entry for part in written[1:-1].split(",") if (entry := _scalar(part))]
    return _scalar(written)


def _scalar(written: str) -> str:
    written = written.strip()
    if len(written) > 1 and written[0] == written[-1] and written[0] in "'\"":
        return written[1:-1]
    if written[:1] in {"|", ">", "&", "*", "!", "{", "["}:
        raise BadLine(f"the YAML head of its text is more than keys and values: {written[:60]!r}")
    return re.sub(r"[ \t]+#.*", "", written)
