"""What the whole site holds."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from stories.models import Guide, Story
from stories.queries.stories import IS_PUBLIC
from stories.workflow import Visibility


def shows_samples(session: Session) -> bool:
    """Whether readers can find stories that were made up to show the site."""
    sample = select(Story.id).where(Story.is_sample, Story.visibility == Visibility.PUBLIC).limit(1)
    return session.scalar(sample) is not None


def public_count(session: Session) -> int:
    """How many stories and guides are public."""
    stories = session.scalar(select(func.count()).select_from(Story).where(IS_PUBLIC)) or 0
    return stories + (
        session.scalar(select(func.count()).select_from(Guide).where(Guide.published_at.is_not(None))) or 0
    )
