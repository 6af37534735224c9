"""The application that the server calls (RSGI): reads each request whole, asks Flask in a thread, sends the answer.

    granian ─► Front ─► request_body   bodies, under a deadline and within a budget of memory
                    ├─► thread_pool    readers, writers and passwords apart: who waits for a lock keeps no reader
                    │                  waiting, and a flood of wrong passwords neither readers nor writers
                    └─► wsgi_adapter   Flask

Whatever can be answered without Flask belongs into `Front._answer`, before a thread is taken.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable
from typing import Any

from solidarity.process_parents import Parents
from solidarity.server.request_body import Bodies, Unread, announced, discard
from solidarity.server.thread_pool import ThreadPool
from solidarity.server.wsgi_adapter import Answer, Application, Call, environment

READERS, WRITERS = 4, 4  # threads for what only reads, and for what may wait for the database's write lock
HASHERS = 1  # threads for forms that may bring a password: each hash takes a tenth of a second, 64 MB and both cores
MOST_READERS, MOST_WRITERS, MOST_HASHERS = 256, 64, 64  # requests that wait for one of them
LOOK = 1.0  # seconds between two looks for whoever started this worker

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
log = logging.getLogger(__name__)


class Front:
    """One for each worker.

    `largest(path)` is how many bytes may be sent to an address, `hashes(path)` whether forms there bring passwords.
    """

    def __init__(
        self,
        application: Application,
        refusal: Callable[[int, str], Answer],
        largest: Callable[[str], int],
        hashes: Callable[[str], bool],
        bodies: Bodies | None = None,
    ) -> None:
        self._application, self._refusal, self._largest, self._hashes = application, refusal, largest, hashes
        self._bodies = bodies or Bodies()
        self._readers = ThreadPool("reader", READERS, MOST_READERS)
        self._writers = ThreadPool("writer", WRITERS, MOST_WRITERS)
        self._hashers = ThreadPool("hasher", HASHERS, MOST_HASHERS)

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Called by the server as the worker starts."""
        _watch(loop, Parents())

    def __rsgi_del__(self, _loop: asyncio.AbstractEventLoop) -> None:
        """Called by the server as the worker ends."""
        self._readers.stop()
        self._writers.stop()
        self._hashers.stop()

    async def __rsgi__(self, scope: Any, proto: Any) -> None:
        """Answer one request; called by the server."""
        try:
            await self._answer(scope, proto)
        except Unread as unread:
            self._refuse(scope, proto, unread.status)
        except asyncio.CancelledError:
            proto.response_empty(499, [])  # nobody is there to read it
        except Exception:
            log.exception("the application failed at %s", scope.path)
            self._refuse(scope, proto, 500)

    async def _answer(self, scope: Any, proto: Any) -> None:
        try:
            length = announced(scope.headers, self._largest(scope.path))
        except Unread:
            await discard(proto, scope.headers, self._bodies.grace)
            raise
        if not length:
            await self._ask(scope, proto, b"")
            return
        async with self._bodies.read(proto, length) as body:
            await self._ask(scope, proto, body)

    async def _ask(self, scope: Any, proto: Any, body: bytes) -> None:
        call = Call(self._application, environment(scope, body))
        if scope.method in SAFE_METHODS:
            pool, gone = self._readers, proto.client_disconnect
        else:
            pool = self._hashers if self._hashes(scope.path) else self._writers
            gone = None  # what arrived whole is done, whether its sender waits or not
        answer = await pool.run(call.answer, gone)
        if answer.more:
            await _stream(proto, answer, call, pool)
        else:
            proto.response_bytes(answer.status, answer.headers, answer.body)

    def _refuse(self, scope: Any, proto: Any, status: int) -> None:
        """Answer without asking the application, and end the connection: the rest of the body may still be coming."""
        answer = self._refusal(status, scope.path)
        proto.response_bytes(answer.status, [*answer.headers, ("connection", "close")], answer.body)


async def _stream(proto: Any, answer: Answer, call: Call, pool: ThreadPool) -> None:
    """Send a long answer piece by piece. A thread makes each piece; none waits for a slow reader."""
    try:
        transport = proto.response_stream(answer.status, answer.headers)
        piece: bytes | None = answer.body
        while piece is not None:
            await transport.send_bytes(piece)
            piece = await pool.run(lambda: call.next(answer.rest))
    except Exception:
        log.warning("an answer was not sent to its end", exc_info=True)  # its beginning has been sent already
    finally:
        await pool.run(call.close)


def _watch(loop: asyncio.AbstractEventLoop, parents: Parents) -> None:
    """End the worker once the process that started it is gone, and that one once its supervisor is."""
    if not parents.parent_is_there:
        os.kill(os.getpid(), signal.SIGTERM)
    elif not parents.are_there:
        os.kill(os.getppid(), signal.SIGTERM)
    else:
        loop.call_later(LOOK, _watch, loop, parents)
