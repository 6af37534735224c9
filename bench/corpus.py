"""Stories for measuring: paragraphs of real stories in nine languages, recombined, with invented names.

200 to 1,500 terms each; languages, themes and places as unevenly spread as in life; 1.5 % of the terms are replaced
by names, drawn so that the vocabulary goes on growing. The same seed gives the same stories.
"""

from __future__ import annotations

import json
import random
from bisect import bisect
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from index.analysis.analyzer import normalize, tokens
from index.engines.base import Entry, TokenStream

SEED = 20261122
MIX = {"en": 45, "zh": 12, "vi": 8, "ko": 8, "tl": 7, "hi": 6, "bn": 5, "ur": 5, "km": 4}
THEMES = [f"theme-{number}" for number in range(20)]
PLACES = [f"place-{number}" for number in range(180)]
NAMES = 200_000
SYLLABLES = ["ka", "ri", "mo", "lan", "te", "su", "vai", "no", "hue", "pi", "dar", "shi", "ong", "ba", "lei", "qua"]


class Story(NamedTuple):
    """One story as every engine gets it: its terms in order, already analysed."""

    key: str
    terms: list[str]
    language: str
    themes: list[str]
    place: str
    published: int

    @property
    def text(self) -> str:
        """The terms with spaces between."""
        return " ".join(self.terms)

    def entry(self) -> Entry:
        """The story for our engine; a term's position is its place in the row, as in the other engines."""
        stream = TokenStream([(term, place) for place, term in enumerate(self.terms)])
        facets = {"kind": ["story"], "language": [self.language], "theme": self.themes, "place": [self.place]}
        return Entry(self.key, self.key, self.key, (stream,), (), facets, {"published": self.published})


class Zipf:
    """Draws a number below `size`; number n comes up about once for every n times that number 0 does."""

    def __init__(self, size: int) -> None:
        self._sums = list(accumulate(1 / (number + 1) for number in range(size)))

    def draw(self, chance: random.Random) -> int:
        return bisect(self._sums, chance.random() * self._sums[-1])


def paragraphs(source: Path) -> dict[str, list[list[str]]]:
    """The terms of every paragraph of the stories in a folder, by language."""
    pools: dict[str, list[list[str]]] = {language: [] for language in MIX}
    for path in sorted(source.glob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                story = json.loads(line)
                pool = pools.get(story["language"].partition("-")[0])
                if pool is not None:
                    pool.extend(_cut(story["body"], story["language"]))
    return pools


def _cut(body: str, language: str) -> Iterator[list[str]]:
    for paragraph in body.split("\n\n"):
        terms = [token.term for token in tokens(normalize(paragraph), language) if " " not in token.term]
        if len(terms) >= 5:
            yield terms


def stories(count: int, source: Path, seed: int = SEED) -> Iterator[Story]:
    """`count` stories made of the paragraphs in `source`."""
    chance, pools = random.Random(seed), paragraphs(source)
    names, themes, places = Zipf(NAMES), Zipf(len(THEMES)), Zipf(len(PLACES))
    for number in range(count):
        language = chance.choices(list(MIX), list(MIX.values()))[0]
        terms = _terms(chance, pools[language], names)
        chosen = {THEMES[themes.draw(chance)] for _ in range(chance.randint(1, 3))}
        place = PLACES[places.draw(chance)]
        yield Story(f"story:{number:07}", terms, language, sorted(chosen), place, 1_000_000_000 + number * 600)


def _terms(chance: random.Random, pool: Sequence[list[str]], names: Zipf) -> list[str]:
    wanted, terms = chance.randint(200, 1500), []
    while len(terms) < wanted:
        terms += pool[int(chance.random() * len(pool))]
    terms = terms[:wanted]
    for _ in range(round(wanted * 0.015)):
        terms[int(chance.random() * wanted)] = name(names.draw(chance))
    return terms


def name(number: int) -> str:
    """The invented name with this number."""
    word, rest = "", number + len(SYLLABLES)
    while rest:
        rest, syllable = divmod(rest, len(SYLLABLES))
        word += SYLLABLES[syllable]
    return word


def kept(count: int, source: Path, folder: Path) -> Iterator[Story]:
    """The stories, made once into a file of `folder` and read from it afterwards."""
    path = folder / f"stories-{count}.jsonl"
    if not path.exists():
        unfinished = path.with_suffix(".part")
        with unfinished.open("w", encoding="utf-8") as file:
            for story in stories(count, source):
                file.write(json.dumps(story, ensure_ascii=False) + "\n")
        unfinished.rename(path)
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield Story(*json.loads(line))
