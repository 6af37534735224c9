"""A cache of analysed words, for words come again and again, until a story has been withdrawn.

A process that sees that the files of the index have been purged clears it, and the withdrawn words with it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, ParamSpec, TypeVar

Given = ParamSpec("Given")
Result = TypeVar("Result")

_memoized: list[Any] = []


def memoize(maxsize: int) -> Callable[[Callable[Given, Result]], Callable[Given, Result]]:
    """Keep the results of a function for the `maxsize` arguments it was called with last."""

    def decorator(function: Callable[Given, Result]) -> Callable[Given, Result]:
        cached: Any = lru_cache(maxsize=maxsize)(function)
        _memoized.append(cached)
        return cached  # type: ignore[no-any-return]

    return decorator


def clear_caches() -> None:
    """Drop every result."""
    for function in _memoized:
        function.cache_clear()
