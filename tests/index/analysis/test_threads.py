"""Words are analysed alike however many threads do it at once."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from nine_languages import TEXTS

from index.analysis import analyzer, stemming
from index.analysis.cache import clear_caches


@pytest.fixture
def hasty() -> Iterator[None]:
    """Threads that take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_eight_threads_find_the_same_stems_as_one(hasty: None) -> None:
    words = sorted({word.strip(".,;").lower() for word in TEXTS["en"].split()})
    alone = [stemming.stem(word) for word in words]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda _: [stemming.stem(word) for word in words], range(800)))

    assert [stems for stems in together if stems != alone] == []


def test_eight_threads_analyse_every_language_as_one_does(hasty: None) -> None:
    def analysed(_: int) -> dict[str, object]:
        clear_caches()
        return {language: list(analyzer.tokens(text, language)) for language, text in TEXTS.items()}

    alone = analysed(0)
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(analysed, range(40)))

    assert [terms for terms in together if terms != alone] == []
