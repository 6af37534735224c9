"""Themes and organisations, and how many public stories each has."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from stories.models import Organisation, Revision, Story, Theme
from stories.models.stories import revision_themes
from stories.queries.stories import IS_PUBLIC
from stories.text.collation import name_key


def themes_with_counts(session: Session, language: str) -> list[tuple[Theme, int]]:
    """Every theme with its number of public stories, by its name in `language`."""
    joined = (
        select(revision_themes.c.theme_id, func.count().label("stories"))
        .join(Story, Story.published_revision_id == revision_themes.c.revision_id)
        .where(IS_PUBLIC)
        .group_by(revision_themes.c.theme_id)
        .subquery()
    )
    query = select(Theme, func.coalesce(joined.c.stories, 0)).outerjoin(joined)
    counted = [(theme, count) for theme, count in session.execute(query)]
    return sorted(counted, key=lambda row: name_key(row[0], language))


def organisations_with_counts(session: Session, language: str) -> list[tuple[Organisation, int]]:
    """Every organisation with its number of public stories, by its name in `language`."""
    joined = (
        select(Revision.organisation_id, func.count().label("stories"))
        .join(Story, Story.published_revision_id == Revision.id)
        .where(IS_PUBLIC, Revision.organisation_id.is_not(None))
        .group_by(Revision.organisation_id)
        .subquery()
    )
    query = select(Organisation, func.coalesce(joined.c.stories, 0)).outerjoin(
        joined, joined.c.organisation_id == Organisation.id
    )
    counted = [(organisation, count) for organisation, count in session.execute(query)]
    return sorted(counted, key=lambda row: name_key(row[0], language))


def theme_at(session: Session, slug: str) -> Theme | None:
    """The theme with this address."""
    return session.scalar(select(Theme).where(Theme.slug == slug))


def organisation_at(session: Session, slug: str) -> Organisation | None:
    """The organisation with this address."""
    return session.scalar(select(Organisation).where(Organisation.slug == slug))
