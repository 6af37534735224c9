"""Which stories a guide may show: those that are public now, and whose teller did not say no to guides."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, bindparam, func, select, true
from sqlalchemy.orm import Session, joinedload

from stories.models import ConsentEvent, Guide, GuideStory, Purpose, Revision, Story
from stories.queries import IS_PUBLIC

_ANSWER = (
    select(ConsentEvent.granted)
    .where(ConsentEvent.story_id == Story.id, ConsentEvent.purpose == Purpose.USE_IN_GUIDES)
    .order_by(ConsentEvent.id.desc())
    .limit(1)
    .correlate(Story)
    .scalar_subquery()
)
MAY_BE_SHOWN: ColumnElement[bool] = and_(IS_PUBLIC, func.coalesce(_ANSWER, true()))  # nobody asked: nobody said no


def allowed_by_id(session: Session, ids: Iterable[int]) -> dict[int, Story]:
    """Those of `ids` that a guide may show now, by id."""
    shown = joinedload(Story.published_revision)
    query = (
        select(Story)
        .where(Story.id.in_(list(ids)), MAY_BE_SHOWN)
        .options(shown.joinedload(Revision.organisation), shown.selectinload(Revision.themes))
    )
    return {story.id: story for story in session.scalars(query)}


def is_allowed(session: Session, story: Story) -> bool:
    """Whether a guide may show the story now."""
    return session.scalar(_ALLOWED, {"story": story.id}) is not None


_ALLOWED = select(Story.id).where(Story.id == bindparam("story"), MAY_BE_SHOWN)


def anchored(session: Session, guide: Guide) -> list[Story]:
    """The stories that `guide` was built around and may show now, in its order."""
    stories = allowed_by_id(session, (anchor.story_id for anchor in guide.anchors))
    return [stories[anchor.story_id] for anchor in guide.anchors if anchor.story_id in stories]


def counts(session: Session, guides: Iterable[Guide]) -> dict[int, int]:
    """For each guide, by id, the number of stories that it was built around and may show now."""
    query = (
        select(GuideStory.guide_id, func.count())
        .join(Story, Story.id == GuideStory.story_id)
        .where(GuideStory.guide_id.in_([guide.id for guide in guides]), MAY_BE_SHOWN)
        .group_by(GuideStory.guide_id)
    )
    return dict(iter(session.execute(query)))


def found_by_title(session: Session, words: str, limit: int) -> list[Story]:
    """Public stories that a guide may show with `words` in their title, the newest first."""
    pattern = "%" + "".join(f"\\{letter}" if letter in "%_\\" else letter for letter in words) + "%"
    query = (
        select(Story)
        .join(Revision, Story.published_revision_id == Revision.id)
        .where(MAY_BE_SHOWN, Revision.title.ilike(pattern, escape="\\"))
        .options(joinedload(Story.published_revision))
    )
    return list(session.scalars(query.order_by(Story.published_at.desc(), Story.id.desc()).limit(limit)))
