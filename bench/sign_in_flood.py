"""What a flood of wrong passwords does to readers and to somebody who saves a story, against the same site at rest.

    python bench/sign_in_flood.py [--loops 12] [--seconds 20]

Starts the sample site without rate limits; so many loops sign in with a wrong password without pause. Prints JSON:
medians and the longest of reading a list and of saving a draft, at rest and in the flood, their ratios, how many wrong
passwords were answered, and how often a look found the database locked.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from running import Site, start  # noqa: E402 - the path comes first
from visitor import Visitor  # noqa: E402

NEW = "/en/my/stories/new"
DRAFT = {"language": "en", "whose": "own", "teller_naming": "anonymous", "title": "Saved", "body": "Words.\n\nMore."}


def main() -> None:
    """Measure at rest and in the flood."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--loops", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=20.0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        site = start(Path(folder) / "instance")
        try:
            rest = _measured(site, asked.seconds)
            stop, counts = threading.Event(), [0] * asked.loops
            threads = [threading.Thread(target=_flood, args=(site, stop, counts, n)) for n in range(asked.loops)]
            for thread in threads:
                thread.start()
            flood = _measured(site, asked.seconds)
            stop.set()
            for thread in threads:
                thread.join()
        finally:
            site.stop()
    for what in ("read a list", "save a draft"):
        calm, pressed = statistics.median(rest[what]), statistics.median(flood[what])
        row = {
            "row": what, "at rest ms": round(calm * 1000), "in the flood ms": round(pressed * 1000),
            "ratio": round(pressed / calm, 1), "longest ms": round(max(flood[what]) * 1000), "times": len(flood[what]),
        }  # fmt: skip
        print(json.dumps(row))
    locked = f"{sum(flood['locked']):.0f} of {len(flood['locked'])}"
    print(json.dumps({"row": "wrong passwords", "a second": round(sum(counts) / asked.seconds, 1), "locked": locked}))


def _measured(site: Site, seconds: float) -> dict[str, list[float]]:
    leader, reader = Visitor(site.url), Visitor(site.url)
    leader.sign_in(*site.sign_in_of("leader"))
    taken: dict[str, list[float]] = {"read a list": [], "save a draft": [], "locked": []}
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        taken["locked"].append(_is_locked(site.instance / "stories.sqlite"))
        taken["read a list"].append(_time(lambda: reader.get("/en/stories")[0] == 200))
        taken["save a draft"].append(_time(lambda: leader.send(NEW, **DRAFT)[0] == 303))
    return taken


def _time(do: Callable[[], bool]) -> float:
    begun = time.perf_counter()
    if not do():
        raise RuntimeError("it was not answered as it should be")
    return time.perf_counter() - begun


def _is_locked(database: Path) -> float:
    with closing(sqlite3.connect(database, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return 1.0
        connection.execute("ROLLBACK")
        return 0.0


def _flood(site: Site, stop: threading.Event, counts: list[int], number: int) -> None:
    stranger = Visitor(site.url)
    while not stop.is_set():
        try:
            stranger.send("/en/account/sign-in", email="moderator@example.org", password="not this one")  # noqa: S106
        except OSError:
            continue
        counts[number] += 1


if __name__ == "__main__":
    main()
