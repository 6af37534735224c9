"""A small WSGI application behind a real front, which granian runs for `test_front.py`."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from solidarity.server.front import Front
from solidarity.server.request_body import Bodies
from solidarity.server.wsgi_adapter import Answer
from solidarity.web.shares import Share, share_of

GRACE = 1.0
MOST_BYTES = 4_000_000
PLAIN = [("Content-Type", "text/plain")]

released = threading.Event()
held: list[str] = []  # addresses that are being worked on until `/release`


def site(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """Show what arrived, or do what the path says."""
    match environ["PATH_INFO"]:
        case "/cookies":
            start(
                "200 OK",
                [*PLAIN, ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-Name", "Lānai".encode().decode("latin-1"))],
            )
            return [b"two"]
        case "/broken":
            raise RuntimeError("on purpose")
        case "/breaks-late":
            start("200 OK", PLAIN)
            return _breaking()
        case "/long":
            start("200 OK", PLAIN)
            return (b"x" * 100_000 for _ in range(50))
        case "/waits" | "/waits-to-hash":
            time.sleep(2.0)
        case "/api/hold" | "/en/search" | "/held" | "/release" as path:
            start("200 OK", PLAIN)
            return [json.dumps(_holding(path)).encode()]
        case "/nothing":
            start("204 No Content", [])
            return []
    start("200 OK", PLAIN)
    return [json.dumps(_shown(environ)).encode()]


def _holding(path: str) -> list[str]:
    """What is being worked on; `/held` and `/release` answer at once, others when they are released."""
    if path == "/release":
        released.set()
    elif path != "/held":
        held.append(path)
        released.wait(60.0)
    return sorted(held)


def _breaking() -> Iterator[bytes]:
    yield b"x" * 2_000_000
    raise RuntimeError("on purpose")


def _shown(environ: dict[str, Any]) -> dict[str, Any]:
    body = environ["wsgi.input"].read()
    shown = {name: value for name, value in environ.items() if isinstance(value, str)}
    return {**shown, "body": body.decode("latin-1") if len(body) < 100 else len(body)}


def _refusal(status: int, path: str) -> Answer:
    return Answer(status, [("content-type", "text/plain")], f"refused {status} {path}".encode())


front = Front(
    site,
    _refusal,
    lambda path: 100 if path.startswith("/small") else 10_000_000,
    lambda method, path: Share.HASHERS if path.endswith("-hash") else share_of(method, path),
    Bodies(grace=GRACE, most_bytes=MOST_BYTES),
)
