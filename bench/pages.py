"""Measures pages from memory against a raw function that sends the same bytes, and against an empty Flask view.

    python bench/pages.py [--requests 8000] [--rounds 7] [--database URL]

One server with two workers answers three addresses behind the same front: a page that is kept, a function that sends
the same bytes and headers and asks nobody, and an empty Flask view, which the cache is not asked about; a second one
answers the empty view in granian's own WSGI mode. They are asked in turn, by 16 connections and by one, and what counts
is the processor time that a request cost the server: printed are medians over the rounds, and their ratios.
`--database` is an empty PostgreSQL database.
Needs Linux (/proc); prints JSON lines.
"""

from __future__ import annotations

import argparse
import json
import os
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from running import free_port  # noqa: E402 - the path comes first

from solidarity.commands.serve import BACKLOG, WORKERS  # noqa: E402
from stories import database, migrations  # noqa: E402
from stories.models import Base  # noqa: E402

APPLICATION = """
import os
from pathlib import Path
from flask import Flask
from index import engines
from solidarity.server.cached_page import CachedPage
from solidarity.server.front import Front
from solidarity.server.page_cache import PageCache
from solidarity.server.wsgi_adapter import Answer
from solidarity.web.caching import CACHEABLE, Lifetime
from solidarity.web.headers import POLICY
from stories.change_watcher import ChangeWatcher

TEXT = Path(os.environ["TEXT"]).read_bytes()
HEADERS = [
    ("content-type", "text/html; charset=utf-8"), ("cache-control", "public, max-age=0, must-revalidate"),
    ("content-security-policy", POLICY), ("referrer-policy", "same-origin"), ("x-content-type-options", "nosniff"),
    ("cross-origin-opener-policy", "same-origin"), ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), interest-cohort=()"), ("etag", '"a"'),
]
flask = Flask(__name__)
@flask.get("/")
def empty():
    return ""

def site(environ, start):
    if environ["PATH_INFO"] == "/":
        return flask(environ, start)
    environ[CACHEABLE] = Lifetime.UNTIL_A_CHANGE
    start("200 OK", HEADERS)
    return [TEXT]

SAME = CachedPage.of(Answer(200, HEADERS, TEXT)).variant("gzip")

class RawFront(Front):
    async def _answer(self, scope, proto):
        if scope.path == "/raw":
            proto.response_bytes(200, SAME.headers, SAME.body)
        elif scope.path == "/":
            await self._answer_afresh(scope, proto)
        else:
            await super()._answer(scope, proto)

cache = PageCache(ChangeWatcher(os.environ["DATABASE_URL"]), engines.open(os.environ["INDEX"]), 32_000_000)
front = RawFront(site, lambda status, path: Answer(status, [], b""), lambda path: 0, cache=cache)
"""
TICK = os.sysconf("SC_CLK_TCK")


