"""A conversation guide: its phases, timed steps and prompts, and the stories it stands on."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, ForeignKey, String, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from stories.models.base import Base, Json, Moment, words_of
from stories.models.people import Person
from stories.models.stories import Story, Theme


class Audience(StrEnum):
    """Who a guide is for."""

    STUDENTS = "students"
    NON_PROFITS = "non-profits"
    FACILITATORS = "facilitators"
    TEACHERS = "teachers"


class Setting(StrEnum):
    """Where a guide is used."""

    CLASSROOM = "classroom"
    COMMUNITY = "community"
    WORKPLACE = "workplace"
    CAMPUS = "campus"
    ONLINE = "online"


class GradeBand(StrEnum):
    """The age of the group, as schools say it."""

    K_2 = "k-2"
    THREE_TO_FIVE = "3-5"
    SIX_TO_EIGHT = "6-8"
    NINE_TO_TWELVE = "9-12"
    ADULT = "adult"


class Grouping(StrEnum):
    """How people sit for a step."""

    ALONE = "alone"
    PAIRS = "pairs"
    SMALL_GROUPS = "small groups"
    EVERYONE = "everyone"


class Depth(StrEnum):
    """How far a prompt goes: from what happened, to oneself, to what to do."""

    RECALL = "recall"
    CONNECTION = "connection"
    ACTION = "action"


guide_themes = Table(
    "guide_themes",
    Base.metadata,
    Column("guide_id", ForeignKey("guides.id"), primary_key=True),
    Column("theme_id", ForeignKey("themes.id"), primary_key=True, index=True),
)


class Guide(Base):
    """A plan for one conversation. `query_*` is its saved search for stories that fit."""

    __tablename__ = "guides"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    language: Mapped[str] = mapped_column(String(20))
    original_id: Mapped[int | None] = mapped_column(ForeignKey("guides.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    source_id: Mapped[str | None] = mapped_column(String(200), unique=True)
    is_sample: Mapped[bool] = mapped_column(default=False)
    title: Mapped[str] = mapped_column(String(300))
    about: Mapped[str] = mapped_column(Text, default="")
    audiences: Mapped[list[str]] = mapped_column(Json, default=list)
    settings: Mapped[list[str]] = mapped_column(Json, default=list)
    grade_bands: Mapped[list[str]] = mapped_column(Json, default=list)
    group_min: Mapped[int | None]
    group_max: Mapped[int | None]
    essential_question: Mapped[str] = mapped_column(String(500), default="")
    objectives: Mapped[list[str]] = mapped_column(Json, default=list)
    preparation: Mapped[list[str]] = mapped_column(Json, default=list)
    agreements: Mapped[list[str]] = mapped_column(Json, default=list)
    materials: Mapped[list[str]] = mapped_column(Json, default=list)
    content_note: Mapped[str] = mapped_column(Text, default="")
    help_note: Mapped[str] = mapped_column(Text, default="")
    credits: Mapped[str] = mapped_column(String(1000), default="")
    query_words: Mapped[str] = mapped_column(String(500), default="")
    query_language: Mapped[str] = mapped_column(String(20), default="")
    query_minutes: Mapped[int | None]
    minutes: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    published_at: Mapped[datetime | None] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)

    author: Mapped[Person] = relationship()
    original: Mapped[Guide | None] = relationship(remote_side=[id], back_populates="translations")
    translations: Mapped[list[Guide]] = relationship(back_populates="original")
    themes: Mapped[list[Theme]] = relationship(secondary=guide_themes, order_by=Theme.id)
    phases: Mapped[list[Phase]] = relationship(cascade="all, delete-orphan", order_by="Phase.position")
    anchors: Mapped[list[GuideStory]] = relationship(
        cascade="all, delete-orphan", order_by="GuideStory.position", back_populates="guide"
    )

    @property
    def root_id(self) -> int:
        """The id of the original that this guide and its translations gather around."""
        return self.original_id or self.id

    @property
    def is_public(self) -> bool:
        """Whether educators find it."""
        return self.published_at is not None


class Phase(Base):
    """A part of a conversation with a purpose of its own."""

    __tablename__ = "phases"

    id: Mapped[int] = mapped_column(primary_key=True)
    guide_id: Mapped[int] = mapped_column(ForeignKey("guides.id"), index=True)
    position: Mapped[int]
    title: Mapped[str] = mapped_column(String(300))
    about: Mapped[str] = mapped_column(Text, default="")

    steps: Mapped[list[Step]] = relationship(cascade="all, delete-orphan", order_by="Step.position")


class Step(Base):
    """One thing a group does, and for how many minutes."""

    __tablename__ = "steps"

    id: Mapped[int] = mapped_column(primary_key=True)
    phase_id: Mapped[int] = mapped_column(ForeignKey("phases.id"), index=True)
    position: Mapped[int]
    title: Mapped[str] = mapped_column(String(300))
    minutes: Mapped[int] = mapped_column(default=0)
    grouping: Mapped[Grouping] = mapped_column(words_of(Grouping), default=Grouping.EVERYONE)
    instruction: Mapped[str] = mapped_column(Text, default="")
    tip: Mapped[str] = mapped_column(Text, default="")

    prompts: Mapped[list[Prompt]] = relationship(cascade="all, delete-orphan", order_by="Prompt.position")


class Prompt(Base):
    """A question that opens a conversation."""

    __tablename__ = "prompts"

    id: Mapped[int] = mapped_column(primary_key=True)
    step_id: Mapped[int] = mapped_column(ForeignKey("steps.id"), index=True)
    position: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    depth: Mapped[Depth] = mapped_column(words_of(Depth), default=Depth.CONNECTION)


class GuideStory(Base):
    """A story that a guide was built around."""

    __tablename__ = "guide_stories"
    __table_args__ = (UniqueConstraint("guide_id", "story_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    guide_id: Mapped[int] = mapped_column(ForeignKey("guides.id"), index=True)
    story_id: Mapped[int] = mapped_column(ForeignKey("stories.id"), index=True)
    position: Mapped[int]

    guide: Mapped[Guide] = relationship(back_populates="anchors")
    story: Mapped[Story] = relationship()
