"""Mail servers of any kind, for as long as a test lasts."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from mail_server import Server, run


@pytest.fixture
def start() -> Iterator[Callable[..., Server]]:
    """Start a mail server that offers what the test says."""
    stops = []

    def started(**offers: object) -> Server:
        server = Server(**offers)  # type: ignore[arg-type]
        stops.append(run(server))
        return server

    yield started
    for stop in stops:
        stop()
