"""Makes a public answer one that any cache may keep, and that every cache must ask about again.

A teller who withdraws a story is gone at once: nothing is shown from a cache without asking, and asking costs little,
because an unchanged page is answered with 304 and no bytes.
"""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from solidarity.web.db import SAFE_METHODS


def make_cacheable(response: Response) -> Response:
    """Give an answer that is the same for everyone its ETag; meant for `after_request` of a public blueprint."""
    if response.status_code != 200 or request.method not in SAFE_METHODS:
        return response
    response.cache_control.public = True
    response.cache_control.max_age = 0
    response.cache_control.must_revalidate = True
    response.add_etag()
    return response.make_conditional(request)
