"""Sees to it that nobody else on the machine can read what the site keeps: drafts, addresses, evidence of consent."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path

OTHERS = stat.S_IRWXG | stat.S_IRWXO
UMASK = OTHERS  # what the site makes is its owner's alone
_OURS = (
    "secret-key", "password-salt", "totp-key", "stories.sqlite*", "limits.sqlite*",
    "index", "mail", "media", "*.eml", "current", "*LOCK",
)  # fmt: skip
_NO_MATTER = {"lost+found"}


class Exposed(Exception):
    """Others can read what is to be private, and it cannot be changed; the message says what would do."""


def make_folder(path: Path) -> None:
    """Make a folder for the site alone, or close one that is there already. Raises Exposed, OSError."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not _is_open(path):
        return
    names = {entry.name for entry in path.iterdir()} - _NO_MATTER
    if names and not any(fnmatch(name, pattern) for name in names for pattern in _OURS):
        raise Exposed(
            f"others can read {path}, and it holds other things than this site's; "
            f"name a folder of its own, or run: chmod go-rwx {path}"
        )
    close(path)


def close_files(paths: Iterable[Path]) -> None:
    """Close files and folders, as far as they are there. Raises Exposed."""
    for path in paths:
        try:
            close(path)
        except FileNotFoundError:
            pass  # not made yet, or just removed by another process


def close(path: Path) -> None:
    """Take from others what they may do with a file or a folder. Raises Exposed, FileNotFoundError."""
    if not _is_open(path):
        return
    try:
        path.chmod(stat.S_IMODE(path.stat().st_mode) & ~OTHERS)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Exposed(_how_to(path, error.strerror)) from error
    if _is_open(path):
        raise Exposed(_how_to(path, "this file system keeps no permissions"))


def _is_open(path: Path) -> bool:
    return os.name == "posix" and bool(path.stat().st_mode & OTHERS)


def _how_to(path: Path, reason: str | None) -> str:
    return f"others can read {path}, and that cannot be changed ({reason}); run: chmod go-rwx {path}"
