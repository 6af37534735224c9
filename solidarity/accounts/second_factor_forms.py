"""What people fill in to set second factors up, and to show one."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField
from wtforms.validators import ValidationError

from solidarity.second_factors.models import NAME
from solidarity.web.forms import Form, MaxLength, VisibleTextRequired

LONGEST_CODE = 40  # however many spaces are between its signs


def _not_endless(_form: Form, field: StringField) -> None:
    if len(field.data or "") > LONGEST_CODE:
        raise ValidationError(gettext("This is too long to be a code."))


class CodeForm(Form):
    """A code of the app: the first one, or one to sign in with."""

    code = StringField(
        _l("Code from your app"),
        [VisibleTextRequired(_l("Please write the six digits that the app shows.")), _not_endless],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class RecoveryCodeForm(Form):
    """A code that was written down."""

    code = StringField(
        _l("Recovery code"),
        [VisibleTextRequired(_l("Please write one of your recovery codes.")), _not_endless],
        render_kw={"autocapitalize": "none", "spellcheck": "false"},
    )


class PasskeyForm(Form):
    """What the browser answers when it is asked for a passkey."""

    credential = HiddenField()


class NewPasskeyForm(Form):
    """A passkey that the browser has made, and what it is called."""

    name = StringField(_l("Name of the passkey"), [VisibleTextRequired(), MaxLength(NAME)])
    credential = HiddenField()
