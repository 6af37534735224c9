"""Work that tests give to other processes: it must be found there by name."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys


def process_of(_piece: int) -> int:
    """The process that does it."""
    return os.getpid()


def doubled(piece: int) -> int:
    return 2 * piece


def doubled_unless_killed(piece: int) -> int:
    """As `doubled`, but a helping process that gets 150 is killed, as by a system that is short of memory."""
    if piece == 150 and multiprocessing.parent_process() is not None:
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * piece


def refused(piece: int) -> int:
    raise ValueError(f"{piece} cannot be done")


def knows_the_script(_piece: int) -> bool:
    """Whether this process has imported pytest, as the one did that was started first."""
    return "pytest" in sys.modules
