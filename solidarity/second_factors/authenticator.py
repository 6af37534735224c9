"""Codes of an authenticator app (TOTP, RFC 6238): six digits that change every half minute."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby

import segno
from passlib.exc import TokenError
from passlib.totp import TOTP

WINDOW = 30  # seconds that the clock of a phone may be wrong by; as long as one code
QUIET = 4  # modules of white around a QR code, without which cameras do not find it


class Keys:
    """The keys that apps make codes of, encrypted with the key of the site whenever they are stored."""

    def __init__(self, secret: str, site_name: str) -> None:
        """`site_name`: how the app calls the entry."""
        self._totp = TOTP.using(secrets={"1": secret}, issuer=_label(site_name))

    def new(self) -> str:
        """A key that nobody has yet, encrypted."""
        return str(self._totp.new().to_json(encrypt=True))

    def groups(self, key: str) -> list[str]:
        """A key as one types it into an app: Base32 in groups of four."""
        return str(self._totp.from_source(key).pretty_key(sep=" ")).split()

    def uri(self, key: str, email: str) -> str:
        """A key as apps take it from a QR code or a link."""
        return str(self._totp.from_source(key).to_uri(_label(email)))

    def matching(self, key: str, code: str, at: datetime, after: int = -1) -> int | None:
        """The half minute that `code` is of, counted since 1970; None for a wrong code, or one not newer than `after`.

        A key that was encrypted with another key of the site fits no code either.
        """
        try:
            found = self._totp.verify(_digits(code), key, time=at, window=WINDOW, last_counter=after)
        except (TokenError, KeyError):
            return None
        return int(found.counter)


def _label(text: str) -> str:
    """A name as it may stand in such an address, where a colon parts the site from the account."""
    return " ".join(text.replace(":", " ").split())


def _digits(code: str) -> str:
    """What was typed, with the digits of any script as ours: an Urdu keyboard writes ۱۲۳."""
    return "".join(str(unicodedata.digit(sign, sign)) for sign in code if not sign.isspace())


def qr_path(text: str) -> tuple[str, int]:
    """A QR code as the path of an SVG, a stroke for each run of black modules, and the width of its square view."""
    rows = segno.make_qr(text).matrix
    strokes = [stroke for y, row in enumerate(rows) for stroke in _strokes(row, y + QUIET)]
    return "".join(strokes), len(rows) + 2 * QUIET


def _strokes(row: Iterable[int], y: int) -> Iterator[str]:
    x = QUIET
    for is_black, run in groupby(row, bool):
        width = len(list(run))
        if is_black:
            yield f"M{x} {y + 0.5}h{width}"
        x += width
