"""Pages by address, within so many bytes: what was not asked for longest goes first."""

from __future__ import annotations

from collections import OrderedDict

from solidarity.server.cached_page import CachedPage

Key = tuple[str, str]  # path and query, as they were sent

_LARGEST = 4  # the part of a store that one page may take


class PageStore:
    """Used from one thread."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._pages: OrderedDict[Key, tuple[CachedPage, int]] = OrderedDict()
        self.held = 0  # bytes

    def __len__(self) -> int:
        return len(self._pages)

    def get(self, key: Key) -> CachedPage | None:
        """The page at an address, which is the last to go from now on."""
        found = self._pages.get(key)
        if found is None:
            return None
        self._pages.move_to_end(key)
        return found[0]

    def keep(self, key: Key, page: CachedPage) -> None:
        """Keep a page, and let others go for it."""
        size = page.size + len(key[0]) + len(key[1])
        if size * _LARGEST > self._most:
            return
        if key in self._pages:
            self.held -= self._pages.pop(key)[1]
        self._pages[key] = page, size
        self.held += size
        while self.held > self._most:
            self.held -= self._pages.popitem(last=False)[1][1]

    def clear(self) -> None:
        """Let all go."""
        self._pages.clear()
        self.held = 0
