"""The site with its look at the state taken out: what it was told once it believes for two seconds."""

from __future__ import annotations

from time import monotonic

from solidarity.rsgi import app
from stories.change_watcher import ChangeWatcher

__all__ = ["app"]

told: dict[str, float] = {"at": -9.0, "newest": 0}
newest = ChangeWatcher.newest


def believed(watcher: ChangeWatcher) -> int | None:
    """The state as it was at most two seconds ago."""
    if monotonic() > told["at"] + 2.0:
        told.update(at=monotonic(), newest=newest(watcher) or 0)
    return int(told["newest"])


ChangeWatcher.newest = believed  # type: ignore[method-assign]
