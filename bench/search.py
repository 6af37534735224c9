"""Measures the search engine against SQLite FTS5, tantivy and stock Whoosh on the same terms, in one run.

    python bench/search.py --folder DIR [--stories 10000] [--source DIR] [--engines site,fts5,tantivy,whoosh]
                           [--build] [--parts queries,commits,concurrency,timings,memory]

Makes the stories (bench/corpus.py) and each engine's index in DIR when they are not there yet, and keeps them;
`--build` makes the indexes again and times that. Needs requirements/bench.txt for tantivy; an engine that is not
there is left out. Whoosh's own index is built for 10,000 stories at most; beyond that Whoosh reads ours. Prints JSON
lines, one for each figure. Trust ratios, not times: the engines take turns, question by question.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench import compared_engines, concurrency, corpus, other_timings  # noqa: E402 - the path comes first
from bench.compared_engines import Contender  # noqa: E402
from bench.queries import RANKED, Queries, queries  # noqa: E402

ROUNDS = 9
MOST_FOR_STOCK = 10_000


def main() -> None:
    """Build what is missing, measure, print."""
    arguments = _arguments()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    names = [name for name in arguments.engines.split(",") if name != "tantivy" or compared_engines.tantivy]
    drawn = queries(_stories(arguments), arguments.folder / f"queries-{arguments.stories}.json")
    home = arguments.folder / f"indexes-{arguments.stories}"
    home.mkdir(exist_ok=True)
    engines = [compared_engines.ALL[name](home) for name in names]
    _build(arguments, engines, home)
    parts = {
        "queries": lambda: _ask(engines, drawn),
        "commits": lambda: concurrency.commits(home, arguments.folder, _stories(arguments)),
        "concurrency": lambda: concurrency.readers_and_writer(home, arguments.folder, drawn),
        "timings": lambda: other_timings.rows(home, _stories(arguments), arguments.source, drawn),
        "memory": lambda: concurrency.memory(home, arguments.folder, drawn),
    }
    for part in arguments.parts.split(","):
        for row in parts[part]():
            _print(row | {"stories": arguments.stories})


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--stories", type=int, default=10_000)
    parser.add_argument("--source", type=Path, default=ROOT.parent / "shared" / "data" / "stories")
    parser.add_argument("--engines", default="site,fts5,tantivy,whoosh")
    parser.add_argument("--parts", default="queries,commits,concurrency,timings,memory")
    parser.add_argument("--build", action="store_true")
    return parser.parse_args()


def _stories(arguments: argparse.Namespace) -> corpus.Iterator[corpus.Story]:
    return corpus.kept(arguments.stories, arguments.source, arguments.folder)


def _print(row: dict[str, object]) -> None:
    print(json.dumps({k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()}), flush=True)


def _build(arguments: argparse.Namespace, engines: list[Contender], home: Path) -> None:
    reading = _seconds(lambda: sum(1 for _ in _stories(arguments)))
    for engine in engines:
        missing = not any(home.glob(f"{engine.name}*"))
        if engine.name == "whoosh" and arguments.stories > MOST_FOR_STOCK:
            continue
        if missing or arguments.build:
            seconds = _seconds(lambda engine=engine: engine.build(_stories(arguments))) - reading
            _print(
                {"row": "build, seconds of CPU", "engine": engine.name, "value": seconds, "stories": arguments.stories}
            )


def _seconds(work: corpus.Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _ask(engines: list[Contender], drawn: Queries) -> corpus.Iterator[dict[str, object]]:
    """For each kind of question the median of each engine; then the geometric means and the ratios."""
    medians: dict[str, dict[str, float]] = defaultdict(dict)
    for engine in engines:
        seconds = _wall(engine.open)
        yield {"row": "open, ms", "engine": engine.name, "value": seconds * 1000}
    for kind in RANKED:
        times, first = _take_turns(engines, kind, drawn[kind])
        for engine in engines:
            medians[engine.name][kind] = statistics.median(times[engine.name])
            yield {
                "row": kind, "engine": engine.name, "p50 ms": medians[engine.name][kind] * 1000,
                "p95 ms": statistics.quantiles(times[engine.name], n=20)[-1] * 1000,
                "slowest first ms": max(first[engine.name]) * 1000,
            }  # fmt: skip
    yield from _ratios(medians)


def _take_turns(
    engines: list[Contender], kind: str, drawn: list[list[str]]
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    times: dict[str, list[float]] = defaultdict(list)
    first: dict[str, list[float]] = defaultdict(list)
    for terms in drawn:
        for turn in range(ROUNDS):
            place = turn % len(engines)  # whoever comes after a slow engine finds the caches cold: each does in turn
            for engine in engines[place:] + engines[:place]:
                seconds = _wall(lambda engine=engine, terms=terms: engine.ask(kind, terms))
                (times if turn else first)[engine.name].append(seconds)
    return times, first


def _wall(work: corpus.Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _ratios(medians: dict[str, dict[str, float]]) -> corpus.Iterator[dict[str, object]]:
    means = {name: statistics.geometric_mean(kinds.values()) for name, kinds in medians.items()}
    for name, mean in means.items():
        yield {"row": "geometric mean", "engine": name, "value": mean * 1000}
        if name != "site" and "site" in means:
            yield {"row": "geometric mean, site to", "engine": name, "value": means["site"] / mean}
            for kind in RANKED:
                yield {"row": f"{kind}, site to", "engine": name, "value": medians["site"][kind] / medians[name][kind]}


if __name__ == "__main__":
    main()
