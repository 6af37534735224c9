"""A small WSGI application behind a real front with a real cache, which granian runs for `test_page_cache.py`."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Iterable
from typing import Any

from index import engines
from solidarity.server.front import Front
from solidarity.server.page_cache import PageCache
from solidarity.server.wsgi_adapter import Answer
from solidarity.web.caching import CACHEABLE, Lifetime
from stories.change_watcher import ChangeWatcher

made = itertools.count(1)


def site(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """Answer with the number of the answer, so that it shows which were made and which were kept."""
    path = environ["PATH_INFO"]
    more, status, lifetime = [], "200 OK", Lifetime.UNTIL_A_CHANGE
    match path.split("/")[1]:
        case "slow":
            time.sleep(0.5)
        case "private":
            lifetime = Lifetime.NONE
        case "cookie":
            more = [("Set-Cookie", "a=1")]
        case "varied":
            more = [("Vary", "Accept-Language")]
        case "missing":
            status = "404 Not Found"
        case "asset":
            lifetime = Lifetime.PROCESS
    if CACHEABLE in environ:
        environ[CACHEABLE] = lifetime
    number = next(made)
    start(status, [("Content-Type", "text/plain"), ("ETag", f'"{number}"'), ("Cache-Control", "public"), *more])
    return [f"{number} ".encode(), b"words " * (300_000 if path == "/long" else 300)]


front = Front(
    site,
    lambda status, path: Answer(status, [], b""),
    lambda path: 1_000,
    cache=PageCache(ChangeWatcher(os.environ["DATABASE_URL"]), engines.open(os.environ["INDEX"]), 4_000_000),
)
