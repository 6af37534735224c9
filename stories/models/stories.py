"""A story, its immutable revisions, its passages through review, and the record of every step."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
    case,
    func,
    inspect,
    literal,
)
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from stories.models.base import Base, Json, Moment, words_of
from stories.models.named import Named
from stories.models.people import Organisation, Person
from stories.workflow import State, Verb, Visibility

START = 8_000  # characters of a body


class Naming(StrEnum):
    """How a teller is named to readers."""

    FULL_NAME = "full_name"
    CHOSEN_NAME = "chosen_name"
    ANONYMOUS = "anonymous"


class Theme(Named, Base):
    """What stories and guides are about."""

    __tablename__ = "themes"


revision_themes = Table(
    "revision_themes",
    Base.metadata,
    Column("revision_id", ForeignKey("revisions.id"), primary_key=True),
    Column("theme_id", ForeignKey("themes.id"), primary_key=True, index=True),
)


class Revision(Base):
    """One wording of a story. Never changed once written; `erased_at` marks one whose words were destroyed."""

    __tablename__ = "revisions"
    __table_args__ = (UniqueConstraint("story_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    story_id: Mapped[int] = mapped_column(ForeignKey("stories.id"), index=True)
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(300))
    teller_naming: Mapped[Naming] = mapped_column(words_of(Naming))
    teller_name: Mapped[str] = mapped_column(String(500), default="")
    attribution: Mapped[str] = mapped_column(String(1000), default="")
    introduction: Mapped[str] = mapped_column(Text, default="")
    body: Mapped[str] = mapped_column(Text, default="")
    pull_quotes: Mapped[list[str]] = mapped_column(Json, default=list)
    takeaways: Mapped[list[str]] = mapped_column(Json, default=list)
    prompts: Mapped[list[str]] = mapped_column(Json, default=list)
    content_note: Mapped[str] = mapped_column(Text, default="")
    place: Mapped[str] = mapped_column(String(500), default="")
    time: Mapped[str] = mapped_column(String(500), default="")
    reading_minutes: Mapped[int] = mapped_column(default=1)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    written_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    written_at: Mapped[datetime] = mapped_column(Moment)
    erased_at: Mapped[datetime | None] = mapped_column(Moment)

    organisation: Mapped[Organisation | None] = relationship()
    written_by: Mapped[Person] = relationship()
    themes: Mapped[list[Theme]] = relationship(secondary=revision_themes, order_by=Theme.id)

    body_start: Mapped[str] = column_property(
        case((introduction == "", func.substr(body, 1, START)), else_=literal("")), deferred=True
    )

    @property
    def opening(self) -> str:
        """The beginning of a body that has no introduction; where a list left out the body, read without it."""
        return self.body_start if "body" in inspect(self).unloaded else self.body[:START]

    @property
    def shown_name(self) -> str:
        """The teller's name as readers see it; empty for an anonymous teller."""
        return "" if self.teller_naming is Naming.ANONYMOUS else self.teller_name


