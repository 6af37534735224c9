"""Steps that take more than an open screen: whoever signed in a while ago types their password once more.

A form with such a step inherits from `AsksPassword`, and its template draws `password_again(form)`. Where the sign-in
is fresh there is no such field; where it is not, the form comes back with everything that was typed, and the field.
Flask-Security's own pages read the same moment (`fs_paa`) and lead to its page /account/verify.
"""

from __future__ import annotations

from datetime import timedelta
from math import ceil
from typing import Any

from flask import current_app, session
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_security.utils import set_request_attr
from wtforms import PasswordField

from solidarity.web.clock import now
from solidarity.web.forms import Form

FRESH_FOR = timedelta(minutes=10)
LONGEST_PASSWORD = 512  # characters that are looked at; nobody's password is longer
_SIGNED_IN_AT = "fs_paa"
WRONG_PASSWORDS = "wrong passwords"  # in the application's extensions: `accounts.sign_in_limits`, which counts them


def is_fresh() -> bool:
    """Whether whoever is signed in showed a moment ago that it is them."""
    signed_in_at: float = session.get(_SIGNED_IN_AT, 0)
    return abs(now().timestamp() - signed_in_at) < FRESH_FOR.total_seconds()


def password_is_right(account: Any, typed: str) -> bool:
    """Whether `typed` is the password of an account that is signed in. A wrong one counts as a wrong try to sign in."""
    if not account.password or not typed:
        return False
    normalized = current_app.extensions["security"].password_util.normalize(typed[:LONGEST_PASSWORD])
    is_right = bool(account.verify_and_update_password(normalized))
    if not is_right:
        account.track_failed_authn("password")  # which the security log hears of
        current_app.extensions[WRONG_PASSWORDS].count_wrong_try(account.email)
    return is_right


def too_many_wrong(seconds: int) -> str:
    """What to say where the next password is looked at in so many seconds."""
    minutes = ceil(seconds / 60)
    return str(
        ngettext(
            "There were many wrong tries. Wait %(num)s minute, then try again.",
            "There were many wrong tries. Wait %(num)s minutes, then try again.",
            minutes,
        )
    )


class AsksPassword(Form):
    """A form whose step needs a fresh sign-in, or asks however fresh it is (`ALWAYS`)."""

    ALWAYS = False

    current_password = PasswordField(
        _l("Your password, to be sure it is you"), render_kw={"autocomplete": "current-password"}
    )

    def __init__(self, *values: Any, **more: Any) -> None:
        super().__init__(*values, **more)
        field = self.current_password
        field.id = field.label.field_id = f"{type(self).__name__}-password"  # a page may have several such forms
        if is_fresh() and not self.ALWAYS:
            del self.current_password

    def needs_fresh_sign_in(self) -> bool:
        """Whether what was chosen needs it; every choice does, where a form says nothing else."""
        return True

    @property
    def asks_password(self) -> bool:
        """Whether the field for the password is to be drawn."""
        return "current_password" in self and self.needs_fresh_sign_in()

    @property
    def has_passkey(self) -> bool:
        """Whether whoever is asked may sign in with a passkey instead, which makes the sign-in fresh too."""
        return bool(getattr(current_user, "passkeys", ()))

    def validate(self, *values: Any, **more: Any) -> bool:
        """Refuse what needs a fresh sign-in and has none. The right password makes the sign-in fresh."""
        valid = bool(super().validate(*values, **more))
        if not self.asks_password:
            return valid
        if refusal := _refusal(self.current_password.data or ""):
            self.current_password.errors = [refusal]
            return False
        _refresh()
        if not self.ALWAYS:
            del self.current_password
        return valid


def _refusal(typed: str) -> str:
    """What is wrong with a password that was typed; empty where it is the right one."""
    if not typed:
        return str(gettext("Please write your password."))
    if seconds := current_app.extensions[WRONG_PASSWORDS].seconds_to_wait(current_user.email):
        return too_many_wrong(seconds)
    return "" if password_is_right(current_user, typed) else str(gettext("This is not your password."))


def _refresh() -> None:
    session[_SIGNED_IN_AT] = now().timestamp()
    set_request_attr(_SIGNED_IN_AT, session[_SIGNED_IN_AT])


class SureForm(AsksPassword):
    """A button whose step needs a fresh sign-in."""
