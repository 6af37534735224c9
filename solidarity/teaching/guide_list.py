"""The shelf of guides: what an educator may ask for, and what fits, one card for a guide with its translations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from solidarity.teaching.guide_facts import duration
from solidarity.web import query_params
from solidarity.web.labels import name_of
from solidarity.web.locales import language_name
from stories import queries
from stories.guides import allowed_stories
from stories.models import Guide, Theme
from stories.models.guides import Audience
from stories.queries import GuideFilter
from stories.text import languages, limits

TIMES = (15, 30, 45, 60, 90)  # minutes that people have
LONGEST = limits.GUIDE_STEPS * limits.STEP_MINUTES


def wanted() -> GuideFilter:
    """What the address asks for; whatever is no choice of ours asks for nothing."""
    audience, language = (
        query_params.text("audience", query_params.LONGEST),
        query_params.text("language", query_params.LONGEST),
    )
    return GuideFilter(
        audience=audience if audience in set(Audience) else "",
        minutes=query_params.whole(query_params.text("minutes", query_params.LONGEST), LONGEST) or None,
        language=languages.folded(language) if language in languages.STORY_LANGUAGES else "",
        theme=query_params.text("theme", query_params.LONGEST),
    )


@dataclass(frozen=True)
class Card:
    """A guide on the shelf: itself, its translations that also fit, and how many stories it brings."""

    guide: Guide
    others: Sequence[Guide]
    stories: int


def cards(session: Session, asked_for: GuideFilter, reader: str) -> list[Card]:
    """What fits, the newest first; of a guide and its translations the one in the language of the `reader`."""
    families: dict[int, list[Guide]] = {}
    for guide in queries.public_guides(session, asked_for):
        families.setdefault(guide.root_id, []).append(guide)
    shown = [sorted(family, key=lambda guide: _distance(guide, reader)) for family in families.values()]
    counts = allowed_stories.counts(session, (family[0] for family in shown))
    found = [Card(family[0], family[1:], counts.get(family[0].id, 0)) for family in shown]
    return sorted(found, key=lambda card: languages.folded(card.guide.language) != languages.folded(reader))


def _distance(guide: Guide, reader: str) -> tuple[bool, bool, bool]:
    """Nearest first: in this very language, in its other script, else the original."""
    same_family = languages.folded(guide.language) == languages.folded(reader)
    return guide.language != reader, not same_family, guide.original_id is not None


@dataclass(frozen=True)
class Choice:
    """One list to choose from: `options` are (value, words)."""

    name: str
    label: str
    options: Sequence[tuple[str, str]]
    chosen: str


def choices(asked_for: GuideFilter, themes: Iterable[Theme], reader: str) -> list[Choice]:
    """The lists of the form above the shelf."""
    times = sorted({*TIMES, asked_for.minutes or TIMES[0]})
    return [
        Choice("audience", _("For"), [(one.value, name_of(one)) for one in Audience], asked_for.audience),
        Choice(
            "minutes", _("At most"), [(str(time), duration(time)) for time in times], str(asked_for.minutes or "")
        ),
        Choice(
            "language", _("Language"), [(tag, language_name(tag)) for tag in languages.FACETS], asked_for.language
        ),
        Choice("theme", _("Theme"), [(theme.slug, theme.name_in(reader)) for theme in themes], asked_for.theme),
    ]  # fmt: skip


def picks(asked_for: GuideFilter, lists: Iterable[Choice]) -> list[dict[str, Any]]:
    """Every choice in force, with the address of the shelf without it."""
    return [
        {"label": f"{one.label}: {dict(one.options).get(one.chosen, one.chosen)}", "url": _without(asked_for, one.name)}
        for one in lists
        if one.chosen
    ]


def _without(asked_for: GuideFilter, left_out: str) -> str:
    kept = {name: value for name, value in asdict(asked_for).items() if value and name != left_out}
    return url_for("teaching.guides", **kept)
