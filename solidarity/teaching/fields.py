"""Fields that only guides have: whole numbers in any digits, and a list of stories."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from flask_babel import format_decimal
from flask_babel import gettext as _
from wtforms import Field, StringField
from wtforms.validators import ValidationError

from solidarity.web.forms import Form


class NumberField(StringField):  # type: ignore[misc] # WTForms ships no types
    """A whole number in the digits of any script. `data` stays what was typed; `number` is None while it is none."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, render_kw={"inputmode": "numeric", "autocomplete": "off"}, **kwargs)

    def process_data(self, value: int | str | None) -> None:
        """Take a stored number, or what was typed before."""
        self.data = "" if value is None else str(value)

    @property
    def number(self) -> int | None:
        """The number, if it is one of at most nine digits."""
        typed = (self.data or "").strip()
        return int(typed) if re.fullmatch(r"\d{1,9}", typed) else None


class Within:
    """Refuses what is no whole number from `least` to `most`; an empty field is no number and no error."""

    def __init__(self, least: int, most: int) -> None:
        self.least = least
        self.most = most

    def __call__(self, _form: Form, field: NumberField) -> None:
        if not (field.data or "").strip():
            return
        if field.number is None or not self.least <= field.number <= self.most:
            raise ValidationError(
                _(
                    "Please write a whole number from %(least)s to %(most)s.",
                    least=format_decimal(self.least), most=format_decimal(self.most),
                )
            )  # fmt: skip


class StoriesField(Field):  # type: ignore[misc] # WTForms ships no types
    """The stories of a guide, by id and in order."""

    def process_data(self, value: Iterable[int] | None) -> None:
        """Take stored ids."""
        self.data = tuple(value or ())

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take the ids that were sent; whatever is no id is left out."""
        ids = (int(typed) for typed in valuelist if re.fullmatch(r"[0-9]{1,15}", typed))
        self.data = tuple(dict.fromkeys(ids))
