"""What a steward fills in: an invitation, somebody's roles, the names of a theme or an organisation."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import request
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

from solidarity.web.forms import Form, MaxLength, VisibleTextRequired
from solidarity.web.fresh_sign_in import AsksPassword, SureForm
from solidarity.web.labels import choices
from stories.community.catalogue import ABOUT, CatalogueEntry
from stories.models import EventKind, Role
from stories.queries import EventFilter
from stories.text import limits
from stories.text.languages import INTERFACE_LANGUAGES, STORY_LANGUAGES

NOBODY = 0  # the number of no person
LONGEST_SHOWN = 20  # of a number that is none


class RolesForm(AsksPassword):
    """What somebody may do."""

    roles = SelectMultipleField(_l("Roles"), choices=choices(Role))

    @property
    def chosen(self) -> tuple[Role, ...]:
        """The roles that were ticked."""
        return tuple(Role(value) for value in self.roles.data or ())


class InvitationForm(RolesForm):
    """Who is to come in, with a role: whoever has none finds no desk here."""

    roles = SelectMultipleField(
        _l("Roles"), [DataRequired(_l("Please choose at least one: without a role there is nothing to do here."))],
        choices=choices(Role),
    )  # fmt: skip

    name = StringField(
        _l("Name"),
        [VisibleTextRequired(), MaxLength(limits.SHORT)],
        description=_l("As moderators and stewards will see it."),
    )
    email = EmailField(_l("E-mail address"), [VisibleTextRequired()])
    language = SelectField(
        _l("Language of their letters"),
        choices=[SelectChoice(tag, STORY_LANGUAGES[tag].name) for tag in INTERFACE_LANGUAGES],
    )


class DetailsForm(AsksPassword):
    """How somebody is named, and where their letters go."""

    name = StringField(_l("Name"), [VisibleTextRequired(), MaxLength(limits.SHORT)])
    email = EmailField(_l("E-mail address"), [VisibleTextRequired()])


class InvitationAgainForm(SureForm):
    """The buttons that send an invitation again, or show its link: whoever has the link has the account."""


class RemovalForm(SureForm):
    """The button that takes away somebody's second step of signing in."""


class EventFilterForm(Form):
    """What somebody wants to see of the security log; it stands in the address."""

    kind = SelectField(_l("What"), choices=[SelectChoice("", _l("Everything")), *choices(EventKind)])
    person = SelectField(_l("Who"))
    days = SelectField(
        _l("When"),
        choices=[
            SelectChoice("", _l("At any time")), SelectChoice("1", _l("In 24 hours")),
            SelectChoice("7", _l("In a week")), SelectChoice("31", _l("In a month")),
            SelectChoice("366", _l("In a year")),
        ],
    )  # fmt: skip
    stories = BooleanField(_l("Steps and consents of stories too"))

    @classmethod
    def of_address(cls, people: list[tuple[int, str]]) -> EventFilterForm:
        """The form with what the address says; what it cannot say is left out, but for a person whom nobody knows.

        Such a one has no lines, where leaving it out would show those of everybody.
        """
        form = cls(request.args, meta={"csrf": False})
        form.person.choices = [
            SelectChoice("", _l("Everybody")),
            *(SelectChoice(str(number), name) for number, name in people),
        ]
        if not form._knows(form.person):
            form.person.choices.append(SelectChoice(form.person.data, form.person.data[:LONGEST_SHOWN]))
            form.person.errors = [gettext("The log knows nobody of this number.")]
        for field in (form.kind, form.days):
            if not form._knows(field):
                field.data = ""
        return form

    @staticmethod
    def _knows(field: SelectField) -> bool:
        return (field.data or "") in {choice.value for choice in field.choices}

    @property
    def parameters(self) -> dict[str, Any]:
        """What stands in the address."""
        given = {name: self[name].data for name in ("kind", "person", "days")}
        return {name: value for name, value in given.items() if value} | ({"stories": "y"} if self.stories.data else {})

    def wanted(self, at: datetime) -> EventFilter:
        """The same as the log is asked."""
        return EventFilter(
            kind=EventKind(self.kind.data) if self.kind.data else None,
            person_id=(NOBODY if self.person.errors else int(self.person.data)) if self.person.data else None,
            since=at - timedelta(days=int(self.days.data)) if self.days.data else None,
            with_stories=bool(self.stories.data),
        )


class ThemeForm(Form):
    """A theme, in the language it is first named in and in any other."""

    name = StringField(_l("Name"), [VisibleTextRequired(), MaxLength(limits.SHORT)])
    about = TextAreaField(_l("What it is about"), [MaxLength(ABOUT)], description=_l("One or two sentences."))

    @property
    def by_language(self) -> list[tuple[str, Any, Any]]:
        """The fields of every other language: its own name, the name there, the sentences there."""
        return [
            (language.name, self[f"name_{language.tag}"], self[f"about_{language.tag}"])
            for language in STORY_LANGUAGES.values()
        ]

    @property
    def entry(self) -> CatalogueEntry:
        """What was typed, as the domain takes it."""
        named = {tag: self[f"name_{tag}"].data or "" for tag in STORY_LANGUAGES}
        told = {tag: self[f"about_{tag}"].data or "" for tag in STORY_LANGUAGES}
        return CatalogueEntry(self.name.data or "", self.about.data or "", named, told)


for _language in STORY_LANGUAGES.values():
    setattr(ThemeForm, f"name_{_language.tag}", StringField(_l("Name"), [MaxLength(limits.SHORT)]))
    setattr(ThemeForm, f"about_{_language.tag}", TextAreaField(_l("What it is about"), [MaxLength(ABOUT)]))


class OrganisationForm(ThemeForm):
    """An organisation, with its place and website."""

    place = StringField(_l("Place"), [MaxLength(limits.SHORT)], description=_l("A city or a region."))
    website = StringField(
        _l("Website"), [MaxLength(limits.SHORT)], description=_l("Its address, such as https://example.org/")
    )

    @property
    def entry(self) -> CatalogueEntry:
        """What was typed, as the domain takes it."""
        entry = super().entry
        return CatalogueEntry(
            entry.name, entry.about, entry.names, entry.abouts, self.place.data or "", self.website.data or ""
        )


def typed(entry: CatalogueEntry) -> dict[str, str]:
    """What the form shows for an entry that was saved."""
    plain = {name: getattr(entry, name) for name in ("name", "about", "place", "website")}
    names = {f"name_{tag}": text for tag, text in entry.names.items()}
    return plain | names | {f"about_{tag}": text for tag, text in entry.abouts.items()}
