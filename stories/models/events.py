"""The security log: what happened, to whom and when, a line each, chained by hashes.

It keeps no address of a computer and no word of a story. See docs/decisions/security-log.md.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from stories.models.base import Base, Json, Moment, words_of


class EventKind(StrEnum):
    """What happened."""

    SIGNED_IN = "signed in"
    SIGN_IN_FAILED = "sign-in failed"
    SIGNED_OUT = "signed out"
    SESSION_ENDED = "session ended"
    SESSIONS_ENDED = "all sessions ended"
    PASSWORD_CHANGED = "password changed"  # noqa: S105 - a kind of event
    ADDRESS_CHANGED = "address changed"
    NAME_CORRECTED = "name corrected"
    ROLE_GRANTED = "role granted"
    ROLE_REVOKED = "role revoked"
    INVITED = "invited"
    ACCOUNT_CLOSED = "account closed"
    ACCOUNT_REOPENED = "account reopened"
    ACCOUNT_DELETED = "account deleted"
    FACTOR_SET = "second factor set"
    FACTOR_REMOVED = "second factor removed"
    RECOVERY_CODES_MADE = "recovery codes made"
    RECOVERY_CODE_USED = "recovery code used"
    REFUSED = "refused"
    DATA_EXPORTED = "data exported"
    LOG_EXPORTED = "log exported"
    LOG_ACCEPTED = "log accepted"
    SETTINGS_CHANGED = "settings changed"
    STORIES_IMPORTED = "stories imported"
    INDEX_PURGED = "index purged"
    STEP_TAKEN = "step taken"  # the line of a transition
    CONSENT_RECORDED = "consent recorded"  # the line of a consent event


class Event(Base):
    """One line of the log. Append-only: only its text and the salt of that may be erased, both together.

    People and stories are named by number and not by foreign keys, so that the log keeps nobody from being deleted.
    `stories.models.chain` fills in position, salt, digests and hash.
    """

    __tablename__ = "events"
    __table_args__ = (
        Index(
            "ix_events_kind_row_id", "kind", "row_id"
        ),  # not unique: a row that was deleted may leave its number to another
        Index("ix_events_kind_position", "kind", "position"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(nullable=True, index=True, unique=True)  # given when it is committed
    kind: Mapped[EventKind] = mapped_column(words_of(EventKind))
    at: Mapped[datetime] = mapped_column(Moment)
    by_id: Mapped[int | None] = mapped_column(index=True)  # nobody: somebody unknown, or the site itself
    person_id: Mapped[int | None] = mapped_column(index=True)  # about whom
    story_id: Mapped[int | None] = mapped_column(index=True)  # about which story
    row_id: Mapped[int | None]  # of the transition or consent event whose line this is
    session_mark: Mapped[str] = mapped_column(String(20), default="")  # tells sessions apart and opens none
    details: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)  # codes and numbers, no words of people
    text: Mapped[str] = mapped_column(Text, default="")  # what may have to be erased
    salt: Mapped[str] = mapped_column(String(32), default="")
    text_digest: Mapped[str] = mapped_column(String(64), default="")
    digest: Mapped[str] = mapped_column(String(64))  # of all that the line says
    hash: Mapped[str] = mapped_column(String(64), default="")  # of the digest, the position and the hash before
