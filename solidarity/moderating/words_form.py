"""The form in which a moderator suggests other words; how the teller is named is not theirs to change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from solidarity.forms import Filled, Limited, LimitedEntries, OneALineField
from solidarity.moderating.forms import StepForm
from stories import limits, prose
from stories import words as wording
from stories.models import Organisation, Revision, Theme
from stories.words import Words

PLAIN = ("title", "introduction", "content_note", "place", "time", "attribution")
LISTS = ("pull_quotes", "takeaways", "prompts")
_A_LINE_EACH = _l("One on each line. Up to 30, each of up to 500 characters.")


class WordsForm(StepForm):
    """Every word that readers see, but the teller's name."""

    title = StringField(_l("Title"), [Filled(), Limited(limits.TITLE)])
    introduction = TextAreaField(_l("Introduction"), [Limited(limits.INTRODUCTION)])
    body = TextAreaField(_l("The story"), [Limited(limits.BODY)])
    content_note = TextAreaField(_l("Content note"), [Limited(limits.INTRODUCTION)])
    pull_quotes = OneALineField(_l("Sentences to set large"), [LimitedEntries()], description=_A_LINE_EACH)
    takeaways = OneALineField(_l("What to take away from it"), [LimitedEntries()], description=_A_LINE_EACH)
    prompts = OneALineField(_l("Questions to think and talk about"), [LimitedEntries()], description=_A_LINE_EACH)
    place = StringField(_l("Where it happened"), [Limited(limits.SHORT)])
    time = StringField(_l("When it happened"), [Limited(limits.SHORT)])
    themes = SelectMultipleField(_l("Themes"))
    organisation = SelectField(_l("Organisation"))
    attribution = StringField(_l("Thanks and credits"), [Limited(limits.ATTRIBUTION)])

    def offer(self, themes: Sequence[Theme], organisations: Sequence[Organisation], language: str) -> None:
        """Fill the lists to choose from, with names in `language`."""
        self.themes.choices = [SelectChoice(theme.slug, theme.name_in(language)) for theme in themes]
        named = [SelectChoice(row.slug, row.name_in(language)) for row in organisations]
        self.organisation.choices = [SelectChoice("", _l("None")), *named]
        self._themes = {theme.slug: theme for theme in themes}
        self._organisations = {organisation.slug: organisation for organisation in organisations}

    def new_words(self, revision: Revision) -> Words:
        """The words of `revision` with what was typed. Raises TooLong, TooMuchMarkup or TooDeep."""
        typed: dict[str, Any] = {name: self[name].data or "" for name in PLAIN}
        lists: dict[str, Any] = {name: self[name].data for name in LISTS}
        return replace(
            wording.of(revision),
            **typed,
            **lists,
            body=prose.body_from_typed(self.body.data or ""),
            themes=tuple(self._themes[slug] for slug in dict.fromkeys(self.themes.data or ())),
            organisation=self._organisations.get(self.organisation.data or ""),
        )


class CorrectionForm(WordsForm):
    """Other words for a published story, and why."""

    note = TextAreaField(
        _l("Why you propose it"),
        [Filled(_l("Please tell the teller why.")), Limited(limits.NOTE)],
        description=_l("The teller reads this."),
    )


def typed(revision: Revision) -> dict[str, Any]:
    """What the form shows for a revision."""
    return {name: getattr(revision, name) for name in (*PLAIN, *LISTS)} | {
        "revision": str(revision.id),
        "body": prose.typed_from_body(revision.body),
        "themes": [theme.slug for theme in revision.themes],
        "organisation": revision.organisation.slug if revision.organisation else "",
    }
