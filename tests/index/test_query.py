"""From what is typed to a query tree."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from patience import comes_to_an_end

from index import engines, query, retrieval, weights
from index.engines.base import AndNot, Engine, Entry, Every, NullQuery
from index.query import ParsedQuery, parse, plain_term
from tests.conftest import shared


def clauses(parsed: ParsedQuery) -> tuple[list[str], list[list[str]], tuple[str, ...], list[list[str]]]:
    """Words, phrases, beginnings and what is excluded, by their plain terms."""
    phrases, without = ([[plain_term(word) for word in clause] for clause in (parsed.phrases)], parsed.excluded)
    excluded = [[plain_term(word) for word in clause] for clause in without]
    return [plain_term(word) for word in parsed.words], phrases, parsed.prefixes, excluded


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("rice fields", (["rice", "field"], [], (), [])),
        ('"brown rice" -war gard*', ([], [["brown", "rice"]], ("gard",), [["war"]])),
        ('-"brown rice"', ([], [], (), [["brown", "rice"]])),
        ("“brown rice”", ([], [["brown", "rice"]], (), [])),
        ("«brown rice» −war –gard", ([], [["brown", "rice"]], (), [["war"], ["gard"]])),
        ("「brown rice」 1914 – 1918", (["1914", "1918"], [["brown", "rice"]], (), [])),
        ("mother-in-law - what?", (["mother", "law"], [], (), [])),
        ('"not closed', (["close"], [], (), [])),
        ("how it happened", (["happen"], [], (), [])),
        ("how it", (["how", "it"], [], (), [])),
        ("rice rice RICE", (["rice"], [], (), [])),
        ("我们的故事", (["我们", "故事"], [], (), [])),
        ("****", ([], [], (), [])),
        ("((((", ([], [], (), [])),
        ("", ([], [], (), [])),
    ],
)
def test_what_is_read_in_a_query(typed: str, expected: object) -> None:
    assert clauses(parse(typed)) == expected


def test_only_exclusions_ask_for_everything_else_and_no_words_ask_for_nothing() -> None:
    only = query.with_all_words(parse("-war"), lambda _: 1.0)
    assert isinstance(only, AndNot)
    assert only.query == Every()
    assert query.with_all_words(parse("()"), lambda _: 1.0) == NullQuery()


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    engine = engines.open(tmp_path_factory.mktemp("engine"))
    texts = [("The strike", "Rice and fish for all."), ("罢工的故事", "两万名女工"), ("کہانی", "لاہور کی گلی")]
    entries = [
        Entry(f"story:{number}", f"story:{number}", "", weights.words(title, [text], ""), weights.names([title], ""))
        for number, (title, text) in enumerate(texts)
    ]
    engine.apply(entries, [], 1, after=0)
    return engine


@given(st.text(max_size=300) | st.text(alphabet='"-*( )aб的ا\u200b\u0301\ud800', max_size=60))
def test_nothing_typed_is_an_error(engine: Engine, typed: str) -> None:
    retrieval.retrieve(engine, parse(typed))


@pytest.mark.parametrize(
    "typed",
    [
        *(sign * 10_000 for sign in ("*", '"', "-", "的", "ក", "가", "\ud800", "\u0301", "x")),
        *(part * 3_000 for part in ("a ", "a*", "e\u0301", '-"a" ', "a'", "的 ", "가나다라 ", '"a b" ')),
        "(" * 500,
    ],
)
def test_a_huge_query_is_answered(engine: Engine, typed: str) -> None:
    assert comes_to_an_end(lambda: retrieval.retrieve(engine, parse(typed)))


def test_every_hostile_string_is_answered(engine: Engine) -> None:
    rows = map(json.loads, Path(shared("hostile_text", "strings.jsonl")).read_text(encoding="utf-8").splitlines())
    for row in rows:
        recipe = row.get("recipe")
        typed = row["text"] if recipe is None else recipe["repeat"] * recipe["count"]
        assert comes_to_an_end(lambda typed=typed: retrieval.retrieve(engine, parse(typed))), row["id"]
