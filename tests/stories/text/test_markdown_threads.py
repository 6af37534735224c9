"""Markdown is read alike however many threads are the first to do so."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from stories.text import markdown

TEXT = "# Rice\n\nA *pot*, [a link](https://example.org).[^1]\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[^1]: Bring salt."


@pytest.fixture
def hasty() -> Iterator[None]:
    """Threads that take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_the_first_texts_of_a_process_are_read_alike_by_eight_threads(hasty: None) -> None:
    expected = markdown.render(TEXT)
    for _ in range(60):
        importlib.reload(markdown)  # as in a new process
        together = Barrier(8)

        def render(_: int, together: Barrier = together) -> str:
            together.wait()
            return markdown.render(TEXT)

        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(render, range(8))) == {expected}
