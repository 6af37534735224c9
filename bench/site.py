"""Measures pages of the running site against an empty Flask view on the same server, in the same run.

    python bench/site.py [--stories FILE.jsonl ...] [--requests 400]

Starts the site in a folder of its own with the sample stories (and any files named), and beside it a Flask application
with one empty view, both behind the front on granian. Asks each page in turn, the two servers
alternating, and prints for each the median time of a request, the processor time it cost the server, and the ratio to
the empty view of the same run: trust the ratios, not the times. Also measures how long it takes from a moderator's
approval until a search finds the story. Needs Linux (/proc); prints one JSON line a row.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import factories as make  # noqa: E402
import sqlalchemy  # noqa: E402 - the path comes first
from running import Site, free_port, run_flask, start  # noqa: E402
from sqlalchemy.orm import Session  # noqa: E402
from visitor import Visitor  # noqa: E402

from stories import database  # noqa: E402
from stories.errors import Refused  # noqa: E402
from stories.text import prose  # noqa: E402
from stories.workflow import State  # noqa: E402

EMPTY = """
from flask import Flask
from solidarity.server.front import Front
from solidarity.server.wsgi_adapter import Answer
app = Flask(__name__)
@app.get("/")
def empty():
    return ""
front = Front(app, lambda status, path: Answer(status, [], b""), lambda path: 0)
"""
TICK = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Measure, and print a line for each row."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        site = start(Path(folder) / "instance", PAGE_CACHE_MB="0")  # afresh: bench/pages.py measures pages from memory
        for file in arguments.stories:
            run_flask(site.instance, "stories", "import", str(file))
        empty, address = _empty_server(Path(folder))
        try:
            for name, path, headers in _pages(site):
                _print(_compare(name, (site.process, site.url, path, headers), (empty, address, "/", {}), arguments))
            _print(_approval_to_findable(site, 20))
            _print(_worst_text())
        finally:
            empty.terminate()
            site.stop()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--stories", type=Path, nargs="*", default=[])
    parser.add_argument("--requests", type=int, default=400)
    return parser.parse_args()


def _empty_server(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    (folder / "empty.py").write_text(EMPTY)
    port = free_port()
    command = [
        sys.executable, "-m", "granian", "--interface", "rsgi", "--http", "1", "--port", str(port), "--workers", "2",
        "--no-ws", "--log-level", "warning", "empty:front",
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)})
    for _ in range(100):
        try:
            Visitor(f"http://127.0.0.1:{port}").get("/")
            break
        except OSError:
            time.sleep(0.1)
    return process, f"http://127.0.0.1:{port}"


def _pages(site: Site) -> list[tuple[str, str, dict[str, str]]]:
    """What is measured: a name, a path and the headers a browser sends."""
    visitor = Visitor(site.url)
    story = json.loads(visitor.get("/api/v1/stories?per_page=1")[1])["stories"][0]["url"]
    etag = _ask(http.client.HTTPConnection(site.url[7:]), story, {})[1] or ""
    return [
        ("story", story, {}),
        ("story, not modified", story, {"If-None-Match": etag}),
        ("home", "/en/", {}),
        ("list", "/en/stories", {}),
        ("search, common word", "/en/search?q=the+people", {}),
        ("search, rare word", "/en/search?q=tablecloth", {}),
        ("search, JSON", "/api/v1/search?q=people", {}),
        ("sign-in form", "/en/account/sign-in", {}),
    ]


Asked = tuple[subprocess.Popen[bytes], str, str, dict[str, str]]


def _compare(name: str, ours: Asked, theirs: Asked, arguments: argparse.Namespace) -> dict[str, object]:
    rounds = [(_measure(*ours, arguments.requests // 4), _measure(*theirs, arguments.requests // 4)) for _ in range(5)][
        1:
    ]
    ms, cpu = (statistics.median(ours[field] for ours, _ in rounds) for field in (0, 1))
    ratio, share = (
        statistics.median(theirs[field] / max(ours[field], 1e-4) for ours, theirs in rounds) for field in (0, 1)
    )
    return {
        "page": name, "p50 ms": round(ms, 2), "CPU ms": round(cpu, 2),
        "speed against empty view": round(ratio, 3), "CPU against empty view": round(share, 3),
    }  # fmt: skip


def _measure(
    process: subprocess.Popen[bytes], url: str, path: str, headers: dict[str, str], count: int
) -> tuple[float, float]:
    """Median milliseconds a request, and the server's processor milliseconds a request."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"))
    before, times = _processor_seconds(process.pid), []
    for _ in range(count):
        started = time.perf_counter()
        _ask(connection, path, headers)
        times.append(time.perf_counter() - started)
    spent = _processor_seconds(process.pid) - before
    return statistics.median(times) * 1000, spent / count * 1000


def _ask(connection: http.client.HTTPConnection, path: str, headers: dict[str, str]) -> tuple[int, str | None]:
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status, answer.getheader("ETag")


def _processor_seconds(pid: int) -> float:
    """Seconds of processor time of a process and its children, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return (int(fields[11]) + int(fields[12])) / TICK + sum(_processor_seconds(int(child)) for child in children)


def _approval_to_findable(site: Site, count: int) -> dict[str, object]:
    """Milliseconds from sending an approval until it is answered, and how many were findable at once."""
    engine = database.prepare(sqlalchemy.create_engine(f"sqlite:///{site.instance / 'stories.sqlite'}"))
    with database.writing(), Session(engine) as session:
        leader = make.person(session)
        stories = [make.story_in(session, State.SUBMITTED, by=leader, title=f"Quillwort {n}") for n in range(count)]
        session.commit()
        waiting = [(story.id, str(story.newest_revision.id)) for story in stories]
    engine.dispose()
    moderator, times, found = Visitor(site.url), [], 0
    moderator.sign_in(*site.sign_in_of("moderator"))
    for number, (story, revision) in enumerate(waiting, start=1):
        page = f"/en/moderating/stories/{story}"
        moderator.send(page, f"{page}/review", revision=revision)
        moderator.get(page)
        started = time.perf_counter()
        moderator.send(page, f"{page}/approval", revision=revision, when="now")
        times.append((time.perf_counter() - started) * 1000)
        found += json.loads(moderator.get("/api/v1/search?q=quillwort")[1])["total"] == number
    return {
        "approval": count,
        "p50 ms": round(statistics.median(times), 1),
        "max ms": round(max(times), 1),
        "findable at once": found,
    }


def _worst_text() -> dict[str, object]:
    """Processor seconds of the dearest texts that the limits let in."""
    worst = [
        "<p>x</p>", "<p>x", "<li>x", "<dd>x", "<p lang=a>x", "<b>x</b>", "<b a b c>x</b>", "x<br>", "&amp;x", "&x;",
        "<i><u>x</u></i>", "<a href='https://a.b'>x</a>", "<h2>x</h2>", "<blockquote>x</blockquote>", "<div>x</div>",
        "<table><tr><td>x</table>", "<ul><li>x</ul>", "<p><b>x</b>", "word ",
    ]  # fmt: skip
    counts = (20_000, 10_000, 6_660, 5_000, 2_000, 1_400)
    seconds = [_seconds(unit * count) for unit in worst for count in counts]
    accepted = [second for second in seconds if second is not None]
    return {"worst accepted texts": len(accepted), "max CPU s": round(max(accepted), 2)}


def _seconds(raw: str) -> float | None:
    started = time.process_time()
    try:
        prose.body_from_html(raw)
    except Refused:
        return None
    return time.process_time() - started


def _print(row: dict[str, object]) -> None:
    print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
