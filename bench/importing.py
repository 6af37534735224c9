"""Measures an import, a rebuild of the index and its checks: seconds, processor seconds and memory of all processes.

    python bench/importing.py [--stories 10000] [--source ../shared/data/stories]

Makes a file of so many stories (paragraphs of `../shared/data/stories` recombined to 200 to 1,500 words, nine
languages, the same for the same number), and brings it into an empty site in a folder of its own with the commands that
operators use. Memory is the highest sum of PSS over a command's processes, looked at ten times a second. Needs Linux
(/proc); prints one JSON line a command.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT)]

from corpus import MIX, NAMES, SEED, Zipf, name  # noqa: E402 - the path comes first
from fill import paragraphs  # noqa: E402

COMMANDS = (("index", "check"), ("index", "check", "--deep"), ("index", "rebuild"))


def main() -> None:
    """Measure, and print a line for each command."""
    wanted = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "stories.jsonl"
        with file.open("w", encoding="utf-8") as lines:
            for record in records(wanted.stories, wanted.source):
                lines.write(json.dumps(record, ensure_ascii=False) + "\n")
        site = {"INSTANCE_PATH": str(Path(folder) / "instance"), "SAMPLES": "no"}
        _measured(site, "db", "upgrade")
        for command in (("stories", "import", str(file)), *COMMANDS):
            row = _measured(site, *command)
            print(json.dumps({"command": " ".join(command[:2] + command[2:] * (command in COMMANDS)), **row}))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--stories", type=int, default=10_000)
    parser.add_argument("--source", type=Path, default=ROOT.parent / "shared" / "data" / "stories")
    return parser.parse_args()


def records(count: int, source: Path) -> Iterator[dict[str, Any]]:
    """Lines of a file to import, each a story of its own."""
    pools, chance, names = paragraphs(source), random.Random(SEED), Zipf(NAMES)
    for number in range(count):
        language = chance.choices(list(MIX), list(MIX.values()))[0]
        teller = name(names.draw(chance)).title()
        yield {
            "source_id": f"made-{number}",
            "language": language,
            "title": next(_text(pools[language], language, 1, chance))[:70].strip(),
            "body": "\n\n".join(_text(pools[language], language, chance.randint(200, 1500), chance)),
            "attribution": f"Told by {teller}",
            "licence": "CC BY 4.0",
            "teller_name": teller,
            "themes": [f"Theme {chance.randrange(20)}"],
            "organisation": f"Organisation {chance.randrange(60)}",
            "place": f"{name(chance.randrange(180)).title()}, Hawaiʻi",
        }


def _text(pool: list[str], language: str, wanted: int, chance: random.Random) -> Iterator[str]:
    """Paragraphs of about so many words in all."""
    while wanted > 0:
        paragraph = chance.choice(pool)
        yield paragraph
        wanted -= len(paragraph) // 2 if language in {"zh", "km"} else len(paragraph.split())


def _measured(site: dict[str, str], *command: str) -> dict[str, float]:
    before, began, most = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic(), 0
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", *command], cwd=ROOT, env={**os.environ, **site}, stdout=subprocess.DEVNULL
    )
    while process.poll() is None:
        most = max(most, sum(map(_pss, _tree(process.pid))))
        time.sleep(0.1)
    assert process.returncode == 0, f"{' '.join(command)} ended with {process.returncode}"
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"s": round(time.monotonic() - began, 1), "CPU s": round(spent, 1), "MB": most // 1024}


def _tree(number: int) -> list[int]:
    """A process and all below it."""
    try:
        children = [
            int(child)
            for task in Path(f"/proc/{number}/task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    except OSError:  # it has ended
        return []
    return [number, *(each for child in children for each in _tree(child))]


def _pss(number: int) -> int:
    """Kilobytes of memory that are a process's own, or its share of what it shares."""
    try:
        lines = Path(f"/proc/{number}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


if __name__ == "__main__":
    main()
