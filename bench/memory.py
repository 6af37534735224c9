"""Measures what a running site holds in memory, process by process, and what it costs to start.

    python bench/memory.py INSTANCE [--requests 400]

INSTANCE is the folder of a site that is not running (`bench/fill.py` fills one). The site is started on it as an
operator would. Printed, as JSON lines: the processor time of all its processes until `/readyz` says that it is ready;
then the memory of each process, once at rest and once after `--requests` readers, each of another page. Pss divides
what processes share among them, Pss_Anon is that without files, Private_Dirty what is shared with nobody.
Needs Linux (/proc).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from running import Site, start  # noqa: E402 - the path comes first
from visitor import Visitor  # noqa: E402

REST = 8.0  # seconds: two rounds of the worker loop
PAGES = (
    "/en/",
    "/en/stories",
    "/en/themes",
    "/en/guides",
    "/en/search?q=people",
    "/en/search?q=the+people",
    "/api/v1/stories",
)
TICK = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Start, look, ask, look again."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("instance", type=Path)
    parser.add_argument("--requests", type=int, default=400)
    wanted = parser.parse_args()
    site = start(wanted.instance, "--empty")
    try:
        print(
            json.dumps({"start to ready, CPU s": round(sum(map(_processor_seconds, _everybody(site.process.pid))), 2)})
        )
        time.sleep(REST)
        _print_memory(site, "at rest")
        _read(site, wanted.requests)
        time.sleep(REST)
        _print_memory(site, "after requests")
    finally:
        site.stop()


def _read(site: Site, requests: int) -> None:
    """Ask for lists, searches and as many stories as are wanted, on new connections: every worker takes some."""
    stories = re.findall(r"<loc>([^<]+/stories/[^<]+)</loc>", Visitor(site.url).get("/sitemap-stories-1.xml")[1])
    paths = [*PAGES * 2, *(urlsplit(address).path for address in stories)]
    for path in paths[:requests]:
        Visitor(site.url).get(path)


def _print_memory(site: Site, when: str) -> None:
    rows = [(_name(pid), _memory(pid)) for pid in _everybody(site.process.pid)]
    for name, memory in rows:
        print(json.dumps({"when": when, "process": name, **memory}))
    total = {kind: round(sum(memory[kind] for _, memory in rows), 1) for kind in rows[0][1]}
    print(json.dumps({"when": when, "process": "whole site", **total}), flush=True)


def _memory(pid: int) -> dict[str, float]:
    """Megabytes."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    kilobytes = {name: int(size.split()[0]) for name, _, size in (line.partition(":") for line in lines)}
    return {f"{name} MB": round(kilobytes[name] / 1024, 1) for name in ("Pss", "Pss_Anon", "Private_Dirty")}


def _name(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text().strip()


def _everybody(pid: int) -> Iterator[int]:
    """A process and all that it and they started."""
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from _everybody(int(child))


def _processor_seconds(pid: int) -> float:
    """Of a process, and of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) / TICK


if __name__ == "__main__":
    main()
