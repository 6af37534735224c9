"""The number of an entry's terms is the same in the index and outside, and another one for other terms."""

from __future__ import annotations

from array import array
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import engines
from index.engines.base import Entry, TermColumns, TokenStream

TERMS = st.text("abcé", min_size=1, max_size=3) | st.sampled_from(["x" * 300, "한국", "=stories"])
STREAMS = st.lists(
    st.builds(
        TokenStream,
        st.lists(st.tuples(TERMS, st.integers(0, 3)), max_size=6).map(
            lambda terms: sorted(terms, key=lambda term: term[1])
        ),
        st.sampled_from([1.0, 3.0]),
    ),
    max_size=3,
)
ENTRIES = st.lists(st.tuples(STREAMS, STREAMS), min_size=1, max_size=4)
STORY = Entry("story:1", "story:1", "f", (TokenStream((("cane", 0), ("hauler", 1), ("=haulers", 1)), 1.0),))


@settings(max_examples=60)
@given(ENTRIES, ENTRIES)
def test_the_index_holds_what_it_was_given(first: list[tuple[object, object]], second: list[object]) -> None:
    made = [
        Entry(f"story:{number}", "", "", *streams)  # type: ignore[misc]
        for number, streams in enumerate([*first, *second])
    ]
    with TemporaryDirectory() as folder:
        engine = engines.open(Path(folder) / "index")
        engine.apply(made[: len(first)], [], 1, after=0)
        engine.apply(made[len(first) :], ["story:0"], 2, after=1)
        expected = {entry.key: engine.term_digest(entry) for entry in made[1:]}

        assert engine.term_digests([entry.key for entry in made]) == expected
        engine.purge()
        assert engine.term_digests([entry.key for entry in made]) == expected


@pytest.mark.parametrize(
    "words",
    [
        (),
        (TokenStream((("cane", 0), ("hauler", 1))),),
        (TokenStream((("cane", 0), ("hauler", 2), ("=haulers", 1))),),
        (TokenStream((("cane", 0), ("=haulers", 1), ("hauler", 1)), 3.0),),
        (TokenStream((("cane", 0), ("haul", 1), ("=haulers", 1))),),
        (TokenStream((("cane", 0),)), TokenStream((("hauler", 1), ("=haulers", 1)))),
    ],
)
def test_another_term_place_or_weight_is_another_number(tmp_path: Path, words: tuple[TokenStream, ...]) -> None:
    engine = engines.open(tmp_path / "index")
    assert engine.term_digest(replace(STORY, words=words)) != engine.term_digest(STORY)


def test_the_same_terms_among_the_names_are_another_number(tmp_path: Path) -> None:
    engine = engines.open(tmp_path / "index")
    assert engine.term_digest(replace(STORY, words=(), names=STORY.words)) != engine.term_digest(STORY)


def test_columns_of_terms_are_those_terms(tmp_path: Path) -> None:
    engine = engines.open(tmp_path / "index")
    terms = STORY.words[0].terms
    columns = TermColumns([word for word, _ in terms], array("I", [place for _, place in terms]))
    assert (columns, columns[1], columns[1:], hash(columns)) == (terms, terms[1], terms[1:], hash(terms))
    assert engine.term_digest(replace(STORY, words=(TokenStream(columns),))) == engine.term_digest(STORY)
