"""What part of a worker's threads an address may take, so that costly ones never take all of them.

The server asks before a request reaches Flask; see docs/decisions/server.md.
"""

from __future__ import annotations

from enum import Enum

from solidarity.web.db import SAFE_METHODS
from solidarity.web.security import brings_password


class Share(Enum):
    """A name, so many threads in each worker, and so many requests that may wait for one of them."""

    READERS = ("reader", 4, 256)
    SEARCHERS = ("searcher", 2, 64)  # twenty excerpts each
    MACHINES = ("machine", 1, 64)  # a hundred stories at a time, or every address of the site
    WRITERS = ("writer", 4, 64)  # may wait for the lock of the database
    HASHERS = ("hasher", 1, 64)  # forms that may bring a password: a tenth of a second, 64 MB and both cores each


def share_of(method: str, path: str) -> Share:
    """The part for a request."""
    if method not in SAFE_METHODS:
        return Share.HASHERS if brings_password(path) else Share.WRITERS
    first, _, rest = path.removeprefix("/").partition("/")
    if first == "api":
        return Share.READERS if rest.endswith("/suggestions") else Share.MACHINES  # they come while somebody types
    if first.startswith("sitemap"):
        return Share.MACHINES
    return Share.SEARCHERS if rest == "search" else Share.READERS
