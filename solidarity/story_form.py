"""The fields of a story's words, for whoever writes them: its author, or a moderator who suggests others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from solidarity.web.forms import Form, MaxEntries, MaxLength, OneALineField, VisibleTextRequired
from stories.models import Organisation, Theme
from stories.text import limits, prose
from stories.text.dropped import Kind
from stories.wording import Words

PLAIN = ("title", "introduction", "content_note", "place", "time", "attribution")
LISTS = ("pull_quotes", "takeaways", "prompts")
_A_LINE_EACH = _l("One on each line. Up to 30, each of up to 500 characters.")


class WordsForm(Form):
    """Every word that readers see, but the teller's name."""

    title = StringField(
        _l("Title"),
        [VisibleTextRequired(_l("Please give the story a title. You can change it later.")), MaxLength(limits.TITLE)],
    )
    introduction = TextAreaField(
        _l("Introduction"),
        [MaxLength(limits.INTRODUCTION)],
        description=_l("Two or three sentences that open the story for somebody who knows nothing about it."),
    )
    body = TextAreaField(
        _l("The story"),
        [MaxLength(limits.BODY)],
        description=_l("Leave an empty line between paragraphs. You can paste from another program."),
    )
    organisation = SelectField(_l("Organisation"), default="")
    pull_quotes = OneALineField(_l("Sentences to set large"), [MaxEntries()], description=_A_LINE_EACH)
    takeaways = OneALineField(_l("What to take away from it"), [MaxEntries()], description=_A_LINE_EACH)
    prompts = OneALineField(_l("Questions to think and talk about"), [MaxEntries()], description=_A_LINE_EACH)
    content_note = TextAreaField(
        _l("Content note"),
        [MaxLength(limits.INTRODUCTION)],
        description=_l("What should a reader know beforehand, such as violence or loss? They can then choose."),
    )
    place = StringField(
        _l("Where it happened"),
        [MaxLength(limits.SHORT)],
        description=_l("As roughly as you like. “The West Coast” is enough."),
    )
    time = StringField(
        _l("When it happened"),
        [MaxLength(limits.SHORT)],
        description=_l("As roughly as you like. “In the nineties” is enough."),
    )
    themes = SelectMultipleField(_l("Themes"))
    attribution = StringField(
        _l("Thanks and credits"),
        [MaxLength(limits.ATTRIBUTION)],
        description=_l("Who recorded, wrote down or translated it, if they want to be named."),
    )

    def offer(self, themes: Sequence[Theme], organisations: Sequence[Organisation], language: str) -> None:
        """Fill the lists to choose from, with names in `language`."""
        self.themes.choices = [SelectChoice(theme.slug, theme.name_in(language)) for theme in themes]
        named = [SelectChoice(organisation.slug, organisation.name_in(language)) for organisation in organisations]
        self.organisation.choices = [SelectChoice("", _l("No organisation")), *named]
        self._themes = {theme.slug: theme for theme in themes}
        self._organisations = {organisation.slug: organisation for organisation in organisations}

    def words_over(self, words: Words) -> Words:
        """`words` with what was typed in their place. Raises TooLong, TooMuchMarkup or TooDeep."""
        plain: dict[str, Any] = {name: self[name].data or "" for name in PLAIN}
        lists: dict[str, Any] = {name: self[name].data for name in LISTS}
        return replace(
            words,
            **plain,
            **lists,
            body=prose.body_from_typed(self.body.data or ""),
            themes=tuple(self._themes[slug] for slug in dict.fromkeys(self.themes.data or ())),
            organisation=self._organisations.get(self.organisation.data or ""),
        )


def left_out(typed: str) -> str:
    """What a reader would have seen of a pasted text and the story does not hold, in a sentence; "" for nothing."""
    if prose.has_visible_text(typed) and not prose.body_from_typed(typed):
        return str(_("Nothing was left of what you pasted as the story itself: a story is made of words."))
    things = prose.dropped_from_typed(typed)
    if not things:
        return ""
    listed = _(", ").join(_LEFT_OUT[kind](things[kind]) for kind in Kind if things[kind])
    return str(_("A story is made of words, so this was left out of what you pasted: %(things)s.", things=listed))


_LEFT_OUT: dict[Kind, Callable[[int], str]] = {
    Kind.PICTURE: lambda count: ngettext("%(num)s picture", "%(num)s pictures", count),
    Kind.RECORDING: lambda count: ngettext("%(num)s recording or film", "%(num)s recordings or films", count),
    Kind.EMBEDDED: lambda count: ngettext("%(num)s piece of another page", "%(num)s pieces of other pages", count),
    Kind.FORM_FIELD: lambda count: ngettext("%(num)s field of a form", "%(num)s fields of a form", count),
    Kind.LINK: lambda count: ngettext("the address of %(num)s link", "the addresses of %(num)s links", count),
    Kind.LOOK: lambda _count: _("colours and typefaces"),
}


def typed(words: Words) -> dict[str, Any]:
    """What the form shows for words that were saved."""
    return {name: getattr(words, name) for name in (*PLAIN, *LISTS)} | {
        "body": prose.typed_from_body(words.body),
        "themes": [theme.slug for theme in words.themes],
        "organisation": words.organisation.slug if words.organisation else "",
    }
