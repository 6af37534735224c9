"""Threads that run the application, with a bound on how many requests may wait for one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from solidarity.server.request_body import Unread

Result = TypeVar("Result")


class ThreadPool:
    """A few threads and a queue before them. Used from one event loop."""

    def __init__(self, name: str, threads: int, most_waiting: int) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._threads, self._most = threads, threads + most_waiting
        self._unfinished = 0

    async def run(self, work: Callable[[], Result], gone: Callable[[], Any] | None = None) -> Result:
        """Do the work in a thread. Raises Unread (503) where too many wait already.

        `gone`, where it is given, returns an awaitable that ends when nobody waits for the result any more: work
        that has not begun by then is not begun (CancelledError).
        """
        if self._unfinished >= self._most:
            raise Unread(503)
        queued = self._unfinished >= self._threads
        self._unfinished += 1
        submitted = self._executor.submit(work)
        submitted.add_done_callback(self._finished_in(asyncio.get_running_loop()))
        future = asyncio.wrap_future(submitted)
        if queued and gone is not None:
            watch = asyncio.ensure_future(gone())
            watch.add_done_callback(lambda _: future.cancel())
            try:
                return await future
            finally:
                watch.cancel()
        return await future

    def _finished_in(self, loop: asyncio.AbstractEventLoop) -> Callable[[Any], None]:
        def finished(_: Any) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._finish)

        return finished

    def _finish(self) -> None:
        self._unfinished -= 1

    def stop(self) -> None:
        """Finish what has begun, and begin nothing more."""
        self._executor.shutdown(wait=True, cancel_futures=True)
