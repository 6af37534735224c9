"""A whole public answer, ready to be sent: compressed in each way, with the headers of each, and "not modified"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from solidarity.server import content_encoding
from solidarity.server.content_encoding import BROTLI, FAST, GZIP, IDENTITY, SMALL
from solidarity.server.wsgi_adapter import Answer, Headers

_OVERHEAD = 3_000  # bytes of headers, names and tables of a page
_UNCHANGED = frozenset({"cache-control", "vary"})  # what a 304 says beside the ETag (RFC 9110, 15.4.5)
_OURS = frozenset({"content-length", "etag", "vary", "date", "accept-ranges", "last-modified"})


@dataclass(frozen=True)
class Variant:
    """The page in one encoding. `unchanged`: for each ETag that means these words, the headers of a 304."""

    headers: Headers
    body: bytes
    unchanged: dict[str, Headers]

    def unchanged_since(self, known: str) -> Headers | None:
        """The headers of a 304 for an If-None-Match, or None where the reader has another page."""
        if (found := self.unchanged.get(known)) is not None:
            return found
        if known.strip() == "*":
            return next(iter(self.unchanged.values()))
        tags = (tag.strip().removeprefix("W/") for tag in known.split(","))
        return next((self.unchanged[tag] for tag in tags if tag in self.unchanged), None)


class CachedPage:
    """Made by `of`. `sent` counts how often it was sent."""

    def __init__(self, etag: str, headers: Headers) -> None:
        self._etag, self._headers = etag, headers
        self._variants: dict[str, Variant] = {}
        self.sent = 0

    @classmethod
    def of(cls, answer: Answer) -> CachedPage | None:
        """The page of an answer; None for one that is not the same for everyone, whoever said that it may be kept."""
        said = dict(answer.headers)
        etag, vary = said.get("etag", ""), said.get("vary", "accept-encoding").lower()
        if answer.status != 200 or "set-cookie" in said or vary != "accept-encoding" or not etag.startswith('"'):
            return None
        headers = [pair for pair in answer.headers if pair[0] not in _OURS]
        page = cls(etag.strip('"'), [*headers, ("vary", "Accept-Encoding")])
        page._pack(answer.body, said.get("content-type", ""))
        return page

    def _pack(self, body: bytes, content_type: str) -> None:
        if content_encoding.is_worth_it(content_type, len(body)):
            self._add(GZIP, content_encoding.gzipped(body), "gz")
            self._add(BROTLI, content_encoding.brotli_compressed(body, FAST), f"br{FAST}")
        else:
            self._add(IDENTITY, body, "")

    def _add(self, encoding: str, body: bytes, mark: str, *before: str) -> None:
        """Keep the page in an encoding; `before`: marks of other bytes that mean the same and that readers may have."""
        self._variants[encoding] = self._variant(encoding, body, mark, *before)

    def _variant(self, encoding: str, body: bytes, *marks: str) -> Variant:
        tags = [f'"{self._etag}-{mark}"' if mark else f'"{self._etag}"' for mark in marks]
        said = [("content-encoding", encoding)] if encoding else []
        same = [pair for pair in self._headers if pair[0] in _UNCHANGED]
        return Variant(
            [*self._headers, *said, ("etag", tags[0]), ("content-length", str(len(body)))],
            body,
            {tag: [("etag", tag), *same] for tag in tags},
        )

    @property
    def size(self) -> int:
        """About how many bytes of memory it takes."""
        return sum(len(variant.body) for variant in self._variants.values()) + _OVERHEAD

    def variant(self, accepted: str) -> Variant:
        """The page as a reader with this Accept-Encoding gets it."""
        found = self._variants.get(content_encoding.chosen(accepted)) or self._variants.get(IDENTITY)
        return found or self._variant(IDENTITY, self._plain, "")

    def send(self, scope: Any, proto: Any) -> None:
        """Answer a GET or a HEAD (RSGI)."""
        self.sent += 1
        variant = self.variant(scope.headers.get("accept-encoding", ""))
        known = scope.headers.get("if-none-match")
        if known is not None and (unchanged := variant.unchanged_since(known)) is not None:
            proto.response_empty(304, unchanged)
        elif scope.method == "HEAD":
            proto.response_empty(200, variant.headers)
        else:
            proto.response_bytes(200, variant.headers, variant.body)

    @property
    def _plain(self) -> bytes:
        """The body. It is kept compressed, for there is hardly a browser that asks for it otherwise."""
        return content_encoding.gunzipped(self._variants[GZIP].body)

    def shrink(self) -> None:
        """Compress anew and more slowly; what readers have already stays good."""
        if BROTLI not in self._variants:
            return
        smaller = content_encoding.brotli_compressed(self._plain, SMALL)
        if len(smaller) < len(self._variants[BROTLI].body):
            self._add(BROTLI, smaller, f"br{SMALL}", f"br{FAST}")
