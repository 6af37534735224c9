"""What the searchable copy has to catch up with, and what readers looked for in vain."""

from __future__ import annotations

from datetime import date

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from stories.models.base import Base


class Change(Base):
    """A story, guide, theme or organisation whose public face changed, written in the transaction that changed it.

    Rows are never marked done: a reader of this table keeps the position of the last one it has seen. Positions are
    in the order of commits, which ids are not; the database gives them (migration 0007, docs/decisions/databases.md).
    """

    __tablename__ = "changes"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy reads a plain dict

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int]
    position: Mapped[int] = mapped_column(nullable=True, index=True, unique=True)  # given when it is committed


class EmptySearch(Base):
    """How many searches in one language found nothing on one day: a count, no words and no person."""

    __tablename__ = "empty_searches"

    day: Mapped[date] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(String(20), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
