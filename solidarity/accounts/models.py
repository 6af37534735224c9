"""How a person signs in, and where they are signed in. What they may do is their roles, which belong to the person."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from flask_security import RoleMixin, UserMixin
from sqlalchemy import ForeignKey, String, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from solidarity.second_factors.models import SecondFactors
from stories.models import Base, Person
from stories.models.base import Moment


def hash_of(secret: str) -> str:
    """What is kept of a random secret that a browser or a letter holds: it finds the row, and opens nothing."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


class AccountRole(RoleMixin):
    """A person's role in the form Flask-Security asks for."""

    def __init__(self, name: str) -> None:
        self.name = name


class Account(Base, SecondFactors, UserMixin):
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
    sessions: Mapped[list[UserSession]] = relationship(back_populates="account", cascade="all, delete-orphan")
    sign_in_links: Mapped[list[SignInLink]] = relationship(back_populates="account", cascade="all, delete-orphan")

    @property
    def roles(self) -> list[AccountRole]:  # type: ignore[override] # read-only here: the person's own
        """The roles of the person, as Flask-Security reads them."""
        return [AccountRole(role.value) for role in sorted(self.person.roles)]

    def end_all_sessions(self) -> None:
        """Sign the person out everywhere; no link in an earlier letter is worth anything any more either."""
        self.fs_uniquifier = secrets.token_hex(32)
        self.sessions.clear()
        self.sign_in_links.clear()


class UserSession(Base):
    """One browser in which somebody is signed in. Ended, the row is gone, and the cookie is worth nothing.

    The browser is kept in words ("Firefox", "Android"), without its version or address.
    """

    __tablename__ = "user_sessions"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - so the number of one that ended is not used again
    __mapper_args__ = {"confirm_deleted_rows": False}  # noqa: RUF012 - one that ended elsewhere meanwhile is gone too

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)  # of the key in the cookie, which is kept nowhere
    begun_at: Mapped[datetime] = mapped_column(Moment)
    last_used_at: Mapped[datetime] = mapped_column(Moment, index=True)
    browser: Mapped[str] = mapped_column(String(40), default="")
    system: Mapped[str] = mapped_column(String(40), default="")

    account: Mapped[Account] = relationship(back_populates="sessions")


class SignInLink(Base):
    """The one link by letter that lets somebody in now; a newer letter takes its place, and using it ends it."""

    __tablename__ = "sign_in_links"
    __mapper_args__ = {"confirm_deleted_rows": False}  # noqa: RUF012 - one that was used meanwhile is gone too

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(Moment)

    account: Mapped[Account] = relationship(lazy="joined", back_populates="sign_in_links")
