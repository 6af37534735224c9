"""Themes and organisations, and how many public stories each has."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from stories.models import Organisation, Revision, Story, Theme
from stories.models.stories import revision_themes
from stories.queries.stories import IS_PUBLIC


def themes_with_counts(session: Session) -> list[tuple[Theme, int]]:
    """Every theme with its number of public stories, by name."""
    joined = (
        select(revision_themes.c.theme_id, func.count().label("stories"))
        .join(Story, Story.published_revision_id == revision_themes.c.revision_id)
        .where(IS_PUBLIC)
        .group_by(revision_themes.c.theme_id)
        .subquery()
    )
    query = select(Theme, func.coalesce(joined.c.stories, 0)).outerjoin(joined).order_by(Theme.name)
    return [(theme, count) for theme, count in session.execute(query)]


def organisations_with_counts(session: Session) -> list[tuple[Organisation, int]]:
    """Every organisation with its number of public stories, by name."""
    joined = (
        select(Revision.organisation_id, func.count().label("stories"))
        .join(Story, Story.published_revision_id == Revision.id)
        .where(IS_PUBLIC, Revision.organisation_id.is_not(None))
        .group_by(Revision.organisation_id)
        .subquery()
    )
    query = (
        select(Organisation, func.coalesce(joined.c.stories, 0))
        .outerjoin(joined, joined.c.organisation_id == Organisation.id)
        .order_by(Organisation.name)
    )
    return [(organisation, count) for organisation, count in session.execute(query)]


def theme_at(session: Session, slug: str) -> Theme | None:
    """The theme with this address."""
    return session.scalar(select(Theme).where(Theme.slug == slug))


def organisation_at(session: Session, slug: str) -> Organisation | None:
    """The organisation with this address."""
    return session.scalar(select(Organisation).where(Organisation.slug == slug))
