"""A question that takes a moment, asked once for all who want to know at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

Result = TypeVar("Result")


class SharedQuestion(Generic[Result]):
    """Asked in a thread of its own. Nobody gets an answer to a question that was put before they came."""

    def __init__(self, question: Callable[[], Result]) -> None:
        self._question = question
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="question")
        self._under_way: asyncio.Future[Result] | None = None
        self._next: asyncio.Future[Result] | None = None

    async def answer(self, patience: float) -> Result | None:
        """The answer, or None after so many seconds."""
        if self._next is None:
            self._next = asyncio.ensure_future(self._ask(self._under_way))
        try:
            return await asyncio.wait_for(asyncio.shield(self._next), patience)
        except TimeoutError:
            return None

    async def _ask(self, before: asyncio.Future[Result] | None) -> Result:
        if before is not None:
            await asyncio.wait((before,))
        self._under_way, self._next = self._next, None  # who comes from now on shares the next one
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._question)

    def stop(self) -> None:
        """Ask nothing more."""
        self._thread.shutdown(wait=False, cancel_futures=True)
