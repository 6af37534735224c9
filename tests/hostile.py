"""Hostile text, byte for byte, and how it is sent: in the fields of a form, in addresses, in headers."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus

from conftest import shared
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

FEW, MANY = 2, 8  # of each category; SIEGE=all takes every string in the long run


@dataclass(frozen=True)
class Hostile:
    """Something hostile; `raw` is what goes over the wire."""

    id: str
    category: str
    raw: bytes

    @property
    def seen(self) -> str:
        """What a form reads of it: bytes that are no UTF-8 stay percent-encoded, line breaks are one character."""
        text = unquote_plus(quote_plus(self.raw), errors="werkzeug.url_quote")
        return text.replace("\r\n", "\n").replace("\r", "\n")

    @property
    def in_path(self) -> str:
        return quote(self.raw, safe="")

    @property
    def in_header(self) -> str:
        return self.raw.translate(None, b"\r\n\x00").decode("latin-1")[:4_000]


def strings() -> list[Hostile]:
    """Every string, the long ones made by their recipe, and every document."""
    found = [_string(json.loads(line)) for line in shared("hostile_text", "strings.jsonl").read_text().splitlines()]
    documents = sorted(shared("hostile_text", "utf8_documents").iterdir())
    return found + [Hostile(path.name, "document", path.read_bytes()) for path in documents] + json_files()


def json_files() -> list[Hostile]:
    """The files on which parsers of JSON disagree."""
    paths = sorted(shared("hostile_text", "json_parsing").iterdir())
    return [Hostile(path.name, f"json {path.name[:2]}", path.read_bytes()) for path in paths]


def _string(row: dict[str, Any]) -> Hostile:
    recipe = row.get("recipe")
    text = recipe["repeat"] * recipe["count"] if recipe else row["text"]
    return Hostile(row["id"], row["category"], text.encode("utf-8", "surrogatepass"))


def some(strings: list[Hostile]) -> list[Hostile]:
    """The first few of each category."""
    return _first_of_each(strings, FEW)


def many(strings: list[Hostile]) -> list[Hostile]:
    """More of each category, or every string where that is asked for."""
    return strings if os.environ.get("SIEGE") == "all" else _first_of_each(strings, MANY)


def _first_of_each(strings: list[Hostile], count: int) -> list[Hostile]:
    taken: dict[str, list[Hostile]] = {}
    for string in strings:
        taken.setdefault(string.category, []).append(string)
    return [string for group in taken.values() for string in group[:count]]


def post(client: FlaskClient, path: str, fields: dict[str, Any]) -> TestResponse:
    """Send a form whose values may be any bytes; a list is sent value by value."""
    pairs = [(name, one) for name, value in fields.items() for one in (value if isinstance(value, list) else [value])]
    data = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs)
    return client.post(path, data=data, content_type="application/x-www-form-urlencoded")
