"""How often one may try to sign in. Wrong tries slow down a browser that nobody knows, never a person.

    a browser that signed in to this account before    an allowance of its own, whatever others try
    any other                                           what its network tried at this account
                                                        what all such browsers together tried at this account
                                                        what its network tried at all accounts

Only wrong tries count, and the right password is not looked at once they are too many. Its owner is let in by a
letter all the same (`sign_in_links`). Known and unknown addresses are counted alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from time import time

from limits import RateLimitItem, parse

from solidarity.accounts import known_browsers
from solidarity.web.rate_limits import client_key, keyed_hash, limiter, take
from stories.text import email_addresses

KNOWN_BROWSER = parse("20 per hour")
NETWORK_AT_ACCOUNT = parse("10 per 10 minutes")
STRANGERS_AT_ACCOUNT = parse("40 per hour")
NETWORK = parse("300 per hour")  # thirty people of a school who each mistake their password ten times
LETTER = parse("1 per 5 minutes")


def seconds_to_wait(email: str) -> int:
    """How long this browser has to wait before it may try at the account with this address; 0 where it may."""
    now = time()
    waits = [
        limiter.limiter.get_window_stats(limit, *key).reset_time - now
        for limit, key in _allowances(email)
        if not limiter.limiter.test(limit, *key)
    ]
    return max(1, ceil(max(waits))) if waits else 0


def count_wrong_try(email: str) -> None:
    """A wrong password, code or link was sent for the account with this address."""
    for limit, key in _allowances(email):
        limiter.limiter.hit(limit, *key)


def may_send_letter(kind: str, email: str) -> bool:
    """Whether a letter of this kind may go to this address now; counts it as sent. The last one stays valid."""
    return take(LETTER, "letter", kind, _account(email))


def _allowances(email: str) -> Iterator[tuple[RateLimitItem, tuple[str, ...]]]:
    if not limiter.enabled:
        return
    account = _account(email)
    if browser := known_browsers.number(_normal(email)):
        yield KNOWN_BROWSER, ("browser", keyed_hash(browser), account)
        return
    yield NETWORK_AT_ACCOUNT, ("network at account", client_key(), account)
    yield STRANGERS_AT_ACCOUNT, ("strangers at account", account)
    yield NETWORK, ("network", client_key())


def _account(email: str) -> str:
    return keyed_hash(_normal(email))


def _normal(email: str) -> str:
    """However an address is written, its tries are counted together."""
    try:
        return email_addresses.normalize(email)
    except email_addresses.NotAnAddress:
        return email.strip().lower()[: email_addresses.LONGEST]
