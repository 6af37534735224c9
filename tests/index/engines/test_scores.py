"""Our scores are Whoosh's: compared on random indexes and queries, with its own files and with ours.

`AndNot` is not among them: Whoosh's AndNot lets the first entry of a segment through when the excluded term's
first entry comes before it (whoosh.matching.AndNotMatcher._find_first); nor is `AndMaybe` inside an `And`, where its
AndMaybe forgets what is optional after a skip. `test_answers` tests both against plain Python.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from whoosh import fields, query
from whoosh.index import FileIndex, create_in
from whoosh.searching import Searcher

from index.engines import base
from index.engines.base import WORDS, Entry, Search, TokenStream
from index.engines.whoosh import term_matches
from index.engines.whoosh.engine import WhooshEngine
from index.engines.whoosh.whoosh_schema import CURSOR, KEY, TokenStreamsField

LETTERS = [f"t{number}" for number in range(12)]


def entries(chance: random.Random, count: int) -> list[Entry]:
    """Entries short enough that Whoosh's own files, which round lengths to a byte, hold them exactly."""
    made = []
    for number in range(count):
        title = [(chance.choice(LETTERS), place) for place in range(chance.randint(1, 2))]
        text = [(chance.choice(LETTERS), place) for place in range(chance.randint(1, 8))]
        streams = (TokenStream(title, 3.0), TokenStream(text))
        made.append(Entry(f"story:{number}", f"story:{number}", "", streams))
    return made


def random_node(chance: random.Random, depth: int = 2) -> tuple[base.Query, Any]:
    """A query of ours and the same in Whoosh's words."""
    kinds = ["term", "phrase", "any", "all", "also"] if depth == 2 else ["term", "phrase", "any", "all"]
    kind = chance.choice(kinds if depth else ["term"])
    if kind == "term":
        term, boost = chance.choice(LETTERS), chance.choice([1.0, 0.5, 2.0])
        return base.Term(term, boost), query.Term(WORDS, term, boost=boost)
    if kind == "phrase":
        terms = chance.choices(LETTERS, k=chance.choice([2, 2, 3]))
        return base.Phrase(tuple((term, place) for place, term in enumerate(terms))), query.Phrase(WORDS, terms)
    first, second = random_node(chance, depth - 1), random_node(chance, depth - 1)
    ours, theirs = zip(first, second, strict=True)
    return {
        "any": (base.Or(ours), query.Or(theirs)),
        "all": (base.And(ours), query.And(theirs)),
        "also": (base.AndMaybe(*ours), query.AndMaybe(*theirs)),
    }[kind]


def scores_of(engine: WhooshEngine, node: base.Query) -> dict[str, float]:
    return {hit.key: hit.score for hit in engine.search(Search(node, limit=1000)).hits}


def scores_of_whoosh(searcher: Searcher, theirs: Any) -> dict[str, float]:
    results = searcher.search(theirs, limit=None)
    return {hit[KEY]: hit.score for hit in results}


def filled(path: Path, chance: random.Random) -> tuple[WhooshEngine, list[Entry]]:
    """An index of several segments; some entries were written again, some deleted."""
    engine, made, cursor = WhooshEngine(path), entries(chance, 60), 0
    for start in range(0, 60, 20):
        engine.apply(made[start : start + 20], [], cursor + 1, after=cursor)
        cursor += 1
    engine.apply(made[5:9], [entry.key for entry in made[30:34]], cursor + 1, after=cursor)
    return engine, made


def our_files(path: Path) -> FileIndex:
    engine = WhooshEngine(path)
    return engine._current().index


@pytest.mark.parametrize("few", [True, False], ids=["few occurrences", "many occurrences"])
@pytest.mark.parametrize("seed", range(4))
def test_whoosh_itself_scores_our_files_as_we_do(
    tmp_path: Path, seed: int, few: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    if not few:
        monkeypatch.setattr(term_matches, "_MANY", 0)
    engine, _ = filled(tmp_path, chance)
    with our_files(tmp_path).searcher() as searcher:
        for _ in range(60):
            ours, theirs = random_node(chance)
            assert scores_of(engine, ours) == pytest.approx(scores_of_whoosh(searcher, theirs), rel=1e-4), ours


@pytest.mark.parametrize("seed", range(4))
def test_whoosh_scores_its_own_files_as_we_score_ours(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    made = entries(chance, 40)
    engine = WhooshEngine(tmp_path / "ours")
    engine.apply(made, [], 1, after=0)
    (tmp_path / "theirs").mkdir()
    stock = create_in(tmp_path / "theirs", fields.Schema(**{KEY: fields.ID(stored=True), WORDS: TokenStreamsField()}))
    writer = stock.writer()
    for entry in made:
        writer.add_document(**{KEY: entry.key, WORDS: entry.words})
    writer.add_document(**{KEY: CURSOR})  # ours has a reserved entry, which counts in N
    writer.commit()
    with stock.searcher() as searcher:
        for _ in range(60):
            ours, theirs = random_node(chance)
            assert scores_of(engine, ours) == pytest.approx(scores_of_whoosh(searcher, theirs), rel=1e-4), ours


@pytest.mark.parametrize("few", [True, False], ids=["few occurrences", "many occurrences"])
def test_what_a_reader_keeps_from_commit_to_commit_alters_no_score(
    tmp_path: Path, few: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(5)
    if not few:
        monkeypatch.setattr(term_matches, "_MANY", 0)
    writer, made = filled(tmp_path, chance)
    reader, questions = WhooshEngine(tmp_path), [random_node(chance)[0] for _ in range(40)]
    for turn in range(30):
        some, gone = chance.sample(made, 3), [entry.key for entry in chance.sample(made, 2)]
        after = writer.cursor()
        writer.apply(some, gone, after + 1, after=after)
        if turn % 10 == 9:
            writer.purge()
        reader.cursor()
        fresh = WhooshEngine(tmp_path)
        for node in chance.sample(questions, 20):  # some of what is kept is of a snapshot long ago
            assert scores_of(reader, node) == pytest.approx(scores_of(fresh, node), rel=1e-6), node


def test_a_merge_alters_no_score_but_by_what_was_deleted(tmp_path: Path) -> None:
    chance = random.Random(9)
    engine, made = filled(tmp_path / "many", chance)
    engine.purge()
    kept = [entry for number, entry in enumerate(made) if not 30 <= number < 34]
    afresh = WhooshEngine(tmp_path / "one")
    afresh.apply(kept, [], 1, after=0)
    with afresh.rebuild() as single:
        single.apply(kept, [], 1, after=0)
    with engine.rebuild() as single:
        for entry in kept:
            single.apply([entry], [], 1, after=single.cursor())
    for _ in range(60):
        ours, _ = random_node(chance)
        assert scores_of(engine, ours) == pytest.approx(scores_of(afresh, ours), rel=1e-6), ours
