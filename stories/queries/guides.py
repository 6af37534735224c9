"""Guides: what is public, one of them whole, and what somebody wrote."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, load_only, selectinload

from stories.models import Guide, GuideStory, Person, Theme
from stories.models.guides import Phase, Step
from stories.queries.stories import SHOWN
from stories.text import languages, prose


@dataclass(frozen=True)
class GuideFilter:
    """Which public guides to list. `minutes` is the longest conversation that fits."""

    audience: str = ""
    minutes: int | None = None
    language: str = ""
    theme: str = ""


_LISTED = load_only(
    Guide.slug, Guide.language, Guide.original_id, Guide.title, Guide.about, Guide.audiences, Guide.settings,
    Guide.grade_bands, Guide.group_min, Guide.group_max, Guide.minutes, Guide.published_at, Guide.changed_at,
)  # fmt: skip


def public_guides(session: Session, wanted: GuideFilter | None = None, *, with_themes: bool = False) -> list[Guide]:
    """Public guides as lists show them, the newest first.

    There are hundreds at most: audiences are compared here, not in SQL.
    """
    wanted = wanted or GuideFilter()
    query = select(Guide).where(Guide.published_at.is_not(None)).options(_LISTED)
    if with_themes:
        query = query.options(selectinload(Guide.themes))
    if wanted.minutes is not None:
        query = query.where(Guide.minutes <= wanted.minutes)
    if wanted.language:
        query = query.where(Guide.language.in_(languages.family(wanted.language)))
    if wanted.theme:
        query = query.where(Guide.themes.any(Theme.slug == wanted.theme))
    guides = session.scalars(query.order_by(Guide.published_at.desc(), Guide.id.desc()))
    return [guide for guide in guides if not wanted.audience or wanted.audience in guide.audiences]


_WHOLE_GUIDE = (
    selectinload(Guide.themes),
    selectinload(Guide.phases).selectinload(Phase.steps).selectinload(Step.prompts),
    selectinload(Guide.anchors).joinedload(GuideStory.story).options(*SHOWN),
)


def guide_at(session: Session, slug: str) -> Guide | None:
    """The guide with this address, published or not, with its phases and stories."""
    return session.scalar(select(Guide).where(Guide.slug == slug).options(*_WHOLE_GUIDE))


def guide_with_id(session: Session, guide_id: int) -> Guide | None:
    """The guide with this number, with its phases and stories."""
    return session.scalar(select(Guide).where(Guide.id == guide_id).options(*_WHOLE_GUIDE))


def public_guides_by_id(session: Session, ids: Iterable[int]) -> dict[int, Guide]:
    """Those of `ids` that are public now, by id."""
    query = select(Guide).where(Guide.id.in_(list(ids)), Guide.published_at.is_not(None))
    return {guide.id: guide for guide in session.scalars(query.options(selectinload(Guide.themes)))}


def public_guide_translations(session: Session, roots: Iterable[int]) -> dict[int, list[Guide]]:
    """For each root id the public guides of its family, by language."""
    wanted = list(roots)
    family = or_(Guide.id.in_(wanted), Guide.original_id.in_(wanted))
    relatives: dict[int, list[Guide]] = {root: [] for root in wanted}
    query = select(Guide).where(family, Guide.published_at.is_not(None)).order_by(Guide.language, Guide.id)
    for guide in session.scalars(query):
        relatives[guide.root_id].append(guide)
    return relatives


def newest_guides(session: Session, theme: str, limit: int) -> Sequence[Guide]:
    """The newest public guides with a theme, as lists show them."""
    query = select(Guide).where(Guide.published_at.is_not(None), Guide.themes.any(Theme.slug == theme))
    newest_first = query.order_by(Guide.published_at.desc(), Guide.id.desc())
    return session.scalars(newest_first.options(_LISTED).limit(limit)).all()


def guide_minutes(session: Session, ids: Iterable[int]) -> dict[int, int]:
    """Of those of `ids` that are public now, by id: how long the conversation takes."""
    query = select(Guide.id, Guide.minutes).where(Guide.id.in_(list(ids)), Guide.published_at.is_not(None))
    return {number: minutes for number, minutes in session.execute(query) if minutes is not None}


def guides_of(session: Session, person: Person) -> list[Guide]:
    """What `person` wrote for educators, the last changed first."""
    return list(session.scalars(select(Guide).where(Guide.author_id == person.id).order_by(Guide.changed_at.desc())))


def guide_from(session: Session, source_id: str) -> Guide | None:
    """The guide that was made from this source."""
    return session.scalar(select(Guide).where(Guide.source_id == prose.plain(source_id)))
