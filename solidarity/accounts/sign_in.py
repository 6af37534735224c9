"""The sign-in form and those beside it: Flask-Security's views, with our limits on how often one may try."""

from __future__ import annotations

from math import ceil
from typing import Any

import flask_security.views
from flask import Flask, current_app, flash, g, make_response, render_template, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_security import password_reset
from werkzeug.wrappers import Response

from solidarity.accounts import forms, known_browsers, second_factors, sign_in_limits
from solidarity.accounts.models import Account
from solidarity.web.form_recovery import not_resendable
from solidarity.web.fresh_sign_in import WRONG_PASSWORDS, too_many_wrong
from solidarity.web.permissions import roles_required
from solidarity.web.rate_limits import CHOOSINGS, LETTERS, limiter, was_refused


def init_app(app: Flask) -> None:
    """Put our views in the place of Flask-Security's."""
    known_browsers.init_app(app)
    app.extensions[WRONG_PASSWORDS] = sign_in_limits
    password_reset.connect(_remember_who_chose, app)
    app.view_functions.update(VIEWS)


def sign_in() -> Response:
    """Look at the password, unless there were too many wrong ones before it."""
    if request.method != "POST":
        return make_response(flask_security.views.login())
    email, password = request.form.get("email", ""), request.form.get("password", "")
    if seconds := sign_in_limits.seconds_to_wait(email):
        return _wait(email, seconds)
    response = make_response(flask_security.views.login())
    if was_refused(response) and email and password:
        sign_in_limits.count_wrong_try(email)
    return response


def _wait(email: str, seconds: int) -> Response:
    """The form with the address in it, when it may be sent again, and the way in that is open meanwhile."""
    form = forms.SignInForm(formdata=None, data={"email": email, "next": request.form.get("next", "")})
    page = render_template("accounts/sign-in.html", form=form, minutes_to_wait=ceil(seconds / 60))
    response = current_app.make_response((page, 429))
    response.headers["Retry-After"] = str(seconds)
    return response


def sign_out() -> Any:
    """Sign out."""
    return flask_security.views.logout()


def verify() -> Response:
    """Look at the password of whoever is signed in once more, unless there were too many wrong ones before it."""
    email = current_user.email
    if request.method == "POST" and (seconds := sign_in_limits.seconds_to_wait(email)):
        form = forms.VerifyForm(formdata=None, user=current_user, data={"next": request.form.get("next", "")})
        form.password.errors = [too_many_wrong(seconds)]
        return make_response(render_template("accounts/verify.html", form=form), 429, {"Retry-After": str(seconds)})
    response = make_response(flask_security.views.verify())
    if was_refused(response) and request.form.get("password"):
        sign_in_limits.count_wrong_try(email)
    return response


def _remember_who_chose(_app: Flask, user: Account, **_more: Any) -> None:
    g.chose_a_password = user


def reset_password(token: str) -> Any:
    """Let somebody choose a password; they go on as if they had signed in with it."""
    answer = flask_security.views.reset_password(token)
    account = g.pop("chose_a_password", None)
    if account is None:
        return answer
    entered = second_factors.enter(account, "reset")
    flash(gettext("Your new password is set."), "success")
    return entered


VIEWS: dict[str, Any] = {  # made once: every application shares the limiter
    "security.login": not_resendable(_l("Sign in"))(sign_in),
    "security.logout": not_resendable(_l("Sign out"))(sign_out),
    "security.verify": not_resendable(_l("Your password once more"))(roles_required()(verify)),
    "security.forgot_password": not_resendable(_l("Ask for a new password"))(
        limiter.limit(LETTERS, methods=["POST"])(flask_security.views.forgot_password)
    ),
    "security.reset_password": not_resendable(_l("Choose a password"))(
        limiter.limit(CHOOSINGS, methods=["POST"])(reset_password)
    ),
}
