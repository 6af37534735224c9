"""How often a person may try to sign in or submit. Reading and searching are never limited.

Whoever asks is told apart by a keyed hash of their address that changes with every start of the process and is kept in
memory only: no address is stored anywhere.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from flask import Flask, request
from flask_limiter import Limiter

_KEY = secrets.token_bytes(32)

SIGN_IN = "10 per minute; 50 per hour"
SECOND_STEP = "5 per minute; 20 per hour; 60 per day"  # wrong codes of one account; one in 330,000 is right by chance
SUBMIT = "20 per minute; 200 per hour"
LETTERS = "3 per minute; 10 per hour"


def keyed_hash(name: str) -> str:
    """A stand-in for `name` that says nothing about it."""
    return hmac.new(_KEY, name.encode(), hashlib.sha256).hexdigest()


def client_key() -> str:
    """A name for whoever asks that says nothing about them."""
    return keyed_hash(request.remote_addr or "")


limiter = Limiter(key_func=client_key, headers_enabled=False)


def init_app(app: Flask) -> None:
    """Switch the limits on or off as the settings say."""
    settings = app.config["SETTINGS"]
    app.config["RATELIMIT_ENABLED"] = settings.rate_limits
    app.config["RATELIMIT_STORAGE_URI"] = settings.ratelimit_url
    limiter.init_app(app)
