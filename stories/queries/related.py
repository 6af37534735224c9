"""What stands beside stories: what is still to be worked out, and of what was found no more than a link needs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, bindparam, or_, select
from sqlalchemy.orm import Session

from stories.models import Guide, GuideStory, RelatedKind, RelatedProgress, Revision, Story
from stories.queries.stories import IS_PUBLIC
from stories.text.collation import sort_key


class LinkTarget(NamedTuple):
    """A story or guide as a link to it shows it."""

    id: int
    root_id: int
    slug: str
    title: str
    language: str

    @classmethod
    def of_row(cls, row: Any) -> LinkTarget:
        """From a row of `STORY_LINKS` or `GUIDE_LINKS`."""
        number, original, slug, title, language = row
        return cls(number, original or number, slug, title, language)


STORY_LINKS = (
    select(Story.id, Story.original_id, Story.slug, Revision.title, Story.language)
    .join(Revision, Story.published_revision_id == Revision.id)
    .where(IS_PUBLIC)
)
GUIDE_LINKS = select(Guide.id, Guide.original_id, Guide.slug, Guide.title, Guide.language).where(
    Guide.published_at.is_not(None)
)


def related_due(session: Session, limit: int) -> list[tuple[RelatedKind, int]]:
    """Public guides and stories beside which is to be worked out what stands there, guides first, the newest first."""
    guides = select(Guide.id).where(Guide.published_at.is_not(None), ~_is_done(RelatedKind.GUIDE, Guide.id))
    stories = select(Story.id).where(IS_PUBLIC, ~_is_done(RelatedKind.STORY, Story.id))
    due = [(RelatedKind.GUIDE, number) for number in session.scalars(guides.order_by(Guide.id.desc()).limit(limit))]
    due += [(RelatedKind.STORY, number) for number in session.scalars(stories.order_by(Story.id.desc()).limit(limit))]
    return due[:limit]


def _is_done(kind: RelatedKind, subject_id: Any) -> ColumnElement[bool]:
    return (
        select(RelatedProgress.subject_id)
        .where(RelatedProgress.kind == kind, RelatedProgress.subject_id == subject_id, RelatedProgress.is_current)
        .exists()
    )


_FAMILY = STORY_LINKS.where(
    or_(Story.id == bindparam("root"), Story.original_id == bindparam("root"))
).order_by(Story.language, Story.id)  # fmt: skip


def public_family(session: Session, root_id: int) -> list[LinkTarget]:
    """The original with this number and its translations, as far as they are public, by language."""
    return [LinkTarget.of_row(row) for row in session.execute(_FAMILY, {"root": root_id})]


_STORIES = STORY_LINKS.where(Story.id.in_(bindparam("ids", expanding=True)))
_GUIDES = GUIDE_LINKS.where(Guide.id.in_(bindparam("ids", expanding=True)))


def linked(session: Session, kind: RelatedKind, ids: Iterable[int]) -> dict[int, LinkTarget]:
    """Those of `ids` that are public now, by id."""
    rows = session.execute(_STORIES if kind is RelatedKind.STORY else _GUIDES, {"ids": list(ids)})
    return {target.id: target for target in map(LinkTarget.of_row, rows)}


_AROUND = GUIDE_LINKS.where(
    Guide.id.in_(
        select(GuideStory.guide_id).join(Story, Story.id == GuideStory.story_id).where(
            or_(Story.id == bindparam("root"), Story.original_id == bindparam("root"))
        )
    )
)  # fmt: skip


def guides_anchoring(session: Session, story: Story, language: str) -> list[LinkTarget]:
    """Public guides built around `story` or one of its translations, by title in the alphabet of `language`."""
    guides = [LinkTarget.of_row(row) for row in session.execute(_AROUND, {"root": story.root_id})]
    return sorted(guides, key=lambda guide: (sort_key(guide.title, language), guide.id))
