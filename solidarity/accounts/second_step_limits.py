"""How many wrong second factors somebody may show, and when the owner of the account hears of it.

They are counted by account and only for whoever has shown the first factor, so that a stranger uses up nobody's tries.
"""

from __future__ import annotations

from limits import parse

from solidarity.accounts.models import Account
from solidarity.accounts.second_factors import waiting_key
from solidarity.letters import outbox
from solidarity.second_factors import changes
from solidarity.web import db
from solidarity.web.rate_limits import keyed_hash, limiter, take, was_refused

TRIES = "5 per minute; 20 per hour; 60 per day"  # of one kind; a code that is guessed is right once in 330,000 times
UNREMARKABLE = parse("4 per day")
ONE_LETTER = parse("1 per day")


def _whose_step() -> str:
    return keyed_hash(waiting_key() or "")


counted = limiter.limit(TRIES, key_func=_whose_step, methods=["POST"], deduct_when=was_refused)


def note_wrong(account: Account, way: str) -> None:
    """A second factor of `account` was wrong: whoever keeps a log hears of it, and its owner after a few."""
    account.track_failed_authn(way, tfa=True)
    if _is_remarkable(keyed_hash(account.fs_uniquifier)):
        changes.warn(account)
        db.commit()
        outbox.hand_over()


def _is_remarkable(account: str) -> bool:
    is_usual = take(UNREMARKABLE, "wrong second factors", account)
    return not is_usual and take(ONE_LETTER, "told of wrong second factors", account)
