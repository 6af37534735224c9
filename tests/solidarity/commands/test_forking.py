"""Processes that are forked: their signals, their name, and who they take for their supervisor."""

from __future__ import annotations

import os
import signal
import sys
from functools import partial
from pathlib import Path

import pytest

from solidarity.commands import forking
from solidarity.process_parents import SUPERVISOR


def tell(path: Path) -> None:
    """Write down what a process is."""
    facts = (os.environ[SUPERVISOR], signal.getsignal(signal.SIGTERM) is signal.SIG_DFL, _blocked())
    path.write_text(repr(facts))


def _blocked() -> set[int]:
    return set(signal.pthread_sigmask(signal.SIG_BLOCK, [])) & set(forking.STOPS)


def test_a_process_knows_its_supervisor_and_has_none_of_its_handlers(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        forking.start("told", partial(tell, tmp_path / "told")).join()
    finally:
        signal.signal(signal.SIGTERM, before)

    assert (tmp_path / "told").read_text() == repr((str(os.getpid()), True, set()))


def test_it_ends_as_its_work_says() -> None:
    processes = [forking.start("it", partial(sys.exit, code)) for code in (0, 3)]
    for process in processes:
        process.join()

    assert [process.exitcode for process in processes] == [0, 3]


@pytest.mark.skipif(not Path("/proc/self/comm").exists(), reason="looks for its name in /proc")
def test_it_can_be_told_from_others_by_its_name(tmp_path: Path) -> None:
    copy = tmp_path / "comm"
    forking.start("a name", lambda: copy.write_text(Path("/proc/self/comm").read_text())).join()

    assert copy.read_text() == "a name\n"
