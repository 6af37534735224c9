"""The consent ledger: what a teller said yes or no to, when, in which words and language."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from stories.models.base import Base, Moment, words_of
from stories.models.people import Person
from stories.models.stories import Story


class Purpose(StrEnum):
    """What consent is asked for; each is asked and answered apart."""

    PUBLISH = "publish"
    NAME = "name"
    PHOTO_OR_VOICE = "photo_or_voice"
    TRANSLATE = "translate"
    USE_IN_GUIDES = "use_in_guides"
    QUOTE = "quote"


class Method(StrEnum):
    """How the teller was asked."""

    SELF = "self"
    READ_ALOUD = "read_aloud"
    INTERPRETER = "interpreter"
    IN_WRITING = "in_writing"
    LICENCE = "licence"


class ConsentEvent(Base):
    """One answer of a teller. Append-only: a changed mind is a new event."""

    __tablename__ = "consent_events"
    __table_args__ = (Index("ix_consent_events_story_id_purpose", "story_id", "purpose"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    story_id: Mapped[int] = mapped_column(ForeignKey("stories.id"))
    purpose: Mapped[Purpose] = mapped_column(words_of(Purpose))
    granted: Mapped[bool]
    text_version: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(20))
    method: Mapped[Method] = mapped_column(words_of(Method))
    evidence: Mapped[str] = mapped_column(String(1000), default="")
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(Moment)

    story: Mapped[Story] = relationship()
    recorded_by: Mapped[Person] = relationship()
