"""Keeps processes running: one that ends is started again, after pauses that grow while it keeps failing."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from solidarity.process_parents import SUPERVISOR

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds before a process is started again
SETTLED = 30.0  # seconds after which a process counts as running well
OFTEN = 3  # failures in a row that are told in more words
STOP_SECONDS = 20.0  # what a process gets to finish what it does
LOOK = 0.1
log = logging.getLogger(__name__)


@dataclass
class Child:
    """A process to keep running."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0  # in a row, each within SETTLED seconds
    start_at: float = 0.0

    def start(self, cwd: Path, env: Mapping[str, str], now: float) -> None:
        """Start it."""
        self.process = subprocess.Popen(self.command, cwd=cwd, env=env)  # noqa: S603 - our own commands
        self.started = now

    def note_end(self, code: int, now: float) -> None:
        """Remember that it ended, say so, and settle when it is started again."""
        self.process = None
        self.failures = self.failures + 1 if now - self.started < SETTLED else 1
        pause: float = min(FIRST_PAUSE * 2.0 ** (self.failures - 1), LONGEST_PAUSE)
        self.start_at = now + pause
        _tell(self, code, pause)


def _tell(child: Child, code: int, pause: float) -> None:
    how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
    if child.failures < OFTEN:
        log.warning("%s %s; it is started again in %.0f s", child.name, how, pause)
    else:
        log.error(
            "%s %s, for the %s. time in a row within seconds of its start: what it says above has to be mended first; "
            "it is tried again in %.0f s",
            child.name, how, child.failures, pause,
        )  # fmt: skip


@dataclass
class Supervisor:
    """Runs the children until it is told to stop (SIGTERM, SIGINT, SIGHUP)."""

    children: Sequence[Child]
    cwd: Path
    told: list[int] = field(default_factory=list)

    def run(self) -> int:
        """Returns the exit code: 0, for nothing else ends it than being told."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda received, _frame: self.told.append(received))
        env = {**os.environ, SUPERVISOR: str(os.getpid())}
        while not self.told:
            for child in self.children:
                self._look_after(child, env)
            time.sleep(LOOK)
        self._stop()
        return 0

    def _look_after(self, child: Child, env: Mapping[str, str]) -> None:
        now = time.monotonic()
        if child.process is None:
            if now >= child.start_at:
                child.start(self.cwd, env, now)
        elif (code := child.process.poll()) is not None:
            child.note_end(code, now)

    def _stop(self) -> None:
        running = [child.process for child in self.children if child.process is not None]
        for process in running:
            process.terminate()
        until = time.monotonic() + STOP_SECONDS
        for process in running:
            try:
                process.wait(timeout=max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
