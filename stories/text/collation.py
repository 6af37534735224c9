"""The order of names in a reader's own alphabet, by ICU's collation: the same on every database.

Lists of names are short (tens of themes and organisations, hundreds of people), so they are put in order here and not
in SQL, where SQLite compares bytes and PostgreSQL by the locale it was installed with.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any, Protocol, TypeVar

import icu

_TAGS = {"tl": "fil"}  # Tagalog has no rules of its own in Unicode's data


class Named(Protocol):
    """Whatever has names in several languages and an address of its own."""

    slug: Any

    def name_in(self, language: str) -> str:
        """The name in a language."""


Row = TypeVar("Row", bound=Named)


def sort_key(text: str, language: str) -> bytes:
    """Bytes that compare as readers of `language` would put texts in order; numbers count by their value."""
    return bytes(_collator(language).getSortKey(text))


def alphabetical(texts: Iterable[str], language: str) -> list[str]:
    """Texts in the alphabet of `language`."""
    return sorted(texts, key=lambda text: (sort_key(text, language), text))


def by_name(rows: Iterable[Row], language: str) -> list[Row]:
    """Themes or organisations by their names in `language`; those with the same name by address."""
    return sorted(rows, key=lambda row: name_key(row, language))


def name_key(row: Named, language: str) -> tuple[bytes, str]:
    """The key by which `by_name` puts a theme or an organisation in order."""
    return sort_key(row.name_in(language), language), row.slug


_own = threading.local()  # ICU: "Collator instances cannot be shared among threads"


def _collator(language: str) -> Any:
    collators: dict[str, Any] = _own.__dict__
    if language not in collators:
        tag = f"{_TAGS.get(language, language)}-u-kn"  # kn: 2 before 10
        collators[language] = icu.Collator.createInstance(icu.Locale.forLanguageTag(tag))
    return collators[language]
