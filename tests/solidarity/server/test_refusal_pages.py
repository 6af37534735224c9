"""Pages for what the server refuses, as the site makes them."""

from __future__ import annotations

import pytest
from flask import Flask

from solidarity.server.refusal_pages import RefusalPages


@pytest.mark.parametrize("path", ["/ur/search", "/api/v1/stories"])
def test_who_is_refused_because_too_many_wait_hears_when_to_come_again(app: Flask, path: str) -> None:
    pages = RefusalPages(app)

    assert pages.page(503, path).status == 503
    assert dict(pages.page(503, path).headers)["retry-after"] == "5"
    assert "retry-after" not in dict(pages.page(413, path).headers)
