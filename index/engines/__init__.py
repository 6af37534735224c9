"""The search engines the index can live in, all behind the protocol of `index.engines.base`."""

from __future__ import annotations

from pathlib import Path

from index.engines.base import Engine


def open(place: str | Path) -> Engine:
    """The engine at `place`: a folder, or an address such as "whoosh:instance/index".

    Nothing is read before the first use. Raises ValueError for an address of an unknown kind.
    """
    from index.engines.whoosh.engine import WhooshEngine  # noqa: PLC0415 - who only analyses words needs no numpy

    kind, colon, rest = str(place).partition(":")
    if not colon or isinstance(place, Path):
        return WhooshEngine(Path(place))
    if kind == "whoosh":
        return WhooshEngine(Path(rest))
    raise ValueError(f"SEARCH_URL begins with {kind}:, which is no search engine we know; try whoosh:")
