"""Reads what a reader asked for in an address. Whatever stands there, something sensible comes out."""

from __future__ import annotations

import re

from flask import request

from stories.text import prose

LONGEST = 200  # of a slug or a tag, in characters
MOST_VALUES = 20  # of one choice
LAST_PAGE = 1_000_000
_DIGITS = re.compile(r"[0-9]+")


def text(name: str, limit: int) -> str:
    """A parameter as one tidy line of at most `limit` characters; empty where there is none."""
    return prose.plain(request.args.get(name, "")[:limit])


def values(name: str) -> tuple[str, ...]:
    """Every value of a repeated parameter, once each, in the order given."""
    given = (prose.plain(value[:LONGEST]) for value in request.args.getlist(name)[:MOST_VALUES])
    return tuple(dict.fromkeys(value for value in given if value))


def whole(raw: str, most: int) -> int | None:
    """A whole number written in digits, `most` where it is beyond that, None where it is no such number."""
    if not _DIGITS.fullmatch(raw):
        return None
    digits = raw.lstrip("0")
    return most if len(digits) > len(str(most)) else min(int(digits or "0"), most)


def page() -> int:
    """The page of a list, counted from 1; a number nobody can mean is the first."""
    return max(1, whole(request.args.get("page", "1"), LAST_PAGE) or 1)
