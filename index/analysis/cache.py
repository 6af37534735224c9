"""Results of analysing words, remembered because words come again and again, until a story has been withdrawn.

A process that sees that the files of the index have been purged forgets all of them, and the withdrawn words with them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, ParamSpec, TypeVar

Given = ParamSpec("Given")
Result = TypeVar("Result")

_functions: list[Any] = []


def remembered(most: int) -> Callable[[Callable[Given, Result]], Callable[Given, Result]]:
    """Keep the results of a function for the `most` arguments it was called with last."""

    def remembering(function: Callable[Given, Result]) -> Callable[Given, Result]:
        cached: Any = lru_cache(maxsize=most)(function)
        _functions.append(cached)
        return cached  # type: ignore[no-any-return]

    return remembering


def forget() -> None:
    """Drop every result."""
    for function in _functions:
        function.cache_clear()
