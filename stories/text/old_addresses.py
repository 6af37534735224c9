"""Addresses of the site a story came from, in one form, so that the same place is found however it is written."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

LONGEST = 500  # characters
_WORDPRESS = {"p", "page_id"}  # WordPress finds a post or a page by these alone
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def normal(address: str) -> str:
    """Path and query of an address: decoded, NFC, the query in order, no slash at the end; `""` for what is none.

    The host is left away: this site stands where the old one stood. A front page without a query is no address of a
    story.
    """
    path, query = _parts(address)
    written = _written(path, query) if path else ""
    return "" if written == "/" or len(written) > LONGEST else written


def asked_for(address: str) -> list[str]:
    """The forms under which `address` may be known, the closest first: what campaigns add to a query is passed over."""
    path, query = _parts(address)
    forms = [_written(path, chosen) for chosen in (query, [p for p in query if p[0] in _WORDPRESS], [])] if path else []
    return [form for form in dict.fromkeys(forms) if form != "/" and len(form) <= LONGEST]


def without_words(address: str) -> str:
    """What is kept of an address whose words are to be destroyed; who knows the address still finds it."""
    return f"sha256:{hashlib.sha256(address.encode()).hexdigest()}"


def _parts(address: str) -> tuple[str, list[tuple[str, str]]]:
    address = address.strip()
    if _CONTROL.search(address):
        return "", []
    try:
        split = urlsplit(address)
        query = sorted(parse_qsl(split.query, keep_blank_values=True, max_num_fields=50))
    except ValueError:
        return "", []
    if split.scheme not in {"", "http", "https"} or not (split.netloc or address.startswith(("/", "?"))):
        return "", []
    path = "/" + re.sub(r"/{2,}", "/", _decoded(split.path)).strip("/")
    return ("", []) if _CONTROL.search(path) else (path, [(_decoded(name), _decoded(value)) for name, value in query])


def _decoded(text: str) -> str:
    return unicodedata.normalize("NFC", unquote(text, errors="replace"))


def _written(path: str, query: list[tuple[str, str]]) -> str:
    return f"{path}?{urlencode(query)}" if query else path
