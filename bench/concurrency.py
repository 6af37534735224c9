"""What searching costs while stories come in: commits, merges, readers beside a writer, memory of a worker."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from bench.compared_engines import Site
from bench.corpus import Story
from bench.queries import Queries
from index import engines
from index.engines.base import Search, Term

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 6.0
COMMITS = 80

Row = dict[str, object]


def _copy(home: Path, folder: Path) -> Path:
    """A copy of our index that may be written to."""
    copy = folder / "pressed"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(home / "site", copy)
    return copy


def commits(home: Path, folder: Path, stories: Iterable[Story]) -> Iterator[Row]:
    """One story approved, again and again: CPU of the commit, of another process's refresh; then the merge."""
    path = _copy(home, folder)
    writer, reader = engines.open(path), engines.open(path)
    reader.search(Search(Term("a")))
    entries = [story._replace(key=f"new:{n}").entry() for n, story in enumerate(islice(stories, COMMITS))]
    commit, refresh = [], []
    for entry in entries:
        after = writer.cursor()
        commit.append(_cpu(lambda entry=entry, after=after: writer.apply([entry], [], after + 1, after=after)))
        refresh.append(_cpu(reader.cursor))
    yield {"row": "commit, CPU ms", "p50": _ms(commit), "p95": _ms(commit, 0.95)}
    yield {"row": "refresh, CPU ms", "p50": _ms(refresh), "p95": _ms(refresh, 0.95)}
    writer.apply([], [entries[0].key], after + 2, after=after + 1)
    writer.apply([], ["story:0000001"], after + 3, after=after + 2)
    count = writer.count()
    yield {"row": "merge of everything, CPU ms a story", "value": _cpu(writer.purge) * 1000 / count}


def _cpu(work: Any) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _ms(seconds: list[float], part: float = 0.5) -> float:
    return sorted(seconds)[int(len(seconds) * part)] * 1000


def readers_and_writer(home: Path, folder: Path, drawn: Queries) -> Iterator[Row]:
    """Two readers alone, then beside a writer that commits without pause while another process merges."""
    path, terms = _copy(home, folder), [terms for kind in ("or 4", "facets") for terms in drawn[kind]]
    alone = _readers(path, terms)
    yield {"row": "two readers, questions a second", "value": sum(alone)}
    stop, waited = multiprocessing.Event(), multiprocessing.Queue()
    others = [
        multiprocessing.Process(target=_write, args=(path, terms, stop, waited)),
        multiprocessing.Process(target=_tend, args=(path, stop)),
    ]
    for other in others:
        other.start()
    beside = _readers(path, terms)
    stop.set()
    walls = waited.get()
    for other in others:
        other.join()
    yield {"row": "the same beside a writer", "value": sum(beside), "share": sum(beside) / sum(alone)}
    yield {"row": "commit beside two readers, wall ms", "p50": _ms(walls), "p95": _ms(walls, 0.95), "of": len(walls)}


def _readers(path: Path, terms: list[list[str]]) -> list[float]:
    answered: multiprocessing.Queue[float] = multiprocessing.Queue()
    readers = [multiprocessing.Process(target=_read, args=(path, terms, answered)) for _ in range(2)]
    for reader in readers:
        reader.start()
    rates = [answered.get() for _ in readers]
    for reader in readers:
        reader.join()
    return rates


def _read(path: Path, terms: list[list[str]], answered: Any) -> None:
    site, count = Site(path.parent), 0
    site.engine = engines.open(path)
    site.ask("or 4", terms[0])
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        site.ask(("facets", "or 4")[count % 2], terms[count % len(terms)])
        count += 1
    answered.put(count / SECONDS)


def _write(path: Path, terms: list[list[str]], stop: Any, waited: Any) -> None:
    engine, walls, number = engines.open(path), [], 0
    text = [term for some in terms for term in some] * 20
    while not stop.is_set():
        number += 1
        entry = Story(f"new:{number % 50}", text, "en", ["theme-1"], "place-1", number).entry()
        start, after = time.perf_counter(), engine.cursor()
        engine.apply([entry], [], after + 1, after=after, wait=30)
        walls.append(time.perf_counter() - start)
    waited.put(walls)


def _tend(path: Path, stop: Any) -> None:
    """What `flask tend` does every few seconds, as kindly as it does."""
    os.nice(10)
    engine = engines.open(path)
    while not stop.wait(2.0):
        engine.purge()


_MEASURED = """if True:
    import json, sys
    sys.path.insert(0, sys.argv[1])
    from pathlib import Path
    from bench.compared_engines import Site
    def held():
        lines = Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]
        kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in lines}
        return kilobytes["Pss"] / 1024, kilobytes["Anonymous"] / 1024
    before = held()
    site = Site(Path(sys.argv[2]))
    site.open()
    for kind, asked in json.loads(Path(sys.argv[3]).read_text()).items():
        for terms in asked:
            site.ask(kind, terms)
    print(json.dumps([after - start for after, start in zip(held(), before)]))
"""


def memory(home: Path, folder: Path, drawn: Queries) -> Iterator[Row]:
    """What a worker holds after all questions, beyond what it held before it opened the index (Linux)."""
    asked = folder / "asked.json"
    asked.write_text(json.dumps(drawn))
    command = [sys.executable, "-W", "ignore", "-c", _MEASURED, str(ROOT), str(home), str(asked)]
    shared, own = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    yield {"row": "memory of a worker, MB", "with the files' pages": shared, "own": own}
