"""Words that were analysed are cached until the files of the index have lost some."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from index import engines
from index.analysis.cache import memoize
from index.engines.base import Entry, TokenStream

asked: list[str] = []


@memoize(100)
def analysed(word: str) -> str:
    asked.append(word)
    return word.upper()


def entry(number: int) -> Entry:
    return Entry(f"story:{number}", f"story:{number}", f"print {number}", (TokenStream([("a", 0)]),))


def test_a_word_is_analysed_once() -> None:
    asked.clear()
    assert [analysed("once"), analysed("once"), asked] == ["ONCE", "ONCE", ["once"]]


@pytest.mark.parametrize("looks_between", [True, False])
@pytest.mark.parametrize("correction", [True, False])
def test_a_process_that_sees_words_gone_from_the_files_forgets_them(
    tmp_path: Path, looks_between: bool, correction: bool
) -> None:
    writer, reader = engines.open(tmp_path), engines.open(tmp_path)
    writer.apply([entry(number) for number in range(4)], [], 1, after=0)
    reader.cursor()
    if correction:
        writer.apply([replace(entry(1), fingerprint="another")], [], 2, after=1)
    else:
        writer.apply([], ["story:1"], 2, after=1)
    if looks_between:
        reader.cursor()
    writer.purge()
    analysed("secret")
    asked.clear()
    reader.cursor()
    analysed("secret")
    assert asked == ["secret"]


def test_a_merge_that_loses_nothing_lets_words_be_remembered(tmp_path: Path) -> None:
    writer, reader = engines.open(tmp_path), engines.open(tmp_path)
    for number in range(7):
        writer.apply([entry(number)], [], number + 1, after=number)
    reader.cursor()
    analysed("kept")
    asked.clear()
    for number in range(7, 12):
        writer.apply([entry(number)], [], number + 1, after=number)
    reader.cursor()
    analysed("kept")
    assert asked == []
