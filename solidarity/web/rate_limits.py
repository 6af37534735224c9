"""How often one may ask for what costs much. Reading and searching are never limited.

Whoever asks is known by a keyed hash of their network, under a key that changes with the day; no address is stored.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from time import time

from flask import Flask, current_app, request
from flask_limiter import Limiter
from flask_login import current_user
from limits import RateLimitItem
from werkzeug.wrappers import Response

from solidarity.web import rate_limit_storage
from solidarity.web.rate_limit_storage import FileStorage

SUBMIT = "20 per minute; 200 per hour"
LETTERS = "20 per minute; 200 per hour"  # by one network: a school asks for a class; letters to one person are fewer
CHOOSINGS = "60 per minute; 600 per hour"


def keyed_hash(name: str) -> str:
    """A stand-in for `name` that says nothing about it, and another one tomorrow."""
    secret = current_app.config["SETTINGS"].secret_key.encode()
    key = hmac.digest(secret, f"limits of day {rate_limit_storage.today()}".encode(), "sha256")
    return hmac.new(key, name.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def client_key() -> str:
    """A name for whoever asks that says nothing about them."""
    return keyed_hash(_network(request.remote_addr or ""))


def person_key() -> str:
    """A name for whoever is signed in, so that a roomful behind one address stop nobody; else for their network."""
    return keyed_hash(f"person {current_user.person_id}") if current_user.is_authenticated else client_key()


def _network(address: str) -> str:
    """An IPv4 address, or the /64 of an IPv6 address: a home or a single machine has all of its addresses."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return str(ipaddress.ip_network((ip, 64), strict=False))


limiter = Limiter(key_func=client_key, headers_enabled=False)


def init_app(app: Flask) -> None:
    """Switch the limits on or off as the settings say."""
    settings = app.config["SETTINGS"]
    app.config["RATELIMIT_ENABLED"] = settings.rate_limits
    app.config["RATELIMIT_STORAGE_URI"] = settings.ratelimit_url
    limiter.init_app(app)


def take(limit: RateLimitItem, *key: str) -> bool:
    """Use up one of what a limit allows under a key; False where nothing is left. Without limits all is allowed."""
    return not limiter.enabled or limiter.limiter.hit(limit, *key)


def was_refused(response: Response) -> bool:
    """Whether a form was not taken; for limits that count only those."""
    return response.status_code == 422


def seconds_to_wait() -> int:
    """After a limit was reached: when the next try is welcome."""
    limit = limiter.current_limit
    if limit is None:
        return 60
    return max(1, round(limit.reset_at - 1 - time()))  # the library adds a second to the end of a window


def forget_yesterday() -> None:
    """Erase counts of another day, though nobody counts any more; `flask tend` asks."""
    if limiter.enabled and isinstance(limiter.storage, FileStorage):
        limiter.storage.forget()
