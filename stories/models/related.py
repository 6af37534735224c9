"""What stands beside a story, worked out beforehand: the stories and guides near it, and what they have in common."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from stories.models.base import Base, Json, words_of


class RelatedKind(StrEnum):
    """What stands beside a story."""

    STORY = "story"
    GUIDE = "guide"


class Related(Base):
    """One story or guide near a story, in the order of nearness.

    `words` stand in the texts of both: they go in the transaction in which one of them is no longer public.
    """

    __tablename__ = "related"
    __table_args__ = (Index("ix_related_other", "kind", "other_id"),)

    story_id: Mapped[int] = mapped_column(ForeignKey("stories.id"), primary_key=True)
    kind: Mapped[RelatedKind] = mapped_column(words_of(RelatedKind), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    other_id: Mapped[int]
    themes: Mapped[list[str]] = mapped_column(Json, default=list)
    words: Mapped[list[str]] = mapped_column(Json, default=list)


class RelatedProgress(Base):
    """That what is near to a story, or to a guide, was worked out; not `is_current`: it is to be done again.

    One that is public and has no row changed itself, or is new: those near to it are looked at again with it.
    """

    __tablename__ = "related_progress"

    kind: Mapped[RelatedKind] = mapped_column(words_of(RelatedKind), primary_key=True)
    subject_id: Mapped[int] = mapped_column(primary_key=True)
    is_current: Mapped[bool]
