"""Where a story stood on the site it came from, so that what leads there leads here."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from stories.models.base import Base
from stories.models.stories import Story


class OldAddress(Base):
    """One address of a story on another site: path and query, in the form of `stories.old_addresses.normal`."""

    __tablename__ = "old_addresses"

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(String(500), unique=True)
    story_id: Mapped[int] = mapped_column(ForeignKey("stories.id"), index=True)

    story: Mapped[Story] = relationship()
