"""Addresses of our own files under static/, with a fingerprint so that browsers may keep them for a year."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Flask, current_app, request, url_for
from werkzeug.wrappers import Response

from solidarity.web import caching
from solidarity.web.caching import Lifetime

YEAR = 365 * 24 * 3600


def init_app(app: Flask) -> None:
    """Give templates `asset(path)`."""
    app.extensions["assets"] = {}
    app.jinja_env.globals["asset"] = asset
    app.after_request(_keep)


def asset(path: str) -> str:
    """The address of `static/<path>`, new whenever the file's bytes are."""
    if current_app.debug or not request or request.root_path:
        return _address(path)
    known: dict[str, str] = current_app.extensions["assets"]
    if path not in known:
        known[path] = _address(path)
    return known[path]


def _address(path: str) -> str:
    return url_for("static", filename=path, v=_fingerprint(str(current_app.static_folder), path, current_app.debug))


@lru_cache(maxsize=256)
def _fingerprint_once(folder: str, path: str) -> str:
    return hashlib.sha256((Path(folder) / path).read_bytes()).hexdigest()[:12]


def _fingerprint(folder: str, path: str, fresh: bool) -> str:
    if fresh:
        _fingerprint_once.cache_clear()
    return _fingerprint_once(folder, path)


def _keep(response: Response) -> Response:
    """Let a file be kept for a year under the address that pages of ours name; under another it may change any time."""
    if request.endpoint == "static" and response.status_code in {200, 304} and _is_current():
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
        if response.status_code == 200:
            caching.allow(Lifetime.PROCESS)
    return response


def _is_current() -> bool:
    asked, path = request.args.get("v"), (request.view_args or {}).get("filename", "")
    return asked is not None and asked == _fingerprint(str(current_app.static_folder), path, current_app.debug)
