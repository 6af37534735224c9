"""How many public stories each further choice would leave: what stands beside the choices of a list.

Each count obeys every choice but its own, so that a reader sees what another theme or language would bring.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from stories.models import Organisation, Revision, Story, Theme
from stories.models.stories import revision_themes
from stories.queries import StoryFilter, public
from stories.text import languages
from stories.text.collation import by_name, name_key


def by_language(session: Session, wanted: StoryFilter) -> dict[str, int]:
    """Public stories in each (folded) language, the languages in their usual order."""
    query = public(replace(wanted, language="")).with_only_columns(
        Story.language, func.count(), maintain_column_froms=True
    )
    counts = dict.fromkeys(languages.FACETS, 0)
    for tag, count in session.execute(query.group_by(Story.language)):
        counts[languages.folded(tag)] += count
    return {tag: count for tag, count in counts.items() if count}


def by_theme(session: Session, wanted: StoryFilter, language: str) -> list[tuple[Theme, int]]:
    """Public stories with each theme, by the theme's name in `language`; themes without any are left out."""
    revisions = public(replace(wanted, theme="")).with_only_columns(Story.published_revision_id.label("id")).subquery()
    counts = (
        select(revision_themes.c.theme_id, func.count().label("stories"))
        .join(revisions, revisions.c.id == revision_themes.c.revision_id)
        .group_by(revision_themes.c.theme_id)
        .subquery()
    )
    query = select(Theme, counts.c.stories).join(counts, counts.c.theme_id == Theme.id)
    counted = [(theme, count) for theme, count in session.execute(query)]
    return sorted(counted, key=lambda row: name_key(row[0], language))


def by_organisation(session: Session, wanted: StoryFilter, language: str) -> list[tuple[Organisation, int]]:
    """Public stories of each organisation, by its name in `language`; those without any are left out."""
    shown = (
        public(replace(wanted, organisation="")).with_only_columns(Story.published_revision_id.label("id")).subquery()
    )
    counted = (
        select(Revision.organisation_id, func.count())
        .join(shown, shown.c.id == Revision.id)
        .where(Revision.organisation_id.is_not(None))
        .group_by(Revision.organisation_id)
    )
    counts = {organisation: count for organisation, count in session.execute(counted) if organisation is not None}
    rows = session.scalars(select(Organisation).where(Organisation.id.in_(counts)))
    return [(organisation, counts[organisation.id]) for organisation in by_name(rows, language)]


def themes_at(session: Session, slugs: Iterable[str]) -> dict[str, Theme]:
    """The themes with these addresses."""
    return {theme.slug: theme for theme in session.scalars(select(Theme).where(Theme.slug.in_(list(slugs))))}


def organisations_at(session: Session, slugs: Iterable[str]) -> dict[str, Organisation]:
    """The organisations with these addresses."""
    query = select(Organisation).where(Organisation.slug.in_(list(slugs)))
    return {organisation.slug: organisation for organisation in session.scalars(query)}
