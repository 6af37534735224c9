"""The form in which a guide is written: one page, from its title to its last step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    Field,
    FieldList,
    FormField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from solidarity.teaching.fields import NumberField, StoriesField, Within
from solidarity.web.forms import Form, MaxEntries, MaxLength, OneALineField, VisibleTextRequired
from solidarity.web.labels import choices
from stories.models.guides import Audience, Depth, GradeBand, Grouping, Setting
from stories.text import limits
from stories.text.languages import STORY_LANGUAGES

LANGUAGES = [SelectChoice(language.tag, language.name) for language in STORY_LANGUAGES.values()]


class Part(Form):
    """A form inside a form: the outer one carries the token."""

    class Meta(Form.Meta):
        """As its parent, without a token of its own."""

        csrf = False


class StepForm(Part):
    """One timed step. Its questions stand in three boxes, one for each depth."""

    title = StringField(_l("What this step is called"), [MaxLength(limits.TITLE)])
    minutes = NumberField(_l("Minutes"), [Within(0, limits.STEP_MINUTES)])
    grouping = SelectField(_l("Who together"), choices=choices(Grouping), default=Grouping.EVERYONE.value)
    instruction = TextAreaField(_l("What people do"), [MaxLength(limits.INTRODUCTION)])
    recall = OneALineField(_l("Questions about what happened"), [MaxEntries()])
    connection = OneALineField(_l("Questions about what it means to us"), [MaxEntries()])
    action = OneALineField(_l("Questions about what we can do"), [MaxEntries()])
    tip = TextAreaField(_l("A hint for the facilitator"), [MaxLength(limits.INTRODUCTION)])

    def questions(self) -> Iterator[tuple[Depth, str]]:
        """Every question with its depth, from what happened to what can be done."""
        for depth in Depth:
            for text in self[depth.value].data:
                yield depth, text

    @property
    def is_written(self) -> bool:
        """Whether anything stands in it."""
        return any(bool(field.data) for field in self if field.name != self.grouping.name)

    def validate_title(self, field: Field) -> None:
        """A step that is written has a name."""
        if self.is_written:
            VisibleTextRequired(_l("Please give this step a name."))(self, field)

    def validate_recall(self, _field: Field) -> None:
        """A step has room for so many questions, of all depths together."""
        if sum(1 for _question in self.questions()) > limits.LIST_ENTRIES:
            raise ValidationError(_("Up to %(limit)s questions fit into a step.", limit=limits.LIST_ENTRIES))


class PhaseForm(Part):
    """A part of the conversation, with its steps."""

    title = StringField(_l("What this part is called"), [MaxLength(limits.TITLE)])
    about = TextAreaField(_l("What it is for"), [MaxLength(limits.INTRODUCTION)])
    steps = FieldList(FormField(StepForm))

    def validate_title(self, field: Field) -> None:
        """A part that has written steps has a name."""
        if self.about.data or any(step.form.is_written for step in self.steps):
            VisibleTextRequired(_l("Please give this part a name."))(self, field)

    @property
    def minutes(self) -> int:
        """How long its steps take together, as far as they are numbers."""
        return sum(step.form.minutes.number or 0 for step in self.steps)


class GuideForm(Form):
    """Everything of a guide. `version` is the one its author was looking at, `form_key` makes a double click one."""

    version = HiddenField()
    form_key = HiddenField()
    translation_of = HiddenField()
    title = StringField(
        _l("Title"), [VisibleTextRequired(_l("Please give the guide a title.")), MaxLength(limits.TITLE)]
    )
    language = SelectField(_l("Language of the guide"), choices=LANGUAGES)
    about = TextAreaField(_l("What it is, in a few sentences"), [MaxLength(limits.INTRODUCTION)])
    audiences = SelectMultipleField(_l("For"), choices=choices(Audience))
    settings = SelectMultipleField(_l("Where"), choices=choices(Setting))
    grade_bands = SelectMultipleField(_l("Ages"), choices=choices(GradeBand))
    group_min = NumberField(_l("Fewest people"), [Within(1, limits.GROUP)])
    group_max = NumberField(_l("Most people"), [Within(1, limits.GROUP)])
    essential_question = TextAreaField(_l("The question that stays with us"), [MaxLength(limits.SHORT)])
    objectives = OneALineField(_l("What people take home"), [MaxEntries()])
    preparation = OneALineField(_l("Before you begin"), [MaxEntries()])
    materials = OneALineField(_l("What you need"), [MaxEntries()])
    agreements = OneALineField(_l("Agreements for the conversation"), [MaxEntries()])
    content_note = TextAreaField(_l("What may be hard to hear"), [MaxLength(limits.INTRODUCTION)])
    help_note = TextAreaField(_l("If someone tells of something painful"), [MaxLength(limits.INTRODUCTION)])
    phases = FieldList(FormField(PhaseForm))
    stories = StoriesField(_l("Stories of this guide"))
    story_words = StringField(_l("Add a story"))
    themes = SelectMultipleField(_l("Themes"))
    query_words = StringField(_l("Words that should be in the stories"), [MaxLength(limits.SHORT)])
    query_language = SelectField(
        _l("Language of the stories"), choices=[SelectChoice("", _l("Any")), *LANGUAGES], default=""
    )
    query_minutes = NumberField(_l("Longest reading time, in minutes"), [Within(1, limits.READING_MINUTES)])
    credits = TextAreaField(_l("Who made this guide"), [MaxLength(limits.ATTRIBUTION)])

    @property
    def minutes(self) -> int:
        """How long the whole conversation takes, as far as its steps say."""
        return sum(phase.form.minutes for phase in self.phases)

    def validate_group_max(self, field: NumberField) -> None:
        """The most are not fewer than the fewest."""
        if field.number and self.group_min.number and field.number < self.group_min.number:
            raise ValidationError(_("This is fewer than the fewest people above."))

    def validate_phases(self, field: FieldList) -> None:
        """A guide has room for so many parts and steps."""
        if len(field) > limits.GUIDE_PHASES or sum(len(phase.form.steps) for phase in field) > limits.GUIDE_STEPS:
            raise ValidationError(
                _(
                    "Up to %(parts)s parts and %(steps)s steps fit into a guide.",
                    parts=format_decimal(limits.GUIDE_PHASES), steps=format_decimal(limits.GUIDE_STEPS),
                )
            )  # fmt: skip

    def validate_stories(self, field: StoriesField) -> None:
        """A guide has room for so many stories."""
        if len(field.data) > limits.LIST_ENTRIES:
            raise ValidationError(_("Up to %(limit)s stories fit into a guide.", limit=limits.LIST_ENTRIES))

    def problems(self) -> list[tuple[str, str, str]]:
        """Every error of the page: the id of its field, what the field is called, what is wrong."""
        return [
            (field.id, str(field.label.text), error)
            for field in _fields_of(self)
            for error in field.errors
            if isinstance(error, str)
        ]

    def point_at(self, focus: str) -> None:
        """Let the browser put the cursor into the field with this id."""
        for field in _fields_of(self):
            if field.id == focus:
                field.render_kw = {**(field.render_kw or {}), "autofocus": True}


def _fields_of(form: Form) -> Iterator[Any]:
    """Every field, those of inner forms too, in the order of the page."""
    for field in form:
        if not isinstance(field, FormField):
            yield field
        for entry in getattr(field, "entries", ()):
            yield from _fields_of(entry.form)
