"""What a disk that fails looks like: full, or open for reading only. A database says it, or the system itself."""

from __future__ import annotations

import errno
import os
import sqlite3
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from sqlalchemy.exc import DBAPIError


class Trouble(Enum):
    """Why nothing can be written."""

    FULL = "full"
    READ_ONLY = "read-only"


_OF_SYSTEM = {
    errno.ENOSPC: Trouble.FULL, errno.EDQUOT: Trouble.FULL, errno.EFBIG: Trouble.FULL, errno.EROFS: Trouble.READ_ONLY,
}  # fmt: skip
_OF_SQLITE = {
    sqlite3.SQLITE_FULL: Trouble.FULL,
    sqlite3.SQLITE_IOERR_WRITE: Trouble.FULL,
    sqlite3.SQLITE_IOERR_SHMSIZE: Trouble.FULL,
    sqlite3.SQLITE_READONLY: Trouble.READ_ONLY,
}
_OF_POSTGRESQL = {"53100": Trouble.FULL, "25006": Trouble.READ_ONLY}  # disk_full, read_only_sql_transaction


def trouble(error: BaseException) -> Trouble | None:
    """What an error says of the disk; None where it says something else."""
    if isinstance(error, DBAPIError):
        original = error.orig
        if isinstance(original, sqlite3.Error):
            code = getattr(original, "sqlite_errorcode", 0)
            return _OF_SQLITE.get(code) or _OF_SQLITE.get(code & 0xFF)
        return _OF_POSTGRESQL.get(getattr(original, "sqlstate", None) or "")
    return _OF_SYSTEM.get(error.errno or 0) if isinstance(error, OSError) else None


class Space(NamedTuple):
    """What is left on the disk of a folder."""

    free: int  # bytes that the site may still write
    read_only: bool
    device: int  # the same for all folders of one disk


def space(folder: Path) -> Space:
    """How it stands with the disk that `folder` is on, or will be on once it is made. Raises OSError."""
    there = next(path for path in [folder.absolute(), *folder.absolute().parents] if path.exists())
    facts = os.statvfs(there)
    read_only = bool(facts.f_flag & os.ST_RDONLY) or not os.access(there, os.W_OK)
    return Space(facts.f_bavail * facts.f_frsize, read_only, there.stat().st_dev)
