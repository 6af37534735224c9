"""What is reported beside the ranked queries: words spelt alike, stories near a story, excerpts."""

from __future__ import annotations

import json
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from heapq import nlargest
from itertools import islice
from pathlib import Path

from bench.compared_engines import Site
from bench.corpus import MIX, Story
from bench.queries import Queries
from index import query, related
from index.engines.base import Engine, FacetValue, Or, Prefer, Search, Term
from index.highlight.excerpt import Highlighter

SOME = 40
_WORDS_APART = 3  # of a text, between those that are searched for in it


def rows(home: Path, stories: Iterable[Story], source: Path, drawn: Queries) -> Iterator[dict[str, object]]:
    """One row for each kind of work, each with the median and the slowest of SOME, after a first one."""
    site = Site(home)
    site.open()
    words = [terms[0] for kind in ("rare term", "common term") for terms in drawn[kind]]
    for distance in (1, 2):
        yield _row(
            f"words within {distance} edits", [lambda w=w, d=distance: site.engine.similar_terms(w, d) for w in words]
        )
    near = list(islice(stories, SOME))
    yield _row("stories near a story", [lambda story=story: _near(site.engine, story) for story in near])
    pairs = _queries_and_texts(source)
    yield _row("excerpt of a story", [lambda typed=typed, text=text: _excerpt(typed, text) for typed, text in pairs])


def _row(name: str, work: list[Callable[[], object]]) -> dict[str, object]:
    work[0]()
    times = []
    for each in work:
        start = time.perf_counter()
        each()
        times.append((time.perf_counter() - start) * 1000)
    return {"row": name, "engine": "site", "p50 ms": statistics.median(times), "slowest ms": max(times)}


def _near(engine: Engine, story: Story) -> object:
    """Its key terms, by tf * idf, and the entries that share them, a theme or the place."""
    weights = related.key_term_weights(engine, Counter(story.terms))
    key_terms = nlargest(related.MAX_KEY_TERMS, weights, key=weights.__getitem__)
    tags = (*(FacetValue("theme", theme, 6.0) for theme in story.themes), FacetValue("place", story.place, 3.0))
    more_like_this = Or((*tags, *(Term(term, 0.5) for term in key_terms)))
    return engine.search(Search(Prefer(more_like_this, "language", story.language, 2.0), limit=5))


def _queries_and_texts(source: Path) -> Iterator[tuple[str, str]]:
    """Words from the middle of real stories, and the stories."""
    for language in MIX:
        for path in sorted(source.glob(f"{language}*.jsonl")):
            with path.open(encoding="utf-8") as lines:
                for line in islice(lines, SOME // len(MIX) + 1):
                    body = json.loads(line)["body"]
                    words = body.split()
                    yield " ".join(words[len(words) // 2 :: _WORDS_APART][:3])[:60], body


def _excerpt(typed: str, text: str) -> object:
    return Highlighter(query.parse(typed)).excerpt(text)
