"""How a guide says, in the reader's language, what it is: the facts of its card and of the top of its page."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from markupsafe import Markup

from solidarity.teaching.blueprint import blueprint
from solidarity.web.filters import join_list
from solidarity.web.labels import name_of
from solidarity.web.locales import language_name
from stories.models import Guide, Story
from stories.models.guides import Audience, GradeBand, Setting


@blueprint.app_template_global("guide_facts")
def facts(guide: Guide) -> list[tuple[str, str | list[str]]]:
    """What answers "does it fit my hour, my group, my language?": pairs of a word and its value or values."""
    return [
        (_("Time"), duration(guide.minutes)),
        (_("For"), names(Audience, guide.audiences)),
        (_("Where"), names(Setting, guide.settings)),
        (_("Group"), group(guide)),
        (_("Ages"), names(GradeBand, guide.grade_bands)),
        (_("Language"), language_name(guide.language)),
    ]


def duration(minutes: int) -> str:
    """How long something takes; empty where it takes no time."""
    return str(ngettext("%(num)s minute", "%(num)s minutes", minutes)) if minutes else ""


@blueprint.app_template_global("guide_group")
def group(guide: Guide) -> str:
    """For how many people it is meant; empty where its author did not say."""
    least, most = guide.group_min, guide.group_max
    if least and most and least != most:
        return str(_("%(least)s to %(most)s people", least=format_decimal(least), most=format_decimal(most)))
    if most:
        return str(ngettext("Up to %(num)s person", "Up to %(num)s people", most))
    return str(ngettext("%(num)s person or more", "%(num)s people or more", least)) if least else ""


@blueprint.app_template_global("guide_for")
def audience_and_setting(guide: Guide) -> Markup:
    """For whom and where, in one line of a card."""
    parts = (join_list(names(Audience, guide.audiences)), join_list(names(Setting, guide.settings)))
    return Markup(" · ").join(part for part in parts if part)


def names(kind: type[StrEnum], values: Iterable[str]) -> list[str]:
    """The names of stored words in the reader's language; one that is no longer known is left out."""
    given = set(values)
    return [name_of(member) for member in kind if member.value in given]


@blueprint.app_template_global("guide_languages")
def guide_languages(guides: Iterable[Guide]) -> Markup:
    """The languages of a guide and its translations, in one line of a card."""
    return join_list(language_name(guide.language) for guide in guides)


@blueprint.app_template_global("other_languages")
def other_languages(story: Story, tags: Iterable[str]) -> list[str]:
    """The names of the languages, beside its own, that a story can be read in."""
    return [language_name(tag) for tag in tags if tag != story.language]
