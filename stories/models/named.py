"""What themes and organisations share: an address, and a name and a few words in several languages."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from stories.models.base import Json


class Named:
    """`name` and `about` as first given; `names` and `abouts` hold other languages by tag."""

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(500))
    names: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    about: Mapped[str] = mapped_column(String(2000), default="")
    abouts: Mapped[dict[str, str]] = mapped_column(Json, default=dict)

    def name_in(self, language: str) -> str:
        """The name in `language`, or as first given."""
        return self.names.get(language) or self.name

    def about_in(self, language: str) -> str:
        """The few words in `language`, or as first given."""
        return self.abouts.get(language) or self.about
