"""Starts work in processes that share the memory of this one: what nobody writes to is there once for all of them.

Whoever forks has no connection to a database and no thread but those that wait for its children.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.context import ForkProcess
from pathlib import Path

from solidarity.process_parents import SUPERVISOR

STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_NAME = Path("/proc/self/comm")  # what `ps -o comm`, `top` and `pgrep` show of a process


def start(name: str, work: Callable[[], object]) -> ForkProcess:
    """Do `work` in a process of its own, which ends with it: with 0, or as SystemExit says."""
    process = multiprocessing.get_context("fork").Process(target=_run, args=(name, work, os.getpid()), name=name)
    with _held_back(STOPS):
        process.start()
    return process


def keep_shared() -> None:
    """Leave all that was made so far alone when looking for garbage, which would write to it; before starting many."""
    gc.collect()
    gc.freeze()


def _run(name: str, work: Callable[[], object], supervisor: int) -> None:
    for number in STOPS:  # those of whoever started this process are none of ours
        signal.signal(number, signal.SIG_DFL if number != signal.SIGINT else signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
    os.environ[SUPERVISOR] = str(supervisor)
    name_process(name)
    work()


def name_process(name: str) -> None:
    """Let this process be told from those that share its command line, where the system knows how (Linux)."""
    try:
        _NAME.write_text(name)
    except OSError:
        pass  # a name is only for people


@contextmanager
def _held_back(signals: tuple[signal.Signals, ...]) -> Iterator[None]:
    """Let signals wait: one that came before a new process has its own handlers would be lost."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
