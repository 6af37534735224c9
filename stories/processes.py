"""A few processes more, for work that depends on nothing but what it is given: analysing and sanitising many texts.

They are started afresh (spawned), never forked: a fork would copy locks that other threads hold, and connections to the
database. They know only the modules of what they are given to do, so each takes about 30 MB.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import chain, islice
from types import ModuleType, TracebackType
from typing import Any, TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")

MOST = 3  # processes; more would wait for the one that gives them work and writes what they made
LEAST = 100  # pieces of work for which it is worth starting them
CHUNK = 16  # pieces of work sent at once
AHEAD = 4  # such chunks under way
log = logging.getLogger(__name__)


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Processes:
    """One for each processor but this process's own; started when there is enough to do, ended with the block.

    Without a second processor everything is done here.
    """

    def __init__(self, most: int | None = None) -> None:
        self._most = min(MOST, processors() - 1) if most is None else most
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Processes:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end(at_once=kind is not None)

    def map(self, work: Callable[[Given], Made], given: Iterable[Given], chunk: int = CHUNK) -> Iterator[Made]:
        """What `work`, a function of a module, makes of each piece, in their order; a few are made ahead.

        Where the processes cannot be started, or one is killed, the work is done here. Errors of `work` are raised.
        """
        pieces = iter(given)
        first = list(islice(pieces, LEAST))
        pieces = chain(first, pieces)
        if len(first) < LEAST or not self._start():
            yield from map(work, pieces)
            return
        under_way: deque[tuple[list[Given], Future[list[Made]] | None]] = deque()
        while some := list(islice(pieces, chunk)):
            under_way.append((some, self._send(work, some)))
            if len(under_way) >= AHEAD:
                yield from self._made(work, *under_way.popleft())
        while under_way:
            yield from self._made(work, *under_way.popleft())

    def _start(self) -> bool:
        """Whether there are processes to give work to."""
        if self._pool is None and self._most > 0 and not multiprocessing.current_process().daemon:
            try:
                self._pool = ProcessPoolExecutor(self._most, multiprocessing.get_context("spawn"), _begin)
            except (ImportError, NotImplementedError, OSError) as error:  # the system has no semaphores, or none free
                self._give_up(error)
        return self._pool is not None

    def _send(self, work: Callable[[Given], Made], some: Sequence[Given]) -> Future[list[Made]] | None:
        if self._pool is None:
            return None
        try:
            with _script_hidden():
                return self._pool.submit(_done, work, some)
        except (BrokenProcessPool, OSError) as error:
            self._give_up(error)
            return None

    def _made(
        self, work: Callable[[Given], Made], some: list[Given], future: Future[list[Made]] | None
    ) -> Iterable[Made]:
        if future is None:
            return map(work, some)
        try:
            return future.result()
        except (BrokenProcessPool, CancelledError) as error:
            self._give_up(error)
            return map(work, some)

    def _give_up(self, error: Exception) -> None:
        """Do the rest here: it takes longer, and nothing is lost."""
        if self._most:
            log.warning("helping processes cannot be used (%s); what they did is done without them", error)
        self._most = 0
        self._end()

    def _end(self, *, at_once: bool = False) -> None:
        """End the processes: when they have done what they do, or (Ctrl-C, an error) without waiting for them."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=not at_once, cancel_futures=True)
        if pool is not None and at_once:
            for child in multiprocessing.active_children():
                child.terminate()


@contextmanager
def _script_hidden() -> Iterator[None]:
    """A process that is spawned imports the script that runs here, and all that this imports; ours need none of it."""
    script = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = script


def _done(work: Callable[[Any], Any], some: Sequence[Any]) -> list[Any]:
    return [work(one) for one in some]


def _begin() -> None:
    """What each of the processes does first: leave Ctrl-C to the one that started it, and end when that is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent,), daemon=True).start()


def _end_after(parent: Any) -> None:
    parent.join()
    os._exit(1)
