"""Lets a process notice that whoever started it is gone, so that none is left behind to hold a port or a lock."""

from __future__ import annotations

import os

INIT = 1  # takes over whatever lost its parent
SUPERVISOR = "SERVED_BY"  # in the environment of what `flask serve` starts: its process id


class Parents:
    """The process that started this one, and the supervisor above it, if there is one."""

    def __init__(self) -> None:
        self._parent = os.getppid()
        self._supervisor = int(os.environ.get(SUPERVISOR) or 0)

    @property
    def are_there(self) -> bool:
        """Whether both still live."""
        return self.parent_is_there and (not self._supervisor or _lives(self._supervisor))

    @property
    def parent_is_there(self) -> bool:
        """Whether the process that started this one still lives; it may have ended before this one could look."""
        return os.getppid() == self._parent and not self._was_lost_at_once

    @property
    def _was_lost_at_once(self) -> bool:
        return bool(self._supervisor) and self._parent == INIT != self._supervisor


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
