"""The site with its look at the state taken out: what it was told once it believes for five seconds."""

from __future__ import annotations

from time import monotonic

from stories.change_watcher import ChangeWatcher

told: dict[str, float] = {"at": -9.0, "newest": 0}
newest = ChangeWatcher.newest


def believed(watcher: ChangeWatcher) -> int | None:
    """The state as it was at most five seconds ago."""
    if monotonic() > told["at"] + 5.0:
        told.update(at=monotonic(), newest=newest(watcher) or 0)
    return int(told["newest"])


ChangeWatcher.newest = believed  # type: ignore[method-assign]

from solidarity.rsgi import app  # noqa: E402 - the site keeps what it finds when it starts

__all__ = ["app"]
