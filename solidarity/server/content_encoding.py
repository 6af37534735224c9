"""Which compression a reader takes, and the compressing."""

from __future__ import annotations

import zlib
from functools import lru_cache

import brotli

IDENTITY, GZIP, BROTLI = "", "gzip", "br"
PREFERRED = (BROTLI, GZIP)  # the smallest first
FAST, SMALL = 5, 11  # qualities of brotli: while a reader waits, and later

_TEXTS = ("text/", "application/json", "application/xml", "application/javascript", "image/svg+xml")
_WORTH = 500  # bytes from which compressing saves a packet


def is_worth_it(content_type: str, size: int) -> bool:
    """Whether a body gets smaller by compressing."""
    return size >= _WORTH and content_type.startswith(_TEXTS)


def gzipped(body: bytes) -> bytes:
    """With level 6, and without a time in it: the same bytes each time."""
    packer = zlib.compressobj(6, wbits=31)
    return packer.compress(body) + packer.flush()


def gunzipped(body: bytes) -> bytes:
    """What was gzipped."""
    return zlib.decompress(body, wbits=31)


def brotli_compressed(body: bytes, quality: int) -> bytes:
    """With brotli. Other threads go on meanwhile."""
    return bytes(brotli.compress(body, quality=quality))


@lru_cache(maxsize=512)
def chosen(accepted: str) -> str:
    """The encoding to send for an Accept-Encoding header (RFC 9110, 12.5.3); what is not compressed is always taken."""
    weights = {}
    for part in accepted.lower().split(","):
        name, _, parameters = part.partition(";")
        weights[name.strip()] = _weight(parameters)
    anything = weights.get("*", 0.0)
    best = max(PREFERRED, key=lambda name: weights.get(name, anything))  # of two that are equal the first
    weight = weights.get(best, anything)
    return best if weight > 0 and weight >= weights.get("identity", 0.0) else IDENTITY


def _weight(parameters: str) -> float:
    name, _, value = parameters.partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0
