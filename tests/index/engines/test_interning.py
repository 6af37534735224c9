"""Columns of strings are asked while another thread adds values to them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from index.engines.whoosh.segment import StringInterner
from index.engines.whoosh.snapshot import StringColumn


@pytest.fixture
def hasty() -> Iterator[None]:
    """Threads that take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_a_value_that_is_being_added_is_known_or_unknown(hasty: None) -> None:
    interner, values = StringInterner(), [f"place-{number}" for number in range(100_000)]
    column = StringColumn(np.zeros((1, 3), np.uint8), interner)

    def ask() -> bool:
        """About the value that comes next, until there is none."""
        found = False
        while len(interner.words) <= len(values):
            found |= bool(column.mask_of(values[len(interner.words) - 1 :][:1]).any())
        return found

    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(ask) for _ in range(3)]
        added = pool.submit(interner.codes, values)
        assert added.result().tolist() == list(range(len(values) + 1))
        assert [one.result() for one in asked] == [False] * 3
