"""What a person fills in about their own account."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import BooleanField, EmailField, PasswordField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from solidarity.accounts.forms import not_endless
from solidarity.web.forms import Form, MaxLength, VisibleTextRequired
from solidarity.web.fresh_sign_in import AsksPassword
from stories.leaving import Farewell
from stories.models import Role
from stories.text import limits
from stories.text.languages import INTERFACE_LANGUAGES, STORY_LANGUAGES

_AT_HOME = {"autocomplete": "new-password"}


class ProfileForm(Form):
    """A name, and how letters come."""

    name = StringField(
        _l("Name"),
        [VisibleTextRequired(), MaxLength(limits.SHORT)],
        description=_l("As moderators and stewards see it. What readers see stands in each story."),
    )
    locale = SelectField(
        _l("Language of your letters"),
        choices=[SelectChoice(tag, STORY_LANGUAGES[tag].name) for tag in INTERFACE_LANGUAGES],
    )
    queue_letters = BooleanField(
        _l("Write to me when a story arrives"), description=_l("At most one letter in an hour.")
    )

    def __init__(self, *values: Any, **more: Any) -> None:
        super().__init__(*values, **more)
        if not current_user.person.is_a(Role.MODERATOR):
            del self.queue_letters


class AddressForm(AsksPassword):
    """Where letters are to go."""

    email = EmailField(_l("New e-mail address"), [VisibleTextRequired()])


class NewPasswordForm(AsksPassword):
    """Another password, by whoever knows the present one; however short ago they signed in."""

    ALWAYS = True

    current_password = PasswordField(_l("The password you have now"), render_kw={"autocomplete": "current-password"})
    password = PasswordField(_l("New password"), [not_endless], render_kw=_AT_HOME)
    password_confirm = PasswordField(_l("The same once more"), [not_endless], render_kw=_AT_HOME)

    def validate(self, *values: Any, **more: Any) -> bool:
        """Besides, ask the rules about passwords."""
        valid = super().validate(*values, **more)
        rules = current_app.extensions["security"].password_util
        wrong, self.password.data = rules.validate(self.password.data or "", False, user=current_user)
        if wrong:
            self.password.errors = [str(message) for message in wrong]
        elif self.password.data != rules.normalize(self.password_confirm.data or ""):
            self.password_confirm.errors = [str(_l("The two passwords differ."))]
        return valid and not self.password.errors and not self.password_confirm.errors


class DeletionForm(AsksPassword):
    """What becomes of the published stories of somebody who leaves."""

    stories = RadioField(
        _l("What should become of your published stories?"),
        choices=[
            SelectChoice(Farewell.STAY.value, _l("They stay as they are")),
            SelectChoice(Farewell.WITHOUT_NAME.value, _l("They stay, without my name")),
            SelectChoice(
                Farewell.HIDE.value, _l("They are withdrawn: nobody can read them, but their words stay here")
            ),
            SelectChoice(Farewell.DELETE.value, _l("They are deleted: their words are destroyed")),
        ],
    )
    understood = BooleanField(_l("Yes, delete my account. I know that nobody can bring it back."))

    def __init__(self, *values: Any, has_published: bool, **more: Any) -> None:
        super().__init__(*values, **more)
        if not has_published:
            del self.stories

    @property
    def farewell(self) -> Farewell:
        """What was chosen."""
        return Farewell(self.stories.data) if "stories" in self else Farewell.STAY

    def validate_understood(self, field: BooleanField) -> None:
        """Refuse a slip of the finger."""
        if not field.data:
            raise ValidationError(gettext("Please tick this if you are sure."))
