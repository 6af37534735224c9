"""Reads request bodies: under a deadline that grows with what has arrived, and within one budget for all of them.

A body that is being read holds no thread. What a slow sender can hold is memory, and of that there is a fixed amount:
where it is used up, the body that has been on its way longest is let go, so that whoever sends at once is always taken.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

GRACE = 10.0  # seconds in which a body has to begin, and by which it may be late
SLOWEST = 1_000  # bytes a second: a quarter of what a phone sends over 2G; 6 MB may take 100 minutes
MOST_BYTES = 64 * 1024 * 1024  # of all bodies of a worker together
MOST_DISCARDED = 32 * 1024 * 1024  # bytes of a refused body; a longer one is cut off at once
MOST_BODIES = 1_000  # being read at a time


class Unread(Exception):
    """A request that is answered without asking the site; `status` says why."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Receiving(Protocol):
    """The part of an RSGI protocol that brings the body, piece by piece."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        """The pieces; it ends early, without an error, where the sender stops in the middle."""


def announced(headers: Mapping[str, str], most: int) -> int:
    """How many bytes a request says it has. Raises Unread for what cannot be taken.

    A body without a length (chunked) is refused: the server cannot tell one that was cut short from a whole one.
    """
    if "transfer-encoding" in headers:
        raise Unread(411)
    length = headers.get("content-length") or "0"
    if not (length.isascii() and length.isdigit()):
        raise Unread(400)
    if int(length) > most:
        raise Unread(413)
    return int(length)


async def discard(sender: Receiving, headers: Mapping[str, str], grace: float = GRACE) -> None:
    """Take what is sent of a refused body, for so many seconds, and keep none: a sender cut off never reads why."""
    length = headers.get("content-length") or "0"
    if not (length.isascii() and length.isdigit() and int(length) <= MOST_DISCARDED):
        return
    try:
        async with asyncio.timeout(grace):
            async for _ in sender:
                pass
    except TimeoutError:
        pass  # the refusal is sent all the same


@dataclass(eq=False)
class _Body:
    """One body on its way."""

    deadline: asyncio.Timeout
    size: int = 0
    let_go: bool = False


class Bodies:
    """The bodies of one worker: those that are being read, and those whose requests are not answered yet."""

    def __init__(self, *, grace: float = GRACE, most_bytes: int = MOST_BYTES, most_bodies: int = MOST_BODIES) -> None:
        self.grace, self._most_bytes, self._most_bodies = grace, most_bytes, most_bodies
        self._reading: dict[_Body, None] = {}  # the oldest first
        self.held = 0  # bytes

    @asynccontextmanager
    async def read(self, sender: Receiving, length: int) -> AsyncIterator[bytes]:
        """The whole body, counted as held until the block ends.

        Raises Unread: 408 for one that comes too slowly, 503 for one let go, 400 for one that ends too early.
        """
        body = _Body(asyncio.timeout(self.grace))
        try:
            yield await self._read(body, sender, length)
        finally:
            self.held -= body.size

    async def _read(self, body: _Body, sender: Receiving, length: int) -> bytes:
        self._reading[body] = None
        try:
            async with body.deadline:
                data = await self._received(body, sender)
        except TimeoutError:
            raise Unread(503 if body.let_go else 408) from None
        finally:
            del self._reading[body]
        if len(data) != length:
            raise Unread(400)
        return data

    async def _received(self, body: _Body, sender: Receiving) -> bytes:
        clock = asyncio.get_running_loop().time
        begun, pieces = clock(), []
        self._make_room()
        async for piece in sender:
            pieces.append(bytes(piece))
            body.size += len(piece)
            self.held += len(piece)
            if not body.let_go:
                body.deadline.reschedule(begun + self.grace + body.size / SLOWEST)
            self._make_room()
        return b"".join(pieces)

    def _make_room(self) -> None:
        """Let the oldest go while there is too much of them."""
        waiting = [body for body in self._reading if not body.let_go]
        excess = self.held - self._most_bytes
        for oldest in waiting:
            if excess <= 0 and len(waiting) <= self._most_bodies:
                return
            oldest.let_go = True
            oldest.deadline.reschedule(0)
            waiting = waiting[1:]
            excess -= oldest.size
