"""Keeps processes running: one that ends is started again, after pauses that grow while it keeps failing."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.context import ForkProcess

from solidarity.commands import forking

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
    work: Callable[[], object]
    process: ForkProcess | None = None
    started: float = 0.0
    failures: int = 0  # in a row, each within SETTLED seconds
    start_at: float = 0.0

    def start(self, now: float) -> None:
        """Start it."""
        self.process = forking.start(self.name, self.work)
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
    """Runs the children until it is told to stop."""

    children: Sequence[Child]
    told: list[int] = field(default_factory=list)

    def run(self) -> int:
        """Returns the exit code: 0, for nothing else ends it than being told."""
        for number in forking.STOPS:
            signal.signal(number, lambda received, _frame: self.told.append(received))
        forking.keep_shared()
        try:
            while not self.told:
                for child in self.children:
                    self._look_after(child)
                time.sleep(LOOK)
        finally:
            self._stop()
        return 0

    def _look_after(self, child: Child) -> None:
        now = time.monotonic()
        if child.process is None:
            if now >= child.start_at:
                child.start(now)
        elif (code := child.process.exitcode) is not None:
            child.note_end(code, now)

    def _stop(self) -> None:
        running = [child.process for child in self.children if child.process is not None]
        for process in running:
            process.terminate()
        until = time.monotonic() + STOP_SECONDS
        for process in running:
            process.join(max(0.0, until - time.monotonic()))
            if process.is_alive():
                process.kill()
                process.join()
