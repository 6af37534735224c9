"""Codes to write down, each good for one sign-in without app and passkey."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

HOW_MANY = 10
LETTERS = "23456789abcdefghjkmnpqrstvwxyz"  # none that is taken for another one
LENGTH = 12  # 59 bits: nobody finds one by trying
GROUP = 4


def new() -> list[str]:
    """Ten codes such as `k7f2-9xqm-3tbd`."""
    return ["-".join(_group() for _ in range(LENGTH // GROUP)) for _ in range(HOW_MANY)]


def _group() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(GROUP))


def digest(code: str, secret: str) -> str:
    """What is kept of a code, however it was typed. Without the key of the site nobody can try codes on it."""
    typed = re.sub("[^0-9a-z]", "", code.lower())
    return hmac.new(secret.encode(), b"recovery code:" + typed.encode(), hashlib.sha256).hexdigest()
