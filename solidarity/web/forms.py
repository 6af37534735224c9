"""What every form shares: kind words for errors, limits shown beside their field, nothing typed ever lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask_babel import format_decimal, gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, StringField, TextAreaField
from wtforms.validators import ValidationError

from stories.errors import Missing, Refused, TooDeep, TooLong, TooMuchMarkup, TooTangled, Unmet
from stories.text import limits, prose
from stories.workflow import Need

_KINDER = {  # WTForms' own sentences, said as we would
    "Not a valid choice.": _l("Please choose one of these."),
    "Not a valid integer value.": _l("Please write a whole number, such as 15."),
    "Not a valid date value.": _l("Please give a date, with its day, month and year."),
    "Not a valid datetime value.": _l("Please give a date and a time."),
    "Not a valid time value.": _l("Please give a time, such as 14:30."),
    "The CSRF token has expired.": _l("This page was open for a long time. Please press the button once more."),
    "'%(value)s' is not a valid choice for this field.": _l("One of your choices is no longer offered."),
}
_NEEDED_IN = {Need.NOTE: "note", Need.CONSENT: "publish"}


OFF = {"autocomplete": "off"}


class _Sentences:
    """WTForms asks here for its sentences in the language of the page."""

    def gettext(self, sentence: str) -> str:
        return str(_KINDER.get(sentence, sentence))

    def ngettext(self, singular: str, plural: str, n: int) -> str:  # noqa: ARG002 - WTForms' signature
        return self.gettext(singular)


class Form(FlaskForm):
    """The parent of every form. Fields keep what was typed, to the letter; the domain tidies."""

    class Meta(FlaskForm.Meta):
        """Errors in our own words, and no browser that remembers words, names and places: desks are shared."""

        def get_translations(self, form: Any) -> _Sentences:  # noqa: ARG002 - WTForms' signature
            return _Sentences()

        def render_field(self, field: Field, render_kw: dict[str, Any]) -> Any:
            written = isinstance(field, StringField) and not isinstance(field, HiddenField)
            return super().render_field(field, (OFF if written else {}) | (field.render_kw or {}) | render_kw)

    def process(self, *values: Any, **more: Any) -> None:
        """Fill the fields; one for text that was not sent is empty, where WTForms would make it None."""
        super().process(*values, **more)
        for field in self:
            if isinstance(field, StringField) and field.data is None:
                field.data = ""


class MaxLength:
    """Refuses more than `limit` characters, counted as the domain does; the field macro shows the limit."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.field_flags = {"maxlength": limit}

    def __call__(self, _form: Form, field: Field) -> None:
        over = len(prose.lines(field.data or "")) - self.limit
        if over > 0:
            raise ValidationError(
                gettext(
                    "This is %(over)s characters too long: %(limit)s fit here.",
                    over=format_decimal(over), limit=format_decimal(self.limit),
                )
            )  # fmt: skip


class VisibleTextRequired:
    """Refuses a field in which nothing can be seen: white space, fillers and marks of direction alone are empty too."""

    def __init__(self, message: Any = _l("Please write something here.")) -> None:  # noqa: B008 - lazy by nature
        self.message = message

    def __call__(self, _form: Form, field: Field) -> None:
        if not prose.has_visible_text(" ".join(field.data) if isinstance(field.data, tuple) else field.data or ""):
            raise ValidationError(str(self.message))


class MaxEntries:
    """Refuses a list of more than `entries` lines, or one with a line of more than `limit` characters."""

    def __init__(self, entries: int = limits.LIST_ENTRIES, limit: int = limits.SHORT) -> None:
        self.entries = entries
        self.limit = limit

    def __call__(self, _form: Form, field: Field) -> None:
        if len(field.data) > self.entries or any(len(prose.plain(line)) > self.limit for line in field.data):
            raise ValidationError(_list_too_long(self.entries, self.limit))


class OneALineField(TextAreaField):
    """A text box with one entry on each line; `data` is a tuple of those that are not empty."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.type = "TextAreaField"  # drawn as any other text box

    def process_data(self, value: Iterable[str] | None) -> None:
        """Take the entries of a stored list."""
        self.data = tuple(value or ())

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take the lines as they were typed."""
        typed = valuelist[0] if valuelist else ""
        self.data = tuple(line for line in prose.lines(typed).split("\n") if prose.has_visible_text(line))

    def _value(self) -> str:
        return self.raw_data[0] if self.raw_data else "\n".join(self.data)


def show_refusal(form: Form, error: Refused) -> bool:
    """Put a refusal of the domain beside the field it is about; False where the form has no such field."""
    found = _beside(error)
    if found is None or found[0] not in form:
        return False
    name, message = found
    form[name].errors = [*form[name].errors, message]
    return True


def _beside(error: Refused) -> tuple[str, str] | None:
    """The field that a refusal is about, and what to say there."""
    for kind, say in _REFUSALS.items():
        if isinstance(error, kind):
            return say(error)
    return None


_REFUSALS: dict[type[Refused], Callable[[Any], tuple[str, str] | None]] = {
    TooLong: lambda error: (error.field, _too_long(error)),
    Missing: lambda error: (error.field, gettext("Please write something here.")),
    Unmet: lambda error: (name, gettext("This is needed.")) if (name := _NEEDED_IN.get(error.need)) else None,
    TooTangled: lambda _error: ("body", _too_tangled()),
    TooMuchMarkup: lambda _error: ("body", _too_much_markup()),
    TooDeep: lambda _error: ("body", gettext("This text is nested too deeply. Please paste it as plain text.")),
}


def _too_long(error: TooLong) -> str:
    if error.field in {"pull_quotes", "takeaways", "prompts"}:
        return _list_too_long(limits.LIST_ENTRIES, error.limit)
    return str(gettext("Please shorten this: %(limit)s characters fit here.", limit=format_decimal(error.limit)))


def _list_too_long(entries: int, limit: int) -> str:
    sentence = gettext(
        "Up to %(entries)s lines fit here, each of up to %(limit)s characters.",
        entries=format_decimal(entries), limit=format_decimal(limit),
    )  # fmt: skip
    return str(sentence)


def _too_tangled() -> str:
    return str(gettext("This text holds more formatting than can be read safely. Please paste it as plain text."))


def _too_much_markup() -> str:
    sentence = gettext(
        "This text has more than %(limit)s signs of markup (< and &). Please paste it as plain text.",
        limit=format_decimal(limits.BODY_MARKUP),
    )
    return str(sentence)
