"""Which threads of a worker answer which request."""

from __future__ import annotations

import pytest

from solidarity.web.shares import Share, share_of


@pytest.mark.parametrize(
    ("request_line", "share"),
    [
        ("GET /", Share.READERS),
        ("GET /en/stories/search-party-x1", Share.READERS),
        ("GET /search", Share.READERS),  # leads to the reader's language
        ("GET /ur/search", Share.SEARCHERS),
        ("HEAD /en/search", Share.SEARCHERS),
        ("GET /api/v1/stories", Share.MACHINES),
        ("GET /api/v1/search", Share.MACHINES),
        ("GET /api/v1/suggestions", Share.READERS),
        ("GET /sitemap.xml", Share.MACHINES),
        ("GET /sitemap-stories-1.xml", Share.MACHINES),
        ("GET /robots.txt", Share.READERS),
        ("POST /en/my/stories/new", Share.WRITERS),
        ("POST /en/account/sign-in", Share.HASHERS),
        ("GET /en/account/sign-in", Share.READERS),
    ],
)
def test_the_share_of(request_line: str, share: Share) -> None:
    assert share_of(*request_line.split()) is share
