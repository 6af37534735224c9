"""The forms of signing in and choosing a password: Flask-Security's, with our labels."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_security.forms import (
    EmailValidation,
    EqualToLocalize,
    ForgotPasswordForm,
    LoginForm,
    ResetPasswordForm,
    email_required,
    password_required,
    valid_user_email,
)
from flask_security.forms import (
    VerifyForm as AskingForm,
)
from wtforms import EmailField, HiddenField, PasswordField
from wtforms.validators import ValidationError

from solidarity.accounts import messages
from solidarity.web.forms import Form
from stories.text import email_addresses

LEAST_LETTERS = 10
MOST_LETTERS = 128  # Flask-Security's own


def not_endless(_form: object, field: PasswordField) -> None:
    """Refuse a password too long to be one, before it is hashed."""
    if len(field.data or "") > 4 * MOST_LETTERS:
        raise ValidationError(gettext("This is too long to be a password."))


def _email(*validators: object) -> EmailField:
    return EmailField(_l("E-mail address"), [email_required, *validators], render_kw={"autocomplete": "username"})


class SignInForm(LoginForm):
    """An address and a password, and where to go afterwards."""

    email = _email(EmailValidation(verify=False))
    password = PasswordField(
        _l("Password"),
        [password_required, not_endless],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()
    remember = None

    def __init__(self, *values: Any, **more: Any) -> None:
        super().__init__(*values, **more)
        self.password.description = ""  # the way to a lost password stands beside the button

    def validate_next(self, field: HiddenField) -> None:
        """Take any: Flask-Security leads only to addresses of this site, and to the desk instead of any other."""


class LostPasswordForm(ForgotPasswordForm):
    """The address that a letter is to go to."""

    email = _email(EmailValidation(verify=True), valid_user_email)

    def validate(self, **more: Any) -> bool:
        """Refuse what is no address. An error of the form, because Flask-Security's view forgets those of its fields,
        so that nobody learns who has an account; this one tells nothing about that."""
        taken: bool = super().validate(**more)
        try:
            email_addresses.normalize(self.email.data or "")
        except email_addresses.NotAnAddress:
            sentence, _ = messages.MESSAGES["INVALID_EMAIL_ADDRESS"]
            self.form_errors.append(gettext(sentence))
        return taken and not self.form_errors

    def place_errors(self) -> None:
        """Put the errors of the form beside its only field."""
        self.email.errors = list(self.form_errors)
        self.form_errors.clear()


class SignInLetterForm(Form):
    """The address of somebody who wants to be let in by a letter."""

    email = EmailField(_l("E-mail address"), render_kw={"autocomplete": "username"})

    def validate_email(self, field: EmailField) -> None:
        """Refuse what is no address."""
        try:
            email_addresses.normalize(field.data or "")
        except email_addresses.NotAnAddress as error:
            sentence, _ = messages.MESSAGES["INVALID_EMAIL_ADDRESS"]
            raise ValidationError(gettext(sentence)) from error


class PasswordForm(ResetPasswordForm):
    """A new password, twice."""

    def validate(self, **more: Any) -> bool:
        """Besides, tell the letter about it whether there was one before."""
        g.is_first_password = self.user is not None and self.user.password is None
        return bool(super().validate(**more))

    password = PasswordField(
        _l("New password"), [password_required, not_endless], render_kw={"autocomplete": "new-password"}
    )
    password_confirm = PasswordField(
        _l("The same once more"),
        [EqualToLocalize("password", message="RETYPE_PASSWORD_MISMATCH"), password_required],
        render_kw={"autocomplete": "new-password"},
    )


class VerifyForm(AskingForm):
    """The password once more, before a page that needs a fresh sign-in."""

    password = PasswordField(
        _l("Your password, to be sure it is you"),
        [password_required, not_endless],
        render_kw={"autocomplete": "current-password"},
    )
