"""A sorted table of byte strings in three arrays, searched without being read into memory."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import cached_property

import numpy as np

from index.engines.whoosh.arrays import Array, ArrayFile, ArrayWriter

_BATCH = 50_000
_HEAD = 8  # bytes of each string that numpy can compare as one number


class TermDictionary:
    """Sorted strings: `text` holds them end to end, `ends` says where each ends, `heads` its first eight bytes."""

    def __init__(self, arrays: ArrayFile, name: str) -> None:
        self._text = arrays[f"{name}.text"].data
        self.ends = arrays[f"{name}.ends"]
        self._heads = arrays[f"{name}.heads"]

    def __len__(self) -> int:
        return len(self.ends)

    def __getitem__(self, i: int) -> bytes:
        start = self.ends.item(i - 1) if i else 0
        return bytes(self._text[start : self.ends.item(i)])

    def __iter__(self) -> Iterator[bytes]:
        start = 0
        for end in self.ends.tolist():
            yield bytes(self._text[start:end])
            start = end

    def lower_bound(self, word: bytes) -> int:
        """The place of the first string that is not before `word`."""
        head = np.uint64(_head(word))
        low = int(np.searchsorted(self._heads, head, "left"))
        if len(word) < _HEAD:
            return low if b"\0" not in word else bisect_left(self, word, low)
        high = int(np.searchsorted(self._heads, head, "right"))
        return bisect_left(self, word, low, high)

    def find(self, word: bytes) -> int:
        """The place of `word`, or -1."""
        i = self.lower_bound(word)
        return i if i < len(self) and self[i] == word else -1

    @cached_property
    def byte_signatures(self) -> Array:
        """For each string which bytes it has, folded to 64 bits: strings a few edits apart differ in few of them."""
        text, ends = np.frombuffer(self._text, np.uint8), self.ends.astype(np.int64)
        starts = np.concatenate(([0], ends[:-1])) if len(ends) else ends
        signs = np.zeros(len(ends), np.uint64)
        for low in range(0, len(ends), _BATCH):
            some = slice(low, low + _BATCH)
            have = starts[some] < ends[some]  # the empty string has no bytes
            bits = byte_signature_bits(text[starts[low] : ends[some][-1]])
            signs[some][have] = np.bitwise_or.reduceat(bits, (starts[some] - starts[low])[have])
        return signs

    def range(self, prefix: bytes) -> tuple[int, int]:
        """The places, from and below, of the strings that begin with `prefix` (UTF-8 has no byte 0xff)."""
        return self.lower_bound(prefix), self.lower_bound(prefix + b"\xff" * _HEAD)


def byte_signature_bits(text: Array) -> Array:
    """For each byte the one of 64 bits that stands for it."""
    return np.left_shift(np.uint64(1), (text & 63).astype(np.uint64))


def _head(word: bytes) -> int:
    return int.from_bytes(word[:_HEAD].ljust(_HEAD, b"\0"), "big")


def write_term_dictionary(writer: ArrayWriter, name: str, words: Iterable[bytes]) -> int:
    """Add the three arrays of the sorted `words` to the file; returns how many words there were."""
    total, end = 0, 0
    for batch in _batches(words, _BATCH):
        lengths = np.fromiter(map(len, batch), np.int64, len(batch))
        ends = np.cumsum(lengths) + end
        total, end = total + len(batch), int(ends[-1])
        writer.add(f"{name}.text", np.frombuffer(b"".join(batch), np.uint8))
        writer.add(f"{name}.ends", ends.astype(np.uint32))
        heads = b"".join(word[:_HEAD].ljust(_HEAD, b"\0") for word in batch)
        writer.add(f"{name}.heads", np.frombuffer(heads, ">u8").astype(np.uint64))
    if not total:
        for part, dtype in (("text", np.uint8), ("ends", np.uint32), ("heads", np.uint64)):
            writer.add(f"{name}.{part}", np.empty(0, dtype))
    return total


def _batches(words: Iterable[bytes], size: int) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    for word in words:
        batch.append(word)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