class Story(Base):
    """A story and where it stands with readers. Its words are in its revisions."""

    __tablename__ = "stories"
    __table_args__ = (
        UniqueConstraint("source_id", "language"),
        Index(
            "ix_stories_public", "visibility", "consented", "published_at", "id", "published_revision_id", "language"
        ),
        Index("ix_stories_shelf", "visibility", "changed_at", "id"),
        Index("ix_stories_shown_revision", "published_revision_id", "visibility", "consented"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    language: Mapped[str] = mapped_column(String(20))
    original_id: Mapped[int | None] = mapped_column(ForeignKey("stories.id"), index=True)
    submitter_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    teller_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    source_id: Mapped[str | None] = mapped_column(String(200))
    licence: Mapped[str] = mapped_column(String(500), default="")
    is_sample: Mapped[bool] = mapped_column(default=False, index=True)
    visibility: Mapped[Visibility] = mapped_column(words_of(Visibility), default=Visibility.PRIVATE)
    consented: Mapped[bool] = mapped_column(default=False)
    published_revision_id: Mapped[int | None] = mapped_column(
        ForeignKey("revisions.id", use_alter=True, name="fk_stories_published_revision_id")
    )
    published_at: Mapped[datetime | None] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)
    tombstone: Mapped[str] = mapped_column(Text, default="")

    submitter: Mapped[Person] = relationship(foreign_keys=[submitter_id])
    teller: Mapped[Person | None] = relationship(foreign_keys=[teller_id])
    original: Mapped[Story | None] = relationship(remote_side=[id], back_populates="translations")
    translations: Mapped[list[Story]] = relationship(back_populates="original")
    published_revision: Mapped[Revision | None] = relationship(foreign_keys=[published_revision_id], post_update=True)
    revisions: Mapped[list[Revision]] = relationship(
        foreign_keys=[Revision.story_id], order_by=Revision.number, backref="story"
    )
    submissions: Mapped[list[Submission]] = relationship(back_populates="story", order_by="Submission.id")
    transitions: Mapped[list[Transition]] = relationship(back_populates="story", order_by="Transition.id")

    @property
    def root_id(self) -> int:
        """The id of the original that this story and its translations gather around."""
        return self.original_id or self.id

    @property
    def is_public(self) -> bool:
        """Whether readers find it: it is public and its teller's consent to publish stands."""
        return self.visibility.is_listed and self.consented and self.published_revision_id is not None

    @property
    def is_readable(self) -> bool:
        """Whether its page opens: public, or archived and out of the lists."""
        return self.visibility.is_readable and self.consented and self.published_revision_id is not None

    @property
    def submission(self) -> Submission | None:
        """The newest passage through review, open or ended."""
        return self.submissions[-1] if self.submissions else None

    @property
    def open_submission(self) -> Submission | None:
        """The passage that is under way, if there is one."""
        newest = self.submission
        return newest if newest is not None and newest.state.is_open else None

    @property
    def acts(self) -> list[Transition]:
        """What was done, the newest first; one act that moved both the passage and the story stands once."""
        return list(reversed({(step.verb, step.at): step for step in self.transitions}.values()))

    @property
    def newest_revision(self) -> Revision:
        """The last wording anybody wrote: its author, or a moderator who suggested other words."""
        return self.revisions[-1]

    @property
    def own_revision(self) -> Revision:
        """The wording its author works at, or last sent: what a moderator suggested lies beside it."""
        return self.submissions[-1].revision if self.submissions else self.newest_revision

    @property
    def speaker(self) -> Person:
        """Who decides as the teller: the teller where they have an account, else whoever sent the story in."""
        return self.teller or self.submitter

    def speaks(self, person: Person) -> bool:
        """Whether `person` decides as the teller."""
        return person.id == self.speaker.id

    def belongs_to(self, person: Person) -> bool:
        """Whether `person` tells this story or sent it in."""
        return person.id in {self.teller_id, self.submitter_id}


class Submission(Base):
    """One passage of a story through review. Only `stories.editorial` moves its state.

    `revision` is the author's wording. What a moderator suggests lies beside it, as `suggestion`, until its teller has
    confirmed it (then it is the wording) or has answered with words of their own (then there is none).
    """

    __tablename__ = "submissions"
    __table_args__ = (Index("ix_submissions_queue", "state", "moved_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    story_id: Mapped[int] = mapped_column(ForeignKey("stories.id"), index=True)
    state: Mapped[State] = mapped_column(words_of(State))
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"))
    suggestion_id: Mapped[int | None] = mapped_column(ForeignKey("revisions.id"))
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    publish_at: Mapped[datetime | None] = mapped_column(Moment)
    confirmed_digest: Mapped[str] = mapped_column(String(64), default="")
    opened_at: Mapped[datetime] = mapped_column(Moment)
    moved_at: Mapped[datetime] = mapped_column(Moment)

    story: Mapped[Story] = relationship(back_populates="submissions")
    revision: Mapped[Revision] = relationship(foreign_keys=[revision_id])
    suggestion: Mapped[Revision | None] = relationship(foreign_keys=[suggestion_id])
    reviewer: Mapped[Person | None] = relationship()

    @property
    def proposed(self) -> Revision:
        """The wording that is spoken of: what a moderator suggests, else the author's; in a draft always theirs."""
        return self.revision if self.state.is_writable else self.suggestion or self.revision

    @property
    def is_confirmed(self) -> bool:
        """Whether the words under review are, to the letter, those the teller last confirmed."""
        return self.confirmed_digest == self.proposed.digest


class Transition(Base):
    """A step that was taken: append-only, so that every decision can be accounted for."""

    __tablename__ = "transitions"

    id: Mapped[int] = mapped_column(primary_key=True)
    story_id: Mapped[int] = mapped_column(ForeignKey("stories.id"), index=True)
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submissions.id"))
    revision_id: Mapped[int | None] = mapped_column(ForeignKey("revisions.id"))
    verb: Mapped[Verb] = mapped_column(words_of(Verb))
    start: Mapped[str] = mapped_column(String(40))
    end: Mapped[str] = mapped_column(String(40))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(Moment)
    note: Mapped[str] = mapped_column(Text, default="")

    story: Mapped[Story] = relationship(back_populates="transitions")
    submission: Mapped[Submission | None] = relationship()
    revision: Mapped[Revision | None] = relationship()
    by: Mapped[Person | None] = relationship()
