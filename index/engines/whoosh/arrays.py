"""Named arrays in one file: written once, checked by checksum, read in place through the page cache.

Layout: eight magic bytes; the arrays, each at a multiple of 64; a JSON directory {name: [dtype, offset, count,
crc32]}; the crc32 and the length of the directory; the magic bytes again. A file cut short has no tail and is
refused when it is opened; a file with a flipped bit is found by `verify`.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.engines.base import CorruptIndex

Array = NDArray[Any]

_MAGIC = b"arrays1\n"
_TAIL = struct.Struct("<IQ8s")
_ALIGN = 64
_IN_MEMORY = 1_000_000  # bytes of one array kept in memory before it goes to an unnamed temporary file


class Output(Protocol):
    """What a file of ours is written to: an open file, or Whoosh's wrapping of one."""

    def write(self, data: bytes, /) -> Any:
        """Append."""


class ArrayFile:
    """The arrays of a file as read-only views of its pages. Raises CorruptIndex when the file is not whole."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with path.open("rb") as file:
            self._opened = _identity(os.fstat(file.fileno()))
            try:
                self._pages = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            except ValueError as error:
                raise CorruptIndex(f"{path.name} is empty") from error
        self._directory = self._read_directory()

    def _read_directory(self) -> dict[str, list[Any]]:
        pages = self._pages
        try:
            checksum, length, magic = _TAIL.unpack(pages[-_TAIL.size :])
            directory = pages[len(pages) - _TAIL.size - length : len(pages) - _TAIL.size]
            if magic != _MAGIC or zlib.crc32(directory) != checksum:
                raise CorruptIndex(f"{self.path.name} is cut short or overwritten")
            entries: dict[str, list[Any]] = json.loads(directory)
        except (struct.error, ValueError) as error:
            raise CorruptIndex(f"{self.path.name} has no directory") from error
        return entries

    def __contains__(self, name: str) -> bool:
        return name in self._directory

    def __iter__(self) -> Iterator[str]:
        return iter(self._directory)

    def __getitem__(self, name: str) -> Array:
        dtype, offset, count, _ = self._directory[name]
        return np.frombuffer(self._pages, dtype=dtype, count=count, offset=offset)

    def get(self, name: str) -> Array | None:
        """The array, or None where the file has none of the name."""
        if name not in self:
            return None
        return self[name]

    def is_as_opened(self) -> bool:
        """Whether the file is still there, and nobody has written to it: nobody ever should."""
        try:
            return _identity(self.path.stat()) == self._opened
        except OSError:
            return False

    def let_go(self) -> None:
        """Count pages that were read as none of this process's memory: who looks through all of them needs few."""
        if hasattr(mmap, "MADV_DONTNEED"):
            self._pages.madvise(mmap.MADV_DONTNEED)

    def verify(self) -> None:
        """Read every byte and compare checksums. Raises CorruptIndex."""
        for name, (_, _, _, checksum) in self._directory.items():
            if zlib.crc32(self[name].data) != checksum:
                raise CorruptIndex(f"{self.path.name}: {name} has changed on disk")
        self.let_go()


def _identity(facts: os.stat_result) -> tuple[int, int, int]:
    return facts.st_ino, facts.st_size, facts.st_mtime_ns


class ArrayWriter:
    """Collects arrays piece by piece and saves them as one file; large ones wait on disk, without a name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._parts: dict[str, _Parts] = {}

    def add(self, name: str, piece: Array) -> None:
        """Append a piece to the array `name`; all pieces of a name have one dtype."""
        parts = self._parts.get(name)
        if parts is None:
            parts = self._parts[name] = _Parts(piece.dtype, self._folder)
        parts.add(piece)

    def save(self, file: Output) -> None:
        """Write everything to `file`, which the caller opened and makes durable."""
        file.write(_MAGIC)
        directory, offset = {}, len(_MAGIC)
        for name, parts in self._parts.items():
            gap = -offset % _ALIGN
            file.write(bytes(gap))
            directory[name] = [parts.dtype.str, offset + gap, parts.count, parts.checksum]
            offset += gap + parts.write_to(file)
        listing = json.dumps(directory).encode()
        file.write(listing + _TAIL.pack(zlib.crc32(listing), len(listing), _MAGIC))


class _Parts:
    """The pieces of one array on their way to the file."""

    def __init__(self, dtype: np.dtype[Any], folder: Path) -> None:
        self.dtype, self.count, self.checksum = dtype, 0, 0
        self._folder = folder
        self._pieces: list[bytes] = []
        self._waiting = 0
        self._spill: IO[bytes] | None = None

    def add(self, piece: Array) -> None:
        data = np.ascontiguousarray(piece, dtype=self.dtype).tobytes()
        self.count += len(piece)
        self.checksum = zlib.crc32(data, self.checksum)
        self._pieces.append(data)
        self._waiting += len(data)
        if self._waiting > _IN_MEMORY:
            self._flush()

    def _flush(self) -> None:
        if self._spill is None:
            self._spill = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - closed by write_to
        self._spill.writelines(self._pieces)
        self._pieces, self._waiting = [], 0

    def write_to(self, file: Output) -> int:
        size = self.count * self.dtype.itemsize
        if self._spill is not None:
            with self._spill as spill:
                spill.seek(0)
                while block := spill.read(1 << 20):
                    file.write(block)
        for piece in self._pieces:
            file.write(piece)
        return size


def narrow(numbers: Array) -> Array:
    """The same whole numbers, none negative, in the smallest unsigned type that holds them."""
    top = int(numbers.max()) if len(numbers) else 0
    return numbers.astype(np.min_scalar_type(top), copy=False)
