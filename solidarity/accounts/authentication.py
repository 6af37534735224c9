"""Sets Flask-Security up: who signs in, with which words, pages and letters."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask, make_response, render_template, request
from flask_babel import get_babel
from flask_security import FSQLALiteUserDatastore, Security
from itsdangerous import URLSafeTimedSerializer
from werkzeug.wrappers import Response

from solidarity.accounts import forms, letters, messages, second_factors, sessions, sign_in
from solidarity.accounts.models import Account, AccountRole
from solidarity.accounts.passwords import PasswordRules
from solidarity.web.db import db
from solidarity.web.fresh_sign_in import FRESH_FOR

SETTINGS: dict[str, Any] = {
    "URL_PREFIX": "/<locale>",
    "LOGIN_URL": "/account/sign-in",
    "LOGOUT_URL": "/account/sign-out",
    "LOGOUT_METHODS": ["POST"],
    "RESET_URL": "/account/password",
    "POST_LOGIN_VIEW": "desks.workspace",
    "POST_LOGOUT_VIEW": "reading.home",
    "POST_RESET_VIEW": ".login",
    "RECOVERABLE": True,
    "RESET_PASSWORD_WITHIN": timedelta(days=1),
    "RETURN_GENERIC_RESPONSES": True,
    "FRESHNESS": FRESH_FOR,
    "FRESHNESS_GRACE_PERIOD": timedelta(),  # ten minutes are ten minutes
    "VERIFY_URL": "/account/verify",
    "VERIFY_TEMPLATE": "accounts/verify.html",
    "POST_VERIFY_VIEW": "desks.workspace",
    "PASSWORD_HASH": "argon2",  # argon2id
    "PASSWORD_SCHEMES": ["argon2"],
    "HASHING_SCHEMES": ["argon2"],  # in links; as slow as for an address nobody has, so that time tells nothing
    "DEPRECATED_HASHING_SCHEMES": [],
    "PASSWORD_LENGTH_MIN": forms.LEAST_LETTERS,
    "PASSWORD_NORMALIZE_FORM": "NFKC",
    "JOIN_USER_ROLES": False,  # roles are the person's
    "STATIC_FOLDER": None,
    "CLI_USERS_NAME": None,  # `flask people` instead
    "CLI_ROLES_NAME": None,
    "CACHE_CONTROL": {"no-store": True},
    "LOGIN_USER_TEMPLATE": "accounts/sign-in.html",
    "FORGOT_PASSWORD_TEMPLATE": "accounts/lost-password.html",
    "RESET_PASSWORD_TEMPLATE": "accounts/choose-password.html",
    "EMAIL_PLAINTEXT": False,  # our own letters are written by solidarity.letters.transport
    "EMAIL_HTML": False,
    "EMAIL_TEMPLATE_PASSWORD_RESET": letters.LOST_PASSWORD,
    "EMAIL_TEMPLATE_PASSWORD_RESET_NOTICE": letters.PASSWORD_CHOSEN,
    "I18N_DOMAIN": "messages",
    **second_factors.SETTINGS,
}


class Accounts(FSQLALiteUserDatastore):
    """Where Flask-Security finds accounts."""

    def set_uniquifier(self, user: Any, uniquifier: str | None = None) -> None:
        """Sign the person out everywhere."""
        user.end_all_sessions()
        user.fs_uniquifier = uniquifier or user.fs_uniquifier


def init_app(app: Flask) -> None:
    """Let people sign in."""
    app.config.update({f"SECURITY_{name}": value for name, value in SETTINGS.items()})
    app.config.update({f"SECURITY_MSG_{name}": message for name, message in messages.MESSAGES.items()})
    app.config["SECURITY_PASSWORD_SALT"] = app.config["SETTINGS"].password_salt
    with app.app_context():
        app.config["SECURITY_I18N_DIRNAME"] = list(get_babel().translation_directories)
    security = Security(
        app,
        Accounts(db, Account, AccountRole),
        login_form=forms.SignInForm,
        forgot_password_form=forms.LostPasswordForm,
        reset_password_form=forms.PasswordForm,
        verify_form=forms.VerifyForm,
        mail_util_cls=letters.Letters,
        password_util_cls=PasswordRules,
        render_template=_page,  # type: ignore[arg-type] # a whole answer, for its status
    )
    second_factors.init_app(security)
    security.want_json(lambda _request: False)
    security.reset_serializer = _tokens(security.reset_serializer)
    security.login_manager.session_protection = None  # it would put a hash of the address into the cookie
    sessions.init_app(app)
    sign_in.init_app(app)
    app.after_request(_see_other)


def _tokens(theirs: URLSafeTimedSerializer) -> letters.Tokens:
    return letters.Tokens(theirs.secret_keys, salt=theirs.salt)


def _page(template: str, **values: Any) -> Response:
    """A page of ours: 422 where the form in it was not taken."""
    shown = [value for name, value in values.items() if name.endswith("_form")]
    if isinstance(shown[0], forms.LostPasswordForm):
        shown[0].place_errors()
    for field in shown[0]:
        field.errors = [str(error) for error in field.errors]  # Flask-Security's are lazy, our macros want text
    failed = request.method == "POST" and any(form.errors for form in shown)
    return make_response(render_template(template, form=shown[0], **values), 422 if failed else 200)


def _see_other(response: Response) -> Response:
    if request.blueprint == "security" and request.method == "POST" and response.status_code == 302:
        response.status_code = 303
    return response
