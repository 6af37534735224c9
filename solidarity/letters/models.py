"""The table of letters that have not arrived, and when each is tried again or given up (docs/decisions/letters.md)."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from stories.models import Base
from stories.models.base import Json, Moment, words_of

PATIENCE = timedelta(days=3)  # how long the site tries by itself
FIRST_PAUSE = timedelta(minutes=2)  # between the first two tries; it doubles each time
LONGEST_PAUSE = timedelta(hours=4)
LONGEST_PAUSE_OF_SERVER = timedelta(minutes=15)  # where the mail server, and not the letter, is the trouble
KEPT = timedelta(days=30)  # how long the desk shows a letter that was given up


class Kind(StrEnum):
    """What a letter is about; also the name of its template."""

    INVITATION = "invitation"
    LOST_PASSWORD = "password"  # noqa: S105 - the name of a template
    PASSWORD_CHOSEN = "password-chosen"  # noqa: S105
    FIRST_PASSWORD = "first-password"  # noqa: S105
    NEW_ADDRESS = "new-address"
    ADDRESS_TAKEN = "address-taken"
    ADDRESS_CHANGED = "address-changed"
    ROLES_CHANGED = "roles-changed"
    ACCOUNT_CLOSED = "account-closed"
    ACCOUNT_OPEN = "account-open"
    ACCOUNT_DELETED = "account-deleted"
    SIGN_IN_LINK = "sign-in-link"
    SECOND_FACTOR = "second-factor"
    RECOVERY_CODE = "recovery-code"
    STORY_NEWS = "news"
    STORY_WAITS = "waiting"
    OTHER = "other"  # written before letters had a kind

    @property
    def link_works_for(self) -> timedelta | None:
        """How long the secret link in such a letter works; None where it holds none."""
        return LINKS_WORK_FOR.get(self)


LINKS_WORK_FOR = {
    Kind.INVITATION: timedelta(days=7),
    Kind.LOST_PASSWORD: timedelta(days=1),
    Kind.SIGN_IN_LINK: timedelta(hours=1),
    Kind.NEW_ADDRESS: timedelta(days=1),
}


class Failure(StrEnum):
    """Why a letter did not arrive."""

    UNREACHABLE = "unreachable"
    UNTRUSTED = "untrusted"
    SIGN_IN = "sign-in"
    FOLDER = "folder"
    SENDER = "sender"
    INTERRUPTED = "interrupted"
    LATER = "later"
    REFUSED = "refused"
    ADDRESS = "address"
    NEEDS_SMTPUTF8 = "needs-smtputf8"
    FAULT = "fault"
    EXPIRED = "expired"

    @property
    def is_of_server(self) -> bool:
        """Whether every other letter would fail in the same way now."""
        return self in {Failure.UNREACHABLE, Failure.UNTRUSTED, Failure.SIGN_IN, Failure.FOLDER}

    @property
    def is_final(self) -> bool:
        """Whether trying again changes nothing until somebody mends something."""
        return self in {Failure.REFUSED, Failure.ADDRESS, Failure.NEEDS_SMTPUTF8, Failure.EXPIRED}


class Letter(Base):
    """A letter that has not arrived yet; the row goes when it has."""

    __tablename__ = "letters"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[Kind] = mapped_column(words_of(Kind))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    address: Mapped[str] = mapped_column(String(255))  # as it was when the letter was written
    message: Mapped[bytes | None] = mapped_column(LargeBinary)  # None: it could not be written yet
    unwritten: Mapped[dict[str, Any] | None] = mapped_column(Json)  # what it is to say, then
    written_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime] = mapped_column(Moment)
    tries: Mapped[int] = mapped_column(default=0)
    tried_at: Mapped[datetime | None] = mapped_column(Moment)
    failure: Mapped[Failure | None] = mapped_column(words_of(Failure))
    answer: Mapped[str] = mapped_column(String(40), default="")  # the codes of the mail server, never its words
    send_until: Mapped[datetime] = mapped_column(Moment)
    given_up_at: Mapped[datetime | None] = mapped_column(Moment)

    def link_is_dead(self, at: datetime) -> bool:
        """Whether the letter would only lead to "this link is too old"."""
        works_for = self.kind.link_works_for
        return works_for is not None and at >= self.written_at + works_for

    def begin(self, at: datetime) -> None:
        """Count a try, and put the next one off first: a process killed on the way leaves it to be tried again."""
        self.tries += 1
        self.tried_at = at
        self.due_at = at + self._pause(LONGEST_PAUSE)

    def fail(self, failure: Failure, answer: str, at: datetime) -> None:
        """Write down why a try was in vain, and when the next one is due, if any."""
        self.failure, self.answer = failure, answer
        if failure.is_of_server:
            self.due_at = at + self._pause(LONGEST_PAUSE_OF_SERVER)
        if failure.is_final or at >= self.send_until:
            self.given_up_at = at

    def try_again(self, at: datetime) -> bool:
        """Make the letter due now, given up or not; False where its link no longer works."""
        if self.link_is_dead(at):
            return False
        self.due_at, self.given_up_at = at, None
        self.send_until = max(self.send_until, at + PATIENCE)
        return True

    def _pause(self, longest: timedelta) -> timedelta:
        doubled: int = 2 ** min(max(self.tries - 1, 0), 10)
        return min(FIRST_PAUSE * doubled, longest)
