"""What a moderator fills in to take a step: the revision it is about, words to the author, and when to publish."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateTimeLocalField, HiddenField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from solidarity.web.clock import now
from solidarity.web.forms import Form, MaxLength, VisibleTextRequired
from stories.text import limits

NOW, LATER = "now", "later"
MINUTES = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]


class StepForm(Form):
    """A step on one revision. Several stand on a page: the ids of the fields of each begin with its `noun`."""

    revision = HiddenField()

    def __init__(self, noun: str, **values: Any) -> None:
        super().__init__(**values)
        for field in self:
            field.id = field.label.field_id = f"{noun}-{field.name}"

    @property
    def seen(self) -> int:
        """The number of the revision that the moderator was looking at; 0 where the page did not say."""
        typed = self.revision.data or ""
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else 0

    @property
    def words(self) -> str:
        """The words to the author, empty where the step asks for none."""
        return self.note.data or "" if "note" in self else ""


class ReasonForm(StepForm):
    """A step that the author is owed words for."""

    note = TextAreaField(
        _l("Your words to the author"),
        [VisibleTextRequired(_l("Please say a few words to the author.")), MaxLength(limits.NOTE)],
    )


class TestimonyForm(ReasonForm):
    """What the teller answered to somebody who asked them by hand."""

    note = TextAreaField(
        _l("Who was asked, when and how, and what they answered"),
        [VisibleTextRequired(_l("Please write down how you know.")), MaxLength(limits.NOTE)],
        description=_l("It stays in the record of the story. Leave out how to reach the teller."),
    )


class DateForm(StepForm):
    """A step that leads to publication at a date."""

    note = TextAreaField(_l("Your words to the author"), [MaxLength(limits.NOTE)])
    publish_at = DateTimeLocalField(_l("Date and time (UTC)"), format=MINUTES)

    def validate_publish_at(self, field: DateTimeLocalField) -> None:
        """A date is needed, and it lies ahead."""
        if field.data is None and not field.errors:
            raise ValidationError(_("Please give a date and a time."))
        if field.data is not None and field.data.replace(tzinfo=UTC) <= now():
            raise ValidationError(_("This moment has passed. Please choose a later one, in UTC."))

    @property
    def clock(self) -> datetime:
        """The present moment, shown beside the date."""
        return now()

    @property
    def moment(self) -> datetime | None:
        """When to publish; None for as soon as possible."""
        return self.publish_at.data.replace(tzinfo=UTC) if self.publish_at.data else None


class TimedForm(DateForm):
    """A step that leads to publication, now or at a date."""

    when = RadioField(
        _l("When is it published?"),
        choices=[SelectChoice(NOW, _l("As soon as possible")), SelectChoice(LATER, _l("At a date"))],
        default=NOW,
    )

    def validate_publish_at(self, field: DateTimeLocalField) -> None:
        """A date counts only where one was asked for."""
        if self.when.data == LATER:
            super().validate_publish_at(field)
        else:
            field.errors = []

    @property
    def moment(self) -> datetime | None:
        """When to publish; None for as soon as possible."""
        return super().moment if self.when.data == LATER else None
