"""The supervisor with small processes of its own: pauses that grow, and words about what keeps failing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from solidarity.commands.supervisor import FIRST_PAUSE, LONGEST_PAUSE, OFTEN, SETTLED, Child

SUPERVISED = """
import sys, time
from functools import partial
from solidarity.commands.supervisor import Child, Supervisor
children = [Child("steady", partial(time.sleep, 600)), Child("failing", partial(sys.exit, 3))]
print("started", flush=True)
sys.exit(Supervisor(children).run())
"""


def nothing() -> None:
    """What a process that is never started would do."""


def test_pauses_double_up_to_a_minute_and_begin_anew_after_a_good_run() -> None:
    child, pauses, now = Child("it", nothing), [], 100.0
    for ran in [0.5] * 8 + [SETTLED + 1, 0.5]:
        child.started = now
        child.note_end(1, now + ran)
        pauses.append(child.start_at - now - ran)
        now = child.start_at

    assert [round(pause) for pause in pauses] == [1, 2, 4, 8, 16, 32, 60, 60, 1, 2]
    assert (FIRST_PAUSE, LONGEST_PAUSE) == (1.0, 60.0)


def test_what_keeps_failing_is_told_in_more_words(caplog: pytest.LogCaptureFixture) -> None:
    child = Child("server", nothing)
    for _ in range(OFTEN):
        child.note_end(3, 1.0)
    child.note_end(-signal.SIGKILL, SETTLED + 1)

    assert caplog.messages == [
        "server ended with exit code 3; it is started again in 1 s",
        "server ended with exit code 3; it is started again in 2 s",
        "server ended with exit code 3, for the 3. time in a row within seconds of its start: what it says above "
        "has to be mended first; it is tried again in 4 s",
        "server was ended by SIGKILL; it is started again in 1 s",
    ]


def test_one_that_fails_stops_no_other_and_sigterm_stops_all(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SUPERVISED],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(FIRST_PAUSE + 2.0)
    assert process.poll() is None
    process.terminate()
    _, told = process.communicate(timeout=20)

    assert process.returncode == 0
    assert "failing ended with exit code 3; it is started again in 2 s" in told
    assert "steady" not in told
