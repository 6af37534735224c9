"""One item of a WordPress export, and what it says in the keys of an import."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from stories.importing.records import BodyFormat, Record

_TEXTS = frozenset([
    "title", "link", "guid", "creator", "post_id", "post_date_gmt", "post_date", "pubDate", "post_name", "status",
    "post_type", "post_password",
])  # fmt: skip
_NEVER = "0000-00-00 00:00:00"
_ADDRESS_OF = {"page": "page_id"}
UNSORTED = "uncategorized"  # what WordPress calls what was never sorted


@dataclass
class Site:
    """What an export says of the whole site."""

    language: str = ""
    url: str = ""  # the host alone
    authors: dict[str, str] = field(default_factory=dict)


@dataclass
class Item:
    """What an export says of one post, page, picture or the like, which begins in `line`."""

    line: int
    texts: dict[str, str] = field(default_factory=dict)
    terms: list[tuple[str, str, str]] = field(default_factory=list)  # taxonomy, slug, name
    meta: dict[str, str] = field(default_factory=dict)
    comments: int = 0
    _key: str = ""

    def element(self, namespace: str, local: str, text: str, attributes: dict[str, str]) -> None:
        """Take a child of the item."""
        if local == "encoded":
            self.texts["excerpt" if "excerpt" in namespace else "content"] = text
        elif local == "category":
            self.terms.append((attributes.get("domain", ""), attributes.get("nicename", ""), text))
        elif local == "comment":
            self.comments += 1
        elif local in _TEXTS:
            self.texts[local] = text

    def custom_field(self, local: str, text: str) -> None:
        """Take the key or the value of a custom field; those that begin with `_` are the software's own."""
        if local == "meta_key":
            self._key = text
        elif local == "meta_value" and self._key and not self._key.startswith("_") and text:
            self.meta[self._key] = text

    def record(self, site: Site, post_types: tuple[str, ...], statuses: tuple[str, ...]) -> Record:
        """The item in the keys of an import; custom fields keep their names."""
        kind, status = self.texts.get("post_type", "post"), self.texts.get("status", "publish")
        if kind not in post_types:
            return Record(self.line, left_out=f"of the type {kind[:40]!r}")
        if status not in statuses:
            return Record(self.line, left_out=f"with the status {status[:40]!r}")
        if self.texts.get("post_password"):
            return Record(self.line, left_out="behind a password")
        values = self.meta | {name: value for name, value in self._values(site, kind).items() if value}
        return Record(self.line, values, BodyFormat.WORDPRESS, self._remarks())

    def _values(self, site: Site, kind: str) -> dict[str, Any]:
        texts = self.texts
        author = texts.get("creator", "")
        return {
            "source_id": self._source_id(site),
            "title": texts.get("title", ""),
            "body": texts.get("content", ""),
            "introduction": self.meta.get("introduction") or texts.get("excerpt", ""),
            "language": self._term("language") or self.meta.get("language") or site.language,
            "attribution": self.meta.get("attribution") or site.authors.get(author, author),
            "published_at": self._date(),
            "themes": [name for domain, _, name in self.terms if domain == "category" and name.lower() != UNSORTED],
            "tags": [name for domain, _, name in self.terms if domain == "post_tag"],
            "old_address": self._addresses(kind),
        }

    def _term(self, taxonomy: str) -> str:
        """The slug of the item's term in a taxonomy of a plugin: Polylang writes languages and translations so."""
        return next((slug for domain, slug, _ in self.terms if domain == taxonomy), "")

    def _source_id(self, site: Site) -> str:
        family = self._term("post_translations")
        own = family or f"wp-{self.texts['post_id']}" if self.texts.get("post_id") else family
        return f"{own}@{site.url}" if own and site.url else own

    def _date(self) -> str:
        utc = self.texts.get("post_date_gmt", "")
        return (
            f"{utc}+00:00"
            if utc and utc != _NEVER
            else self.texts.get("pubDate", "") or self.texts.get("post_date", "")
        )

    def _addresses(self, kind: str) -> list[str]:
        """Where the item stood: by its link, by its number, and without a link by its name at the root."""
        number, name = self.texts.get("post_id", ""), self.texts.get("post_name", "")
        link = self.texts.get("link", "") or (f"/{name}" if name else "")
        by_number = f"/?{_ADDRESS_OF.get(kind, 'p')}={number}" if number else ""
        guid = self.texts.get("guid", "")
        return list(dict.fromkeys(address for address in (link, by_number, guid if "://" in guid else "") if address))

    def _remarks(self) -> tuple[str, ...]:
        return (f"left behind: {self.comments} comment{'s' if self.comments > 1 else ''}",) if self.comments else ()
