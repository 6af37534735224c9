"""How a person signs in. What they may do is their roles, which belong to the person."""

from __future__ import annotations

from datetime import datetime

from flask_security import RoleMixin, UserMixin
from sqlalchemy import ForeignKey, String, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from stories.models import Base, Person
from stories.models.base import Moment


class AccountRole(RoleMixin):
    """A person's role in the form Flask-Security asks for."""

    def __init__(self, name: str) -> None:
        self.name = name


class Account(Base, UserMixin):
    """An e-mail address and a password for one person. No address of a computer is ever kept."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), unique=True)
    email: Mapped[str] = mapped_column(String(255), unique=True)
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    locale: Mapped[str] = mapped_column(String(20), default="en")
    queue_letters: Mapped[bool] = mapped_column(default=True, server_default=true())  # to a moderator: a story waits
    created_at: Mapped[datetime] = mapped_column(Moment)

    person: Mapped[Person] = relationship(lazy="joined")

    @property
    def roles(self) -> list[AccountRole]:  # type: ignore[override] # read-only here: the person's own
        """The roles of the person, as Flask-Security reads them."""
        return [AccountRole(role.value) for role in sorted(self.person.roles)]


class SignInLink(Base):
    """The one link by letter that lets somebody in now; a newer letter takes its place, and using it ends it."""

    __tablename__ = "sign_in_links"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(Moment)

    account: Mapped[Account] = relationship(lazy="joined")
