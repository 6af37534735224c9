"""A cookie that says which accounts a browser has signed in to: a stranger's wrong tries do not slow it down.

It holds a random number and a keyed hash for each account: no name, no address, and it lets nobody in.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any

from flask import Flask, after_this_request, current_app, request
from flask_login import user_logged_in
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from solidarity.config import Settings
from solidarity.web.security import cookie_name

LASTS = 365 * 86_400  # seconds
MOST_ACCOUNTS = 10  # of a browser that a whole office shares; the oldest is forgotten


def init_app(app: Flask) -> None:
    """Remember a browser whenever somebody signs in with it."""
    user_logged_in.connect(_remember, app)


def number(email: str) -> str | None:
    """The number of this browser, if somebody has signed in with it to the account with this address."""
    known, accounts = _read()
    return known if _account(email) in accounts else None


def _remember(_app: Flask, user: Any, **_more: Any) -> None:
    known, accounts = _read()
    account = _account(user.email)
    accounts = [account, *(other for other in accounts if other != account)][:MOST_ACCOUNTS]
    value = _serializer().dumps([known or secrets.token_urlsafe(16), accounts])

    @after_this_request
    def set_cookie(response: Response) -> Response:
        https = _settings().is_https
        response.set_cookie(_name(), value, max_age=LASTS, path="/", secure=https, httponly=True, samesite="Lax")
        return response


def _read() -> tuple[str | None, list[str]]:
    try:
        known, accounts = _serializer().loads(request.cookies.get(_name(), ""))
    except (BadSignature, ValueError, TypeError):
        return None, []
    return known, accounts


def _account(email: str) -> str:
    secret = _settings().secret_key.encode()
    name = f"account of a known browser: {email}".encode("utf-8", "surrogatepass")
    return hmac.new(secret, name, hashlib.sha256).hexdigest()[:32]


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(_settings().secret_key, salt="known-browser")


def _name() -> str:
    return cookie_name(_settings(), "browser")


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
