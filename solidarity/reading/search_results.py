"""What a list of search results shows of each story or guide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import url_for
from markupsafe import Markup

from index.search import Hit, MatchReason
from solidarity.web.db import session
from solidarity.web.locales import language_name
from stories import queries
from stories.text.languages import interface_tag


@dataclass(frozen=True)
class TranslationLink:
    """The same story or guide in another language."""

    url: str
    name: str
    language: str
    title: str


@dataclass(frozen=True)
class ResultRow:
    """One result as the page shows it. `title` and `excerpt` are escaped and hold no tag but <mark>."""

    url: str
    title: Markup
    is_guide: bool
    language: str
    excerpt: Markup
    why: Sequence[MatchReason]
    translations: list[TranslationLink]
    teller: str
    minutes: int


def result_rows(hits: Iterable[Hit]) -> list[ResultRow]:
    """The hits with their teller and minutes, which are asked for all at once."""
    found = list(hits)
    facts = _facts(found)
    return [
        ResultRow(
            url=_address(hit.kind, hit.slug),
            title=hit.title_html,
            is_guide=hit.kind == "guide",
            language=hit.language,
            excerpt=hit.excerpt,
            why=hit.why,
            translations=[
                _translation_link(hit.kind, other.slug, other.language, other.title) for other in hit.translations
            ],
            teller=facts.get((hit.kind, hit.subject_id), ("", 0))[0],
            minutes=facts.get((hit.kind, hit.subject_id), ("", 0))[1],
        )
        for hit in found
    ]


def _facts(hits: list[Hit]) -> dict[tuple[str, int], tuple[str, int]]:
    """Teller and minutes by kind and id."""
    ids = {kind: [hit.subject_id for hit in hits if hit.kind == kind] for kind in ("story", "guide")}
    stories = queries.tellers_and_minutes(session(), ids["story"]) if ids["story"] else {}
    guides = queries.guide_minutes(session(), ids["guide"]) if ids["guide"] else {}
    return {
        **{("story", number): facts for number, facts in stories.items()},
        **{("guide", number): ("", minutes) for number, minutes in guides.items()},
    }


def _translation_link(kind: str, slug: str, language: str, title: str) -> TranslationLink:
    return TranslationLink(
        _address(kind, slug, locale=interface_tag(language)), language_name(language), language, title
    )


def _address(kind: str, slug: str, **where: str) -> str:
    return url_for("teaching.guide" if kind == "guide" else "reading.story", slug=slug, **where)  # type: ignore[arg-type]
