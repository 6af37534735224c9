"""What a browser was asked when it was to show or make a passkey: kept in the session, for one answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from flask import session
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, generate_challenge

from solidarity.web.clock import now

PATIENCE = timedelta(minutes=10)


class Purpose(StrEnum):
    """What a challenge is for; an answer to one is none to another."""

    NEW = "new passkey"
    FIRST_FACTOR = "passkey first"
    SECOND_FACTOR = "passkey second"


@dataclass(frozen=True)
class Challenge:
    """Random bytes that the answer has to be about, and when they were made."""

    value: bytes
    asked_at: datetime


def ask(purpose: Purpose) -> bytes:
    """A new challenge; the one before is forgotten."""
    value = generate_challenge()
    session[purpose.value] = [bytes_to_base64url(value), now().timestamp()]
    return value


def take(purpose: Purpose) -> Challenge | None:
    """The challenge that was asked, which can be answered once; None where there is none, or it is too old."""
    value, asked = session.pop(purpose.value, ("", 0.0))
    challenge = Challenge(base64url_to_bytes(value), datetime.fromtimestamp(asked, UTC))
    return challenge if now() - challenge.asked_at < PATIENCE else None
