"""Queries to measure with, drawn with a fixed seed from how often terms occur in the stories."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

from bench.corpus import SEED, Story

PER_KIND = 10
RANKED = ("common term", "rare term", "and 2", "or 4", "phrase", "prefix", "facets")

Queries = dict[str, list[list[str]]]


def queries(stories: Iterable[Story], path: Path) -> Queries:
    """For each kind of query its terms; made once into the file `path`."""
    if not path.exists():
        path.write_text(json.dumps(_drawn(stories), ensure_ascii=False))
    drawn: Queries = json.loads(path.read_text())
    return drawn


def _drawn(stories: Iterable[Story]) -> Queries:
    frequencies: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    count = 0
    for count, story in enumerate(stories, 1):
        frequencies.update(set(story.terms))
        if count <= 500:
            pairs.update(pairwise(story.terms))
    chance = random.Random(SEED)

    def some(low: float, high: float, size: int) -> list[list[str]]:
        fitting = sorted(term for term, n in frequencies.items() if low * count < n < high * count)
        return [chance.sample(fitting, size) for _ in range(PER_KIND)]

    side_by_side = sorted(pair for pair in pairs if min(frequencies[term] for term in pair) > count / 200)
    return {
        "common term": some(0.2, 0.7, 1),
        "rare term": some(0.0005, 0.002, 1),
        "and 2": some(0.02, 0.2, 2),
        "or 4": some(0.05, 0.4, 4),
        "phrase": [list(pair) for pair in chance.sample(side_by_side, PER_KIND)],
        "prefix": [[term[:3]] for (term,) in some(0.001, 0.01, 1) if len(term) > 3 and term.isalpha()],
        "facets": some(0.2, 0.7, 2),
    }
