"""Addresses of our own files under static/, with a fingerprint so that browsers may keep them for a year."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, current_app, request, url_for
from werkzeug.wrappers import Response

YEAR = 365 * 24 * 3600


def init_app(app: Flask) -> None:
    """Give templates `asset(path)`."""
    app.jinja_env.globals["asset"] = asset
    app.after_request(_keep)


def asset(path: str) -> str:
    """The address of `static/<path>`, new whenever the file's bytes are."""
    return url_for("static", filename=path, v=_fingerprint(str(current_app.static_folder), path, current_app.debug))


@cache
def _fingerprint_once(folder: str, path: str) -> str:
    return hashlib.sha256((Path(folder) / path).read_bytes()).hexdigest()[:12]


def _fingerprint(folder: str, path: str, fresh: bool) -> str:
    if fresh:
        _fingerprint_once.cache_clear()
    return _fingerprint_once(folder, path)


def _keep(response: Response) -> Response:
    if request.endpoint == "static" and "v" in request.args and response.status_code in {200, 304}:
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    return response
