"""Writes down, in the same transaction, that something public changed; and tells those who follow what did."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from stories import related
from stories.models import Change, Guide, Organisation, RelatedKind, Revision, Story, Theme


def story_changed(session: Session, story: Story) -> None:
    """Note that what readers see of `story` may differ now; its translations show its name, so they go along."""
    session.flush()
    for relative in session.scalars(select(Story.id).where(_family(story.root_id))).all():
        session.add(Change(kind="story", subject_id=relative))
        related.forget(session, RelatedKind.STORY, relative)


def _family(root_id: int):  # type: ignore[no-untyped-def]
    return (Story.id == root_id) | (Story.original_id == root_id)


def guide_changed(session: Session, guide: Guide) -> None:
    """Note that what educators see of `guide` may differ now."""
    session.flush()
    session.add(Change(kind="guide", subject_id=guide.id))
    related.forget(session, RelatedKind.GUIDE, guide.id)


def theme_changed(session: Session, theme: Theme) -> None:
    """Note that `theme`, and every story and guide with it, may read differently now."""
    session.flush()
    session.add(Change(kind="theme", subject_id=theme.id))
    stories = select(Story.id).join(Revision, Story.published_revision_id == Revision.id)
    with_it = session.scalars(stories.where(Revision.themes.contains(theme))).all()
    session.add_all(Change(kind="story", subject_id=story_id) for story_id in with_it)
    related.look_again(session, with_it)
    for guide_id in session.scalars(select(Guide.id).where(Guide.themes.contains(theme))):
        session.add(Change(kind="guide", subject_id=guide_id))


def organisation_changed(session: Session, organisation: Organisation) -> None:
    """Note that `organisation`, and every story of it, may read differently now."""
    session.flush()
    session.add(Change(kind="organisation", subject_id=organisation.id))
    stories = select(Story.id).join(Revision, Story.published_revision_id == Revision.id)
    for story_id in session.scalars(stories.where(Revision.organisation_id == organisation.id)):
        session.add(Change(kind="story", subject_id=story_id))


# --- following

_NEWEST = select(func.max(Change.position))


def newest(session: Session) -> int:
    """The position of the last change that was committed: whatever is public has one state for each such number."""
    return session.scalar(_NEWEST) or 0


def since(session: Session, position: int, limit: int) -> Sequence[Change]:
    """The first changes after `position`, in the order in which they were committed."""
    query = select(Change).where(Change.position > position).order_by(Change.position).limit(limit)
    return session.scalars(query).all()
