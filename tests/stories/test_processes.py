"""Work is shared out to other processes without anybody noticing, whatever becomes of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pieces_of_work import doubled, doubled_unless_killed, knows_the_script, process_of, refused

from stories import processes
from stories.processes import Processes

MANY = range(400)
ENDLESS = """
import signal, sys, time
from itertools import count
from pieces_of_work import process_of
from stories.processes import Processes
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs this in the background has it ignored
with Processes(1) as helpers:
    for process in helpers.map(process_of, count()):
        print(process, flush=True)
        time.sleep(0.01)
"""


def test_what_others_make_comes_whole_and_in_order() -> None:
    with Processes(2) as helpers:
        assert list(helpers.map(doubled, MANY)) == [2 * piece for piece in MANY]
        assert os.getpid() not in set(helpers.map(process_of, MANY))


def test_others_import_what_their_work_needs_and_not_the_script_that_runs() -> None:
    with Processes(2) as helpers:
        assert set(helpers.map(knows_the_script, MANY)) == {False}


def test_little_work_starts_no_process() -> None:
    with Processes(2) as helpers:
        assert set(helpers.map(process_of, range(processes.LEAST - 1))) == {os.getpid()}


def test_one_processor_does_all_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "processors", lambda: 1)
    with Processes() as helpers:
        assert set(helpers.map(process_of, MANY)) == {os.getpid()}


def test_no_more_is_taken_than_can_be_under_way() -> None:
    pieces = iter(range(100_000))
    with Processes(2) as helpers:
        next(helpers.map(doubled, pieces))
    assert next(pieces) <= processes.LEAST + processes.AHEAD * processes.CHUNK


def test_what_a_killed_process_had_is_done_here(caplog: pytest.LogCaptureFixture) -> None:
    with Processes(2) as helpers:
        assert list(helpers.map(doubled_unless_killed, MANY)) == [2 * piece for piece in MANY]
        assert set(helpers.map(process_of, MANY)) == {os.getpid()}
    assert [record.message.split(" (")[0] for record in caplog.records] == ["helping processes cannot be used"]


def test_what_work_raises_is_raised_here() -> None:
    with Processes(2) as helpers, pytest.raises(ValueError, match="0 cannot be done"):
        list(helpers.map(refused, MANY))


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_helpers_end_with_the_process_that_started_them(how: signal.Signals) -> None:
    root = Path(__file__).parent.parent.parent
    started = subprocess.Popen(
        [sys.executable, "-c", ENDLESS],
        env={**os.environ, "PYTHONPATH": f"{root}:{root / 'tests'}"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    with started:
        assert started.stdout is not None
        helper = int(started.stdout.readline())
        if how is signal.SIGINT:
            os.killpg(started.pid, how)  # as a terminal does: to all of them
        else:
            started.send_signal(how)
        _, errors = started.communicate(timeout=30)
    patience = time.monotonic() + 30
    while Path(f"/proc/{helper}").exists() and time.monotonic() < patience:
        time.sleep(0.05)

    assert not Path(f"/proc/{helper}").exists()
    assert errors.count("Traceback") == (how is signal.SIGINT)
