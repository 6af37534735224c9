"""The folder of an index: which generation of it is current, who may write, and what a power cut cannot undo.

INDEX/             0700, for Whoosh unpickles what it finds there
  current          the name of the folder in use; replaced in one step when a rebuilt index takes over
  3f9a…/           an index as Whoosh keeps it
  REBUILDLOCK      held while a new index is being built, PURGELOCK while segments are rewritten
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import StructFile
from whoosh.index import TOC, FileIndex
from whoosh.util.filelock import FileLock, try_for

from index.engines.base import CorruptIndex, LockedIndex
from index.engines.whoosh.whoosh_schema import schema

_NO_LOCK_FILE = {errno.EACCES, errno.EPERM, errno.EISDIR, errno.ELOOP}  # something else lies where it should be
_DELAY = 0.01  # seconds between two tries for a lock
INDEX_NAME = "MAIN"
WRITE_LOCK = f"{INDEX_NAME}_WRITELOCK"  # Whoosh's own


class DurableStorage(FileStorage):
    """Whoosh's storage, with the fsync it leaves out: a file is on disk when closed, a rename when it returns."""

    def create_file(self, name: str, excl: bool = False, mode: str = "wb", **kwargs: Any) -> StructFile:
        return super().create_file(name, excl=excl, mode=mode, onclose=_sync_file, **kwargs)

    def open_file(self, name: str, **kwargs: Any) -> StructFile:
        """Whoosh opens only tables of contents through here, and forgets to close a damaged one."""
        return StructFile(BytesIO(Path(self.folder, name).read_bytes()), name=name, **kwargs)

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:
        sync_folder(self.folder)  # what the new table of contents names must be there before it is
        super().rename_file(oldname, newname, safe=safe)
        sync_folder(self.folder)


def _sync_file(file: StructFile) -> None:
    file.flush()
    os.fsync(file.fileno())


def sync_folder(folder: str | Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def file_lock(path: Path, wait: float = 0.0) -> Iterator[None]:
    """Hold the lock file `path`, which the kernel frees when its process dies; LockedIndex after `wait` seconds."""
    lock = FileLock(str(path))
    try:
        acquired = try_for(lock.acquire, timeout=wait, delay=_DELAY)
    except OSError as error:
        if error.errno not in _NO_LOCK_FILE:
            raise
        path.rename(path.with_name(f"{path.name}.{secrets.token_hex(4)}"))
        acquired = try_for(lock.acquire, timeout=wait, delay=_DELAY)
    if not acquired:
        raise LockedIndex(f"{path.name} is held by another process")
    try:
        yield
    finally:
        lock.release()


_TRIES = 20  # to read a table of contents beside a process that commits without pause


class IndexDirectory:
    """The outer folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.make()

    def make(self) -> None:
        """Make the folder, if it is not there or not there any more."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path.chmod(0o700)

    def current(self) -> str | None:
        """The name of the inner folder in use; None before there is one. Raises CorruptIndex."""
        try:
            return (self.path / "current").read_text("ascii") or None
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise CorruptIndex(f"the name of the index folder cannot be read: {error}") from error

    def create(self) -> str:
        """Make an empty index that nobody uses yet; returns its name."""
        name = secrets.token_hex(8)
        inner = self.path / name
        inner.mkdir(mode=0o700)
        TOC.create(DurableStorage(str(inner)), schema(), INDEX_NAME)
        sync_folder(self.path)
        return name

    def make_current(self, name: str) -> None:
        """Make an inner folder the current one, for every process, at once and for good."""
        new = self.path / f"current.{name}"
        with new.open("w") as file:
            file.write(name)
            file.flush()
            os.fsync(file.fileno())
        try:
            new.replace(self.path / "current")
        except IsADirectoryError:
            shutil.rmtree(self.path / "current")
            new.replace(self.path / "current")
        sync_folder(self.path)

    def open_index(self, name: str) -> FileIndex:
        """Whoosh's index in an inner folder. Raises CorruptIndex."""
        if not (self.path / name).is_dir():
            raise CorruptIndex(f"the index folder {name} is missing")
        for _ in range(_TRIES):
            try:
                return FileIndex(DurableStorage(str(self.path / name)), schema=schema(), indexname=INDEX_NAME)
            except FileNotFoundError:  # another process committed between the look for the newest and reading it
                continue
            except Exception as error:  # unpickling a damaged table of contents can raise anything
                raise CorruptIndex(f"the table of contents cannot be read: {error}") from error
        raise CorruptIndex("the table of contents is missing")

    def remove_unused(self) -> None:
        """Remove inner folders that are not in use; call it with REBUILDLOCK held."""
        try:
            current = self.current()
        except CorruptIndex:
            current = None
        for inner in self.path.iterdir():
            if inner.is_dir() and inner.name != current:
                shutil.rmtree(inner, ignore_errors=True)
            elif inner.name.startswith(("current.", "REBUILDLOCK.", "PURGELOCK.")):
                inner.unlink(missing_ok=True)
