"""Public pages of one worker, each made once for a state of the site and then sent without asking Flask.

A state is the number of the newest change (`stories.changes`), whose order is that of commits. It is read from the
database before each answer, and before each page is made: a page is only as good as the number that was read first.
See docs/decisions/pages.md.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from index.engines.base import CorruptIndex, Engine
from solidarity.server.cached_page import CachedPage
from solidarity.server.page_store import Key, PageStore
from solidarity.server.shared_question import SharedQuestion
from solidarity.server.wsgi_adapter import Answer, Call
from solidarity.web.caching import CACHEABLE, Lifetime
from stories.change_watcher import ChangeWatcher

PATIENCE = 1.0  # seconds to wait for the state; then the page is made afresh
WITH_QUERY = 4  # the part of the memory for addresses with a query, which have no end
ASSETS = 8 * 1024 * 1024  # bytes for files of ours, apart from all pages
POPULAR = 200  # times that a page is sent before it is worth compressing better


class Made(NamedTuple):
    """An answer of the application; the page that it is, if it is one for everyone; how long it may be kept.

    `build` is that of the index, for a page that may be kept until a change.
    """

    answer: Answer
    page: CachedPage | None = None
    lifetime: Lifetime = Lifetime.NONE
    build: str = ""


class PageCache:
    """Used from the event loop of its worker, but for `make`."""

    def __init__(self, watcher: ChangeWatcher, engine: Engine, most_bytes: int) -> None:
        self._watcher, self._engine = watcher, engine
        self._question = SharedQuestion(watcher.newest) if watcher.may_wait else None
        self._plain, self._with_query = PageStore(most_bytes), PageStore(most_bytes // WITH_QUERY)
        self._assets = PageStore(ASSETS)
        self._state: int | None = None
        self._build = ""
        self._making: dict[tuple[Key, int], asyncio.Future[CachedPage | None]] = {}
        self._compressor = ThreadPoolExecutor(1, thread_name_prefix="compressor")

    # -- answering

    async def state(self) -> int | None:
        """The state of the site, read after this was called; None where it cannot be had."""
        return self._watcher.newest() if self._question is None else await self._question.answer(PATIENCE)

    def asset(self, key: Key) -> CachedPage | None:
        """A file of ours, which has no state."""
        return self._assets.get(key)

    def page(self, key: Key, state: int | None) -> CachedPage | None:
        """The page at an address in this state of the site. All that was kept in another is let go."""
        if state is None:
            return None
        if state != self._state:
            self._forget()
            self._state = state
        return self._store(key).get(key)

    def _store(self, key: Key) -> PageStore:
        return self._with_query if key[1] else self._plain

    def _forget(self) -> None:
        self._plain.clear()
        self._with_query.clear()

    # -- making

    def under_way(self, key: Key, state: int) -> asyncio.Future[CachedPage | None] | None:
        """The page that another request has begun to make in the same state; None where nobody has."""
        return self._making.get((key, state))

    def begin(self, key: Key, state: int) -> asyncio.Future[CachedPage | None]:
        """Say that a page is being made; whoever did ends the future."""
        making: asyncio.Future[CachedPage | None] = asyncio.get_running_loop().create_future()
        self._making[key, state] = making
        making.add_done_callback(lambda _: self._making.pop((key, state)))
        return making

    def make(self, call: Call, environ: dict[str, Any], state: int) -> Made:
        """Ask the application, in a thread. The page may be kept if the index had followed the state from the start."""
        build = self._build_at(state)
        environ[CACHEABLE] = Lifetime.NONE
        answer = call.answer()
        lifetime: Lifetime = environ[CACHEABLE]
        if lifetime is Lifetime.NONE:
            return Made(answer)
        answer = call.whole(answer)
        page = CachedPage.of(answer)
        if lifetime is Lifetime.UNTIL_A_CHANGE and (build is None or build != self._build_at(state)):
            return Made(answer, page)
        return Made(answer, page, lifetime, build or "")

    def _build_at(self, state: int) -> str | None:
        """Which build the index is, if it has followed just this state. Searches see no older one from then on."""
        try:
            return self._engine.build() if self._engine.cursor() == state else None
        except CorruptIndex:
            return None

    def keep(self, key: Key, state: int, made: Made) -> None:
        """Keep a page that may be kept, unless the site has moved on."""
        if made.page is None:
            return
        if made.lifetime is Lifetime.PROCESS:
            self._assets.keep(key, made.page)
            self._compressor.submit(made.page.shrink)
        elif made.lifetime is Lifetime.UNTIL_A_CHANGE and (state, made.build) == (self._state, self._build):
            self._store(key).keep(key, made.page)

    def was_sent(self, page: CachedPage) -> None:
        """Compress a page better once many readers had it."""
        if page.sent == POPULAR:
            self._compressor.submit(page.shrink)

    # -- beside requests

    def look_at_index(self) -> None:
        """Let pages go that were made with another build of the index: a new one may find more, in the same state."""
        try:
            build = self._engine.build()
        except CorruptIndex:
            build = ""
        if build != self._build:
            self._forget()
            self._build = build

    def stop(self) -> None:
        """Let go of the database and of threads."""
        if self._question is not None:
            self._question.stop()
        self._compressor.shutdown(wait=False, cancel_futures=True)
        self._watcher.close()
