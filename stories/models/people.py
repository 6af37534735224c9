"""Who acts (a person and their roles) and the organisations they belong to."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from stories.models.base import Base, Moment, words_of
from stories.models.named import Named


class Role(StrEnum):
    """What a person may do on the site. One person may have several."""

    LEADER = "leader"
    MODERATOR = "moderator"
    EDUCATOR = "educator"
    STEWARD = "steward"


class PersonRole(Base):
    """One role of one person."""

    __tablename__ = "person_roles"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    role: Mapped[Role] = mapped_column(words_of(Role), primary_key=True)


class Organisation(Named, Base):
    """A community organisation."""

    __tablename__ = "organisations"

    place: Mapped[str] = mapped_column(String(500), default="")
    website: Mapped[str] = mapped_column(String(500), default="")


class Person(Base):
    """Someone who acts. How they sign in, if they can, is the website's business."""

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(500))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    is_stand_in: Mapped[bool] = mapped_column(
        default=False, server_default=false()
    )  # the software's own, or somebody who left: nobody answers
    created_at: Mapped[datetime] = mapped_column(Moment)

    organisation: Mapped[Organisation | None] = relationship()
    role_rows: Mapped[list[PersonRole]] = relationship(cascade="all, delete-orphan", lazy="selectin")

    @property
    def has_left(self) -> bool:
        """Whether the person deleted their account; what they did stays, and their name does not."""
        return not self.name

    @property
    def roles(self) -> frozenset[Role]:
        """The roles this person has now."""
        return frozenset(row.role for row in self.role_rows)

    def is_a(self, role: Role) -> bool:
        """Whether the person has `role`."""
        return role in self.roles

    def grant(self, role: Role) -> None:
        """Give a role; giving it twice changes nothing."""
        if not self.is_a(role):
            self.role_rows.append(PersonRole(role=role))

    def revoke(self, role: Role) -> None:
        """Take a role away; taking one that is not there changes nothing."""
        self.role_rows = [row for row in self.role_rows if row.role != role]
