"""Themes and organisations, and how many public stories each has."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from stories.models import Organisation, Revision, Story, Theme
from stories.models.stories import revision_themes
from stories.queries.stories import IS_PUBLIC
from stories.text.collation import by_name


def themes(session: Session, language: str) -> list[Theme]:
    """Every theme, by its name in `language`."""
    return by_name(session.scalars(select(Theme)), language)


def organisations(session: Session, language: str) -> list[Organisation]:
    """Every organisation, by its name in `language`."""
    return by_name(session.scalars(select(Organisation)), language)


def theme_counts(session: Session) -> Mapping[int, int]:
    """How many public stories have each theme, by its number; themes without any are left out."""
    counted = (
        select(revision_themes.c.theme_id, func.count())
        .join(Story, Story.published_revision_id == revision_themes.c.revision_id)
        .where(IS_PUBLIC)
        .group_by(revision_themes.c.theme_id)
    )
    return {theme: count for theme, count in session.execute(counted) if theme is not None}


def organisation_counts(session: Session) -> Mapping[int, int]:
    """How many public stories each organisation has, by its number; those without any are left out."""
    counted = (
        select(Revision.organisation_id, func.count())
        .join(Story, Story.published_revision_id == Revision.id)
        .where(IS_PUBLIC, Revision.organisation_id.is_not(None))
        .group_by(Revision.organisation_id)
    )
    return {organisation: count for organisation, count in session.execute(counted) if organisation is not None}


def theme_at(session: Session, slug: str) -> Theme | None:
    """The theme with this address."""
    return session.scalar(select(Theme).where(Theme.slug == slug))


def organisation_at(session: Session, slug: str) -> Organisation | None:
    """The organisation with this address."""
    return session.scalar(select(Organisation).where(Organisation.slug == slug))
