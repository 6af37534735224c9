"""What an answer holds: matches, filters, facet counts, groups and order, against plain Python on random entries."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from index import engines
from index.engines import base
from index.engines.base import Engine, Entry, Every, FacetValue, Filters, Search, Term, TokenStream

TERMS = ["a", "b", "c", "d", "e"]
LANGUAGES = ["en", "ur", "zh"]
THEMES = ["labour", "food", "home"]


def entry(number: int, chance: random.Random) -> Entry:
    """An entry with random words; every third is a translation of the one before it."""
    group = number - 1 if number % 3 == 2 else number
    terms = [(chance.choice(TERMS), place) for place in range(chance.randint(1, 6))]
    facets = {"language": [chance.choice(LANGUAGES)], "theme": chance.sample(THEMES, chance.randint(0, 2))}
    numbers = {"published": chance.randint(1, 30)} if number % 7 else {}
    return Entry(f"story:{number}", f"story:{group}", "", (TokenStream(terms),), (), facets, numbers)


@pytest.fixture
def entries() -> list[Entry]:
    chance = random.Random(4)
    return [entry(number, chance) for number in range(90)]


@pytest.fixture
def engine(tmp_path: Path, entries: list[Entry]) -> Engine:
    """The entries in three segments, with older wordings of some of them before, and one deleted."""
    made = engines.open(tmp_path / "index")
    chance = random.Random(5)
    made.apply([entry(number, chance) for number in (3, 4, 50, 1000)], [], 1, after=0)
    for cursor, start in enumerate(range(0, 90, 30), 1):
        made.apply(entries[start : start + 30], ["story:1000"], cursor + 1, after=cursor)
    return made


def has(entry: Entry, term: str) -> bool:
    return any(word == term for stream in entry.words for word, _ in stream.terms)


def says(entry: Entry, *terms: str) -> bool:
    words = [word for stream in entry.words for word, _ in stream.terms]
    return any(words[i : i + len(terms)] == list(terms) for i in range(len(words)))


def keys(engine: Engine, node: base.Query, filters: Filters = Filters()) -> set[str]:  # noqa: B008 - frozen
    """The groups found; with a filter to one entry of each group they would be keys."""
    return {hit.group for hit in engine.search(Search(node, filters, limit=1000)).hits}


CASES: list[tuple[base.Query, Callable[[Entry], bool]]] = [
    (Term("a"), lambda entry: has(entry, "a")),
    (Term("zz"), lambda entry: False),
    (base.Or((Term("a"), Term("b"))), lambda entry: has(entry, "a") or has(entry, "b")),
    (base.And((Term("a"), Term("b"))), lambda entry: has(entry, "a") and has(entry, "b")),
    (base.Or(()), lambda entry: False),
    (base.And(()), lambda entry: False),
    (
        base.AtLeast((Term("a"), Term("b"), Term("c")), 2),
        lambda entry: sum(has(entry, term) for term in "abc") >= 2,
    ),
    (base.DisjunctionMax((Term("a"), Term("d"))), lambda entry: has(entry, "a") or has(entry, "d")),
    (base.AndNot(Term("a"), Term("b")), lambda entry: has(entry, "a") and not has(entry, "b")),
    (base.AndNot(Every(), Term("b")), lambda entry: not has(entry, "b")),
    (base.Phrase((("a", 0), ("b", 1))), lambda entry: says(entry, "a", "b")),
    (base.Phrase((("a", 0), ("a", 1))), lambda entry: says(entry, "a", "a")),
    (base.Phrase((("a", 0), ("b", 1), ("c", 2))), lambda entry: says(entry, "a", "b", "c")),
    (base.Prefix("a"), lambda entry: has(entry, "a")),
    (base.Prefix(""), lambda entry: True),
    (FacetValue("theme", "food"), lambda entry: "food" in entry.facets["theme"]),
    (FacetValue("theme", "none such"), lambda entry: False),
    (base.AndMaybe(Term("a"), Term("b")), lambda entry: has(entry, "a")),
    (base.Boost(Term("a"), 4.0), lambda entry: has(entry, "a")),
    (base.Prefer(Term("a"), "language", "ur", 3.0), lambda entry: has(entry, "a")),
    (Every(), lambda entry: True),
    (base.NullQuery(), lambda entry: False),
]


@pytest.mark.parametrize(("node", "expected"), CASES, ids=[str(node)[:60] for node, _ in CASES])
def test_every_kind_of_query_finds_what_it_says(
    engine: Engine, entries: list[Entry], node: base.Query, expected: Callable[[Entry], bool]
) -> None:
    assert keys(engine, node) == {entry.group for entry in entries if expected(entry)}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(include={"language": ["ur"]}), lambda e: "ur" in e.facets["language"]),
        (
            Filters(include={"language": ["ur", "en"], "theme": ["food"]}),
            lambda e: e.facets["language"][0] in {"ur", "en"} and "food" in e.facets["theme"],
        ),
        (Filters(exclude={"theme": ["food", "home"]}), lambda e: not {"food", "home"} & set(e.facets["theme"])),
        (Filters(ranges={"published": (10, 20)}), lambda e: 10 <= e.numbers.get("published", 0) <= 20),
        (Filters(ranges={"published": (None, 5)}), lambda e: 1 <= e.numbers.get("published", 0) <= 5),
        (Filters(include={"theme": ["none such"]}), lambda e: False),
        (Filters(include={"place": ["nobody has one"]}), lambda e: False),
    ],
)
def test_filters_leave_what_they_say(
    engine: Engine, entries: list[Entry], filters: Filters, expected: Callable[[Entry], bool]
) -> None:
    left = {entry.group for entry in entries if has(entry, "a") and expected(entry)}
    assert keys(engine, Term("a"), filters) == left
    assert engine.search(Search(Term("a"), filters)).total == len(left)


def test_facets_count_groups_under_all_filters_but_their_own(engine: Engine, entries: list[Entry]) -> None:
    filters = Filters(include={"theme": ["food"], "language": ["ur"]})
    found = engine.search(Search(Term("a"), filters, facets=("theme", "language", "place")))
    some = [entry for entry in entries if has(entry, "a")]
    urdu = [entry for entry in some if "ur" in entry.facets["language"]]
    food = [entry for entry in some if "food" in entry.facets["theme"]]
    assert found.facets == {
        "theme": Counter(theme for theme, _ in {(t, e.group) for e in urdu for t in e.facets["theme"]}),
        "language": Counter(tag for tag, _ in {(t, e.group) for e in food for t in e.facets["language"]}),
        "place": {},
    }


def test_pages_follow_one_another_without_gap_or_repetition(engine: Engine) -> None:
    whole = engine.search(Search(Every(), sort="-published", limit=1000)).hits
    pages = [engine.search(Search(Every(), sort="-published", offset=start, limit=7)) for start in range(0, 70, 7)]
    assert tuple(hit for page in pages for hit in page.hits) == whole
    assert len(whole) == 60


def test_hits_come_by_score_and_equal_ones_stay_in_order(engine: Engine) -> None:
    scores = [hit.score for hit in engine.search(Search(base.Or((Term("a"), Term("b"))), limit=1000)).hits]
    assert scores == sorted(scores, reverse=True)


def test_newest_first_puts_what_has_no_date_last(engine: Engine, entries: list[Entry]) -> None:
    hits = engine.search(Search(Every(), sort="-published", limit=1000)).hits
    newest: dict[str, int] = {}
    for each in entries:
        newest[each.group] = max(newest.get(each.group, 0), each.numbers.get("published", 0))
    assert [newest[hit.group] for hit in hits] == sorted(newest.values(), reverse=True)


def test_a_group_shows_the_member_in_the_readers_language(tmp_path: Path) -> None:
    engine = engines.open(tmp_path / "index")
    original = Entry("story:1", "story:1", "", (TokenStream([("rice", 0)]),), (), {"language": ["en"]})
    longer = TokenStream([("rice", 0), ("field", 1)])
    translation = Entry("story:2", "story:1", "", (longer,), (), {"language": ["ur"]})
    engine.apply([original, translation], [], 1, after=0)
    assert [hit.key for hit in engine.search(Search(Term("rice"))).hits] == ["story:1"]
    assert [hit.key for hit in engine.search(Search(Term("rice"), preferred_language="ur")).hits] == ["story:2"]
    assert [hit.key for hit in engine.search(Search(Term("rice"), preferred_language="ko")).hits] == ["story:1"]


def test_the_best_of_several_scores_counts_once(engine: Engine) -> None:
    alone = {hit.group: hit.score for hit in engine.search(Search(Term("a", 3.0), limit=1000)).hits}
    best = engine.search(Search(base.DisjunctionMax((Term("a", 3.0), Term("a"))), limit=1000)).hits
    assert {hit.group: hit.score for hit in best} == alone


def test_a_boost_multiplies_scores(engine: Engine) -> None:
    plain, boosted = (engine.search(Search(node)).hits for node in (Term("a"), base.Boost(Term("a"), 4.0)))
    assert [hit.score for hit in boosted] == pytest.approx([4 * hit.score for hit in plain])


def test_favour_raises_the_score_of_what_carries_the_value(tmp_path: Path) -> None:
    engine = engines.open(tmp_path / "index")
    rice = (TokenStream([("rice", 0)]),)
    some = [Entry(f"s:{tag}", f"s:{tag}", "", rice, (), {"language": [tag]}) for tag in ("en", "ur")]
    engine.apply(some, [], 1, after=0)
    hits = engine.search(Search(base.Prefer(Term("rice"), "language", "ur", 2.0))).hits
    assert [hit.key for hit in hits] == ["s:ur", "s:en"]
    assert hits[0].score == pytest.approx(2 * hits[1].score)


def test_the_vocabulary_knows_beginnings_frequencies_and_neighbours(tmp_path: Path) -> None:
    engine = engines.open(tmp_path / "index")
    texts = (["harbour", "harvest"], ["harbour", "neighbour"], ["harbor", "দল"])
    for cursor, text in enumerate(texts):
        streams = (TokenStream([(word, place) for place, word in enumerate(text)]),)
        engine.apply([Entry(f"s:{cursor}", f"s:{cursor}", "", streams)], [], cursor + 1, after=cursor)
    assert engine.terms("har", 2) == [("harbour", 2), ("harbor", 1)]
    assert engine.frequencies(["harbour", "দল", "none"]) == {"harbour": 2, "দল": 1, "none": 0}
    assert engine.similar_terms("harbuor") == [("harbour", 2), ("harbor", 1)]
    assert engine.similar_terms("harbour") == [("harbor", 1)]
    assert engine.similar_terms("দলে") == [("দল", 1)]
    assert engine.similar_terms("zzz") == []


def test_warming_up_alters_no_answer(engine: Engine) -> None:
    before = engine.search(Search(Every(), facets=("theme",)))
    engine.warm()
    assert engine.search(Search(Every(), facets=("theme",))) == before


def test_terms_spelt_alike_are_those_within_so_many_edits(tmp_path: Path) -> None:
    chance = random.Random(3)
    engine = engines.open(tmp_path / "index")
    words = {"".join(chance.choices("abé", k=chance.randint(1, 6))) for _ in range(300)}
    engine.apply([Entry("s:1", "s:1", "", (TokenStream([(word, 0) for word in words]),))], [], 1, after=0)
    for word in sorted(words)[:40]:
        for distance in (1, 2):
            near = {other for other in words if other[0] == word[0] and edits(word, other) <= distance} - {word}
            assert {term for term, _ in engine.similar_terms(word, distance, limit=1000)} == near


def edits(one: str, other: str) -> int:
    """The restricted edit distance by its definition."""
    if not one or not other:
        return len(one) + len(other)
    options = [
        edits(one[1:], other) + 1,
        edits(one, other[1:]) + 1,
        edits(one[1:], other[1:]) + (one[0] != other[0]),
    ]
    if len(one) > 1 and len(other) > 1 and one[:2] == other[1::-1]:
        options.append(edits(one[2:], other[2:]) + 1)
    return min(options)
