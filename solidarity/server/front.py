"""The application that the server calls (RSGI): reads each request whole, asks Flask in a thread, sends the answer.

    granian ─► Front ─► page_cache     public pages and files that were made before, and what makes them
                    ├─► request_body   bodies, under a deadline and within a budget of memory
                    ├─► thread_pool    one for each `Share`: who waits for a lock keeps no reader waiting, a flood of
                    │                  wrong passwords neither readers nor writers, and costly pages no cheap ones
                    └─► wsgi_adapter   Flask

Whatever can be answered without Flask is answered before a thread is taken.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable
from typing import Any

from solidarity.process_parents import Parents
from solidarity.server.cached_page import CachedPage
from solidarity.server.page_cache import PageCache
from solidarity.server.page_store import Key
from solidarity.server.request_body import Bodies, Unread, announced, discard
from solidarity.server.thread_pool import ThreadPool
from solidarity.server.wsgi_adapter import Answer, Application, Call, environment
from solidarity.web.caching import Lifetime
from solidarity.web.db import SAFE_METHODS
from solidarity.web.shares import Share, share_of

LOOK = 1.0  # seconds between two looks for whoever started this worker

CACHED_METHODS = frozenset({"GET", "HEAD"})
log = logging.getLogger(__name__)


class Front:
    """One for each worker.

    `largest(path)` is how many bytes may be sent to an address, `share(method, path)` which threads answer it.
    Without `cache` every page is made afresh.
    """

    def __init__(
        self,
        application: Application,
        refusal: Callable[[int, str], Answer],
        largest: Callable[[str], int],
        share: Callable[[str, str], Share] = share_of,
        bodies: Bodies | None = None,
        cache: PageCache | None = None,
    ) -> None:
        self._application, self._refusal, self._largest, self._share = application, refusal, largest, share
        self._bodies, self._cache = bodies or Bodies(), cache
        self._pools = {one: ThreadPool(*one.value) for one in Share}

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Called by the server as the worker starts."""
        _watch(loop, Parents())
        if self._cache is not None:
            _watch_index(loop, self._cache)

    def __rsgi_del__(self, _loop: asyncio.AbstractEventLoop) -> None:
        """Called by the server as the worker ends."""
        for pool in self._pools.values():
            pool.stop()
        if self._cache is not None:
            self._cache.stop()

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
        cache, headers = self._cache, scope.headers
        if (
            cache
            and scope.method in CACHED_METHODS
            and not ("content-length" in headers or "transfer-encoding" in headers)
        ):
            await self._answer_from(cache, scope, proto)
        else:
            await self._answer_afresh(scope, proto)

    async def _answer_from(self, cache: PageCache, scope: Any, proto: Any) -> None:
        """Send a page that is kept, or make it."""
        key = (scope.path, scope.query_string)
        page, state = cache.asset(key), None
        if page is None:
            state = await cache.state()
            page = cache.page(key, state)
        if page is not None:
            page.send(scope, proto)
            cache.was_sent(page)
        elif state is None or scope.method != "GET":
            await self._ask(scope, proto, b"")
        else:
            await self._make(cache, key, state, scope, proto)

    async def _make(self, cache: PageCache, key: Key, state: int, scope: Any, proto: Any) -> None:
        """Make a page, once for all who ask for it now. Who is somebody (a cookie) waits for nobody."""
        if "cookie" in scope.headers:
            await self._made(cache, key, state, scope, proto)
        elif (making := cache.under_way(key, state)) is not None:
            page = await asyncio.shield(making)
            if page is not None:
                page.send(scope, proto)
            else:
                await self._made(cache, key, state, scope, proto)
        else:
            making, page = cache.begin(key, state), None
            try:
                page = await self._made(cache, key, state, scope, proto)
            finally:
                making.set_result(page)

    async def _made(self, cache: PageCache, key: Key, state: int, scope: Any, proto: Any) -> CachedPage | None:
        """Make a page and send it; returns it, if others may have it."""
        environ = environment(scope, b"")
        call = Call(self._application, environ)
        pool = self._pool(scope)
        made = await pool.run(lambda: cache.make(call, environ, state), proto.client_disconnect)
        cache.keep(key, state, made)
        if made.page is None:
            await _send(proto, made.answer, call, pool)
            return None
        made.page.send(scope, proto)
        return made.page if made.lifetime is not Lifetime.NONE else None

    async def _answer_afresh(self, scope: Any, proto: Any) -> None:
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
        pool = self._pool(scope)
        # What arrived whole is done, whether its sender waits or not.
        gone = proto.client_disconnect if scope.method in SAFE_METHODS else None
        await _send(proto, await pool.run(call.answer, gone), call, pool)

    def _pool(self, scope: Any) -> ThreadPool:
        return self._pools[self._share(scope.method, scope.path)]

    def _refuse(self, scope: Any, proto: Any, status: int) -> None:
        """Answer without asking the application, and end the connection: the rest of the body may still be coming."""
        answer = self._refusal(status, scope.path)
        proto.response_bytes(answer.status, [*answer.headers, ("connection", "close")], answer.body)


async def _send(proto: Any, answer: Answer, call: Call, pool: ThreadPool) -> None:
    if answer.more:
        await _stream(proto, answer, call, pool)
    else:
        proto.response_bytes(answer.status, answer.headers, answer.body)


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


def _watch_index(loop: asyncio.AbstractEventLoop, cache: PageCache) -> None:
    """Notice that the index was built anew."""
    cache.look_at_index()
    loop.call_later(LOOK, _watch_index, loop, cache)
