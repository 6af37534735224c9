"""Makes a public answer one that any cache may keep, and that every cache must ask about again.

A teller who withdraws a story is gone at once: nothing is shown from a cache without asking, and asking costs little,
because an unchanged page is answered with 304 and no bytes. The server in front of us (`solidarity.server.page_cache`)
may keep what is said here to be the same for everyone; nothing else is ever kept.
"""

from __future__ import annotations

from enum import Enum

from flask import current_app, g, request
from werkzeug.wrappers import Response

from solidarity.web.db import SAFE_METHODS
from solidarity.web.permissions import is_private

CACHEABLE = "solidarity.cacheable"  # in the environment of a request: how long its answer may be kept, a `Lifetime`


class Lifetime(Enum):
    """How long an answer may be kept by the server that asks for it."""

    NONE = "none"
    UNTIL_A_CHANGE = "until a change"  # of anything public
    PROCESS = "process"  # files of ours, whose address has their fingerprint


def make_cacheable(response: Response) -> Response:
    """Give an answer that is the same for everyone its ETag; meant for `after_request` of a public blueprint."""
    if response.status_code != 200 or request.method not in SAFE_METHODS:
        return response
    response.cache_control.public = True
    response.cache_control.max_age = 0
    response.cache_control.must_revalidate = True
    response.add_etag()
    if allow(Lifetime.UNTIL_A_CHANGE):
        return response  # the server compares ETags itself
    return response.make_conditional(request)


def allow(lifetime: Lifetime) -> bool:
    """Let the server keep this answer, if one asks and nothing speaks against it; returns whether it may."""
    if CACHEABLE not in request.environ or is_private() or g.get("never_kept") or _knows_who_asks():
        return False
    request.environ[CACHEABLE] = lifetime
    return True


def forbid() -> None:
    """Let nobody keep the answer to this request: it is to be counted each time, or lacks something for a moment."""
    g.never_kept = True


def _knows_who_asks() -> bool:
    """Whether the request brings a session. What is kept was made for nobody, though a page is the same for all."""
    config = current_app.config
    names = {config["SESSION_COOKIE_NAME"], config.get("REMEMBER_COOKIE_NAME", "remember_token")}
    return not names.isdisjoint(request.cookies)
