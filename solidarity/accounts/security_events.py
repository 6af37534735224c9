"""Tells the security log who signed in and out, who failed to, and whose password was changed."""

from __future__ import annotations

from typing import Any

from flask import Flask, g, request
from flask_login import current_user, user_logged_out
from flask_security import password_reset, user_authenticated, user_failed_authn
from werkzeug.wrappers import Response

from solidarity.accounts.models import Account
from solidarity.web import security_log
from solidarity.web.rate_limits import was_refused
from stories.models import EventKind


def init_app(app: Flask) -> None:
    """Listen to Flask-Security and Flask-Login."""
    user_authenticated.connect(_signed_in, app)
    user_logged_out.connect(_signed_out, app)
    user_failed_authn.connect(_failed, app)
    password_reset.connect(_chose_password, app)
    app.after_request(_failed_without_account)


def _signed_in(_app: Flask, user: Account, authn_via: list[str] | None = None, **_more: Any) -> None:
    security_log.write_afterwards(EventKind.SIGNED_IN, user.person, ways=authn_via or [])


def _signed_out(_app: Flask, user: Any = None, **_more: Any) -> None:
    if isinstance(user, Account):
        security_log.write_afterwards(EventKind.SIGNED_OUT, user.person)


def _failed(_app: Flask, user: Account, auth_type: str = "", tfa: bool = False, **_more: Any) -> None:
    g.failed_account = True
    security_log.write_afterwards(EventKind.SIGN_IN_FAILED, user.person, ways=[auth_type], second=tfa)


def _failed_without_account(response: Response) -> Response:
    """An address that nobody has is not written down; that somebody tried one is."""
    tried = request.endpoint == "security.login" and request.method == "POST" and was_refused(response)
    if tried and not g.get("failed_account") and request.form.get("email") and request.form.get("password"):
        security_log.write_afterwards(EventKind.SIGN_IN_FAILED, ways=["password"])
    return response


def _chose_password(_app: Flask, user: Account, **_more: Any) -> None:
    way = "signed in" if current_user.is_authenticated else "letter"
    security_log.write(EventKind.PASSWORD_CHANGED, user.person, by=user.person, ways=[way])