class Measured:
    """An address of a server, and what requests to it cost."""

    def __init__(self, port: int, pid: int, path: str, *headers: str) -> None:
        self.port, self.pid = port, pid
        lines = [f"GET {path} HTTP/1.1", "Host: a", "Accept-Encoding: gzip", *headers]
        self.request = ("\r\n".join(lines) + "\r\n\r\n").encode()
        self.costs: list[float] = []

    def answer(self) -> bytes:
        """One answer."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            connection.sendall(self.request)
            received = connection.recv(65536)
            head, _, body = received.partition(b"\r\n\r\n")
            fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
            length = 0 if head.startswith(b"HTTP/1.1 304") else int(fields.get(b"content-length", b"0"))
            while len(body) < length:
                body += connection.recv(65536)
            return head + b"\r\n\r\n" + body

    def run(self, connections: int, requests: int) -> None:
        """Ask so many times over so many connections, and note the seconds of processor time for each request."""
        size, left = len(self.answer()), requests
        with selectors.DefaultSelector() as selector, ExitStack() as stack:
            for _ in range(connections):
                link = stack.enter_context(socket.create_connection(("127.0.0.1", self.port), timeout=20))
                link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                selector.register(link, selectors.EVENT_READ, [size])
            before = _processor_seconds(self.pid)
            for key in selector.get_map().values():
                key.fileobj.sendall(self.request)  # type: ignore[union-attr]
            while left:
                for key, _ in selector.select():
                    key.data[0] -= len(key.fileobj.recv(262_144))  # type: ignore[union-attr]
                    if key.data[0] <= 0:
                        key.data[0], left = size, left - 1
                        if left > 0:
                            key.fileobj.sendall(self.request)  # type: ignore[union-attr]
                    if left <= 0:
                        break
            self.costs.append((_processor_seconds(self.pid) - before) / requests)

    @property
    def cost(self) -> float:
        """Seconds of processor time for a request, the first round aside."""
        return statistics.median(self.costs[1:])


def main() -> None:
    """Measure, and print a line for each number of connections."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--requests", type=int, default=8_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--database", default="")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = asked.database or f"sqlite:///{folder}/stories.sqlite"
        engine = database.connect(url)
        migrations.upgrade(engine, Base.metadata)
        engine.dispose()
        (Path(folder) / "small.py").write_text(APPLICATION)
        with _server(folder, url, "rsgi", "small:front") as front, _server(folder, url, "wsgi", "small:flask") as wsgi:
            time.sleep(2)  # until the front has seen which build the index is
            for connections in (16, 1):
                print(json.dumps(_compared(front, wsgi, connections, asked.requests, asked.rounds)), flush=True)


def _compared(front: tuple[int, int], wsgi: tuple[int, int], connections: int, requests: int, rounds: int) -> object:
    tag = '"a-gz"'
    pages = {
        "page": Measured(*front, "/page"), "304": Measured(*front, "/page", f"If-None-Match: {tag}"),
        "raw": Measured(*front, "/raw"), "empty": Measured(*front, "/"), "bare": Measured(*wsgi, "/"),
    }  # fmt: skip
    assert pages["page"].answer().partition(b"\r\n\r\n")[2] == pages["raw"].answer().partition(b"\r\n\r\n")[2]
    assert pages["304"].answer().startswith(b"HTTP/1.1 304")
    for _ in range(rounds + 1):
        for name, page in pages.items():
            page.run(connections, requests if name in {"page", "304", "raw"} else requests // 4)
    cost = {name: page.cost for name, page in pages.items()}
    return {
        "connections": connections,
        "microseconds": {name: round(seconds * 1e6) for name, seconds in cost.items()},
        "page to raw function": round(cost["raw"] / cost["page"], 2),
        "page to empty view": round(cost["empty"] / cost["page"], 2),
        "page to empty view in bare WSGI": round(cost["bare"] / cost["page"], 2),
        "304 to empty view": round(cost["empty"] / cost["304"], 2),
    }


@contextmanager
def _server(folder: str, url: str, interface: str, application: str) -> Iterator[tuple[int, int]]:
    """Port and process of a server."""
    port = free_port()
    command = [
        sys.executable, "-m", "granian", "--port", str(port), "--workers", str(WORKERS), "--http", "1", "--no-ws",
        "--log-level", "error", "--backlog", str(BACKLOG), "--interface", interface, application,
    ]  # fmt: skip
    env = {
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": url,
        "INDEX": f"whoosh:{folder}/index",
        "TEXT": str(ROOT / "docs" / "operating.md"),
    }
    process = subprocess.Popen(command, cwd=folder, env={**os.environ, **env})
    try:
        for _ in range(300):
            try:
                Measured(port, process.pid, "/").answer()
                break
            except OSError:
                time.sleep(0.1)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(timeout=30)


def _children(pid: int) -> list[int]:
    return [int(number) for number in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _processor_seconds(pid: int) -> float:
    """Of a process, its threads and its children, to the nanosecond."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    spent = sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)
    return spent / 1e9 + sum(_processor_seconds(child) for child in _children(pid))


if __name__ == "__main__":
    main()
