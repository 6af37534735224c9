"""What is reported apart from the ranked questions: words spelt alike, stories near a story, excerpts."""

from __future__ import annotations

import json
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from heapq import nlargest
from itertools import islice
from pathlib import Path

from bench.contenders import Site
from bench.corpus import MIX, Story
from bench.questions import Questions
from index import query, related
from index.engines.base import Any, Engine, Favour, Search, Tag, Term
from index.highlight.excerpt import Marker

SOME = 40
_WORDS_APART = 3  # of a text, between those that are searched for in it


def rows(home: Path, stories: Iterable[Story], source: Path, drawn: Questions) -> Iterator[dict[str, object]]:
    """One row for each kind of work, each with the median and the slowest of SOME, after a first one."""
    site = Site(home)
    site.open()
    words = [terms[0] for kind in ("rare term", "common term") for terms in drawn[kind]]
    for distance in (1, 2):
        yield _row(f"words within {distance} edits", [lambda w=w, d=distance: site.engine.similar(w, d) for w in words])
    near = list(islice(stories, SOME))
    yield _row("stories near a story", [lambda story=story: _near(site.engine, story) for story in near])
    yield _row("excerpt of a story", [lambda s=said, t=text: _excerpt(s, t) for said, text in _asked(source)])


def _row(name: str, work: list[Callable[[], object]]) -> dict[str, object]:
    work[0]()
    times = []
    for each in work:
        start = time.perf_counter()
        each()
        times.append((time.perf_counter() - start) * 1000)
    return {"row": name, "engine": "site", "p50 ms": statistics.median(times), "slowest ms": max(times)}


def _near(engine: Engine, story: Story) -> object:
    """Its telling words, by tf * idf, and the entries that share them, a theme or the place."""
    weights = related.word_weights(engine, Counter(story.terms))
    telling = nlargest(related.TELLING_WORDS, weights, key=weights.__getitem__)
    tags = (*(Tag("theme", theme, 6.0) for theme in story.themes), Tag("place", story.place, 3.0))
    likeness = Any((*tags, *(Term(term, 0.5) for term in telling)))
    return engine.search(Search(Favour(likeness, "language", story.language, 2.0), limit=5))


def _asked(source: Path) -> Iterator[tuple[str, str]]:
    """Words from the middle of real stories, and the stories."""
    for language in MIX:
        for path in sorted(source.glob(f"{language}*.jsonl")):
            with path.open(encoding="utf-8") as lines:
                for line in islice(lines, SOME // len(MIX) + 1):
                    body = json.loads(line)["body"]
                    words = body.split()
                    yield " ".join(words[len(words) // 2 :: _WORDS_APART][:3])[:60], body


def _excerpt(said: str, text: str) -> object:
    return Marker(query.parse(said)).excerpt(text)
