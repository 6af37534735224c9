"""Compares the site's front with granian's own WSGI mode, in the same run, on the same small application.

    python bench/server.py [--requests 2000] [--slow 50] [--idle 1000] [--costly 8]

An empty Flask view is asked for by 16 connections, the two servers taking turns: requests a second and processor time
of each, and their ratios. Then both are asked while slow senders and silent connections are open: how many of 100
readers were answered within ten seconds, and how long they took against the same server at rest. Last, a page of 3 ms
is asked for by 16 connections beside readers of a costly address (0.3 s), which has a share of the threads or none:
requests a second, and p99 to p50. Prints JSON lines.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection, HTTPException
from itertools import chain
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from running import free_port  # noqa: E402 - the path comes first

from solidarity.commands.serve import BACKLOG, CONNECTIONS, WORKERS  # noqa: E402

APPLICATION = """
import time
from flask import Flask, request
from solidarity.web.shares import Share
from solidarity.server.front import Front
from solidarity.server.wsgi_adapter import Answer
app = Flask(__name__)
@app.route("/", methods=["GET", "POST"])
def empty():
    return str(len(request.get_data()))
def busy(seconds):
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass
    return ""
app.get("/page")(lambda: busy(0.003))
app.add_url_rule("/api/costly", "costly", lambda: busy(0.3))
front = Front(app, lambda status, path: Answer(status, [], b""), lambda path: 1_000_000)
alike = Front(
    app, lambda status, path: Answer(status, [], b""), lambda path: 1_000_000, lambda method, path: Share.READERS
)
"""
READERS, AT_ONCE = 100, 16
SLOW = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nx"
TICK = os.sysconf("SC_CLK_TCK")


class Server(NamedTuple):
    """One that runs."""

    name: str
    port: int
    pid: int


def main() -> None:
    """Measure, and print a line for each row."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    for name, default in (("requests", 2_000), ("slow", 50), ("idle", 1_000), ("costly", 8)):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        (Path(folder) / "small.py").write_text(APPLICATION)
        front = stack.enter_context(_server(folder, "front", ["rsgi", "small:front"]))
        wsgi = stack.enter_context(_server(folder, "wsgi", ["wsgi", "small:app", "--blocking-threads", "4"]))
        print(json.dumps(_speed(front, wsgi, asked.requests)), flush=True)
        for server in (front, wsgi):
            print(json.dumps(_pressed(server, asked.slow, asked.idle)), flush=True)
        alike = stack.enter_context(_server(folder, "front without shares", ["rsgi", "small:alike"]))
        for costly in sorted({0, 1, asked.costly}):
            for server in (front, alike):
                print(json.dumps(_beside(server, costly, asked.requests // 2)), flush=True)


@contextmanager
def _server(folder: str, name: str, words: list[str]) -> Iterator[Server]:
    port = free_port()
    command = [
        sys.executable, "-m", "granian", "--port", str(port), "--workers", str(WORKERS), "--http", "1", "--no-ws",
        "--log-level", "error", "--http1-header-read-timeout", "10000", "--backlog", str(BACKLOG),
        "--interface", *words,
    ]  # fmt: skip
    if name.startswith("front"):
        command += ["--backpressure", str(CONNECTIONS)]
    process = subprocess.Popen(command, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)})
    while _ask(port, 5.0) is None:
        time.sleep(0.1)
    yield Server(name, port, process.pid)
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:  # threads that read slow bodies do not end
        for child in _children(process.pid):
            os.kill(child, 9)
        process.kill()
        process.wait()


def _speed(front: Server, wsgi: Server, requests: int) -> dict[str, object]:
    """Requests and processor time, the servers alternating; the first round warms up."""
    rounds = [(_round(front, requests // 4), _round(wsgi, requests // 4)) for _ in range(5)][1:]
    speed = statistics.median(ours[0] / theirs[0] for ours, theirs in rounds)
    cpu = statistics.median(ours[1] / theirs[1] for ours, theirs in rounds)
    return {"row": "empty view, front against WSGI", "requests a second": round(speed, 2), "CPU": round(cpu, 2)}


def _beside(server: Server, costly: int, requests: int) -> dict[str, object]:
    """Readers of a page beside readers of a costly address."""
    over = threading.Event()
    others = [threading.Thread(target=_keep_asking, args=(server.port, over)) for _ in range(costly)]
    for other in others:
        other.start()
    begun = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        took = sorted(chain(*pool.map(lambda _: _times(server.port, requests // AT_ONCE), range(AT_ONCE))))
    speed = len(took) / (time.perf_counter() - begun)
    over.set()
    for other in others:
        other.join()
    p50, p99 = took[len(took) // 2], took[len(took) * 99 // 100]
    return {
        "row": f"{server.name}: {costly} costly", "requests a second": round(speed), "p50 ms": round(p50 * 1000),
        "p99 ms": round(p99 * 1000), "p99 to p50": round(p99 / p50, 1),
    }  # fmt: skip


def _keep_asking(port: int, over: threading.Event) -> None:
    while not over.is_set():
        with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            connection.request("GET", "/api/costly")
            connection.getresponse().read()


def _times(port: int, count: int) -> list[float]:
    took = []
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        for _ in range(count):
            begun = time.perf_counter()
            connection.request("GET", "/page")
            connection.getresponse().read()
            took.append(time.perf_counter() - begun)
    return took


def _round(server: Server, requests: int) -> tuple[float, float]:
    before, begun = _processor_seconds(server.pid), time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda _: _stream(server.port, requests // AT_ONCE), range(AT_ONCE)))
    return requests / (time.perf_counter() - begun), _processor_seconds(server.pid) - before + 1 / TICK


def _stream(port: int, count: int) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    for _ in range(count):
        connection.request("GET", "/")
        connection.getresponse().read()
    connection.close()


def _pressed(server: Server, slow: int, idle: int) -> dict[str, object]:
    """Readers beside slow senders and silent connections."""
    rest = [_ask(server.port, 10.0) for _ in range(READERS)]
    address = ("127.0.0.1", server.port)
    with ExitStack() as stack:
        for sent in [b""] * idle + [SLOW] * slow:
            stack.enter_context(socket.create_connection(address, timeout=30)).sendall(sent)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            pressed = list(pool.map(lambda _: _ask(server.port, 10.0), range(READERS)))
    answered = [seconds for seconds in pressed if seconds is not None]
    calm = statistics.median(seconds for seconds in rest if seconds is not None)
    ratio = round(statistics.median(answered) / calm / AT_ONCE, 2) if answered else None
    return {
        "row": f"{server.name}: {slow} slow senders, {idle} silent", "answered": f"{len(answered)} of {READERS}",
        "time of a reader against rest, for each of 16 at once": ratio,
    }  # fmt: skip


def _ask(port: int, patience: float) -> float | None:
    """Seconds for one page, or None where it did not come."""
    begun = time.perf_counter()
    connection = HTTPConnection("127.0.0.1", port, timeout=patience)
    try:
        connection.request("GET", "/")
        connection.getresponse().read()
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()
    return time.perf_counter() - begun


def _children(pid: int) -> list[int]:
    return [int(number) for number in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK + sum(_processor_seconds(child) for child in _children(pid))


if __name__ == "__main__":
    main()
