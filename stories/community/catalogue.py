"""Adds and renames themes and organisations. Their addresses stay for ever, whatever they are called later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from stories import changes, database
from stories.database import Lock
from stories.errors import Missing, Refused, TooLong
from stories.models import Organisation, Theme
from stories.text import limits, prose, slugs

ABOUT = 2_000  # characters
Kind = TypeVar("Kind", Theme, Organisation)


class NameTaken(Refused):
    """There is one with this name already."""


class NotAWebsite(Refused):
    """What was given is not the address of a website."""


@dataclass(frozen=True)
class CatalogueEntry:
    """What a theme or an organisation is called and says of itself; `names` and `abouts` by language tag."""

    name: str
    about: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    abouts: Mapping[str, str] = field(default_factory=dict)
    place: str = ""
    website: str = ""

    def tidied(self) -> CatalogueEntry:
        """The same without stray space, control characters and empty translations.

        Raises Missing, TooLong or NotAWebsite.
        """
        tidy = replace(
            self,
            name=prose.plain(self.name),
            about=prose.plain(self.about),
            names=_filled(self.names),
            abouts=_filled(self.abouts),
            place=prose.plain(self.place),
            website=self.website.strip(),
        )
        tidy._check()
        return tidy

    def _check(self) -> None:
        if not self.name:
            raise Missing("name")
        lengths = {"name": limits.SHORT, "about": ABOUT, "place": limits.SHORT, "website": limits.SHORT}
        lines = [(name, getattr(self, name), limit) for name, limit in lengths.items()]
        lines += [(f"name_{tag}", text, limits.SHORT) for tag, text in self.names.items()]
        lines += [(f"about_{tag}", text, ABOUT) for tag, text in self.abouts.items()]
        for name, text, limit in lines:
            if len(text) > limit:
                raise TooLong(name, limit)
        if self.website and not (self.website.startswith(("http://", "https://")) and prose.linkable(self.website)):
            raise NotAWebsite("not the address of a website")


def _filled(texts: Mapping[str, str]) -> dict[str, str]:
    return {tag: tidy for tag, text in texts.items() if (tidy := prose.plain(text))}


def add(session: Session, kind: type[Kind], entry: CatalogueEntry) -> Kind:
    """A new theme or organisation. Raises NameTaken and what `CatalogueEntry.tidied` raises."""
    entry = _free(session, kind, entry)
    row = kind(slug=_slug(session, kind, entry), name=entry.name)
    session.add(row)
    return _fill(session, row, entry)


def write(session: Session, row: Kind, entry: CatalogueEntry) -> Kind:
    """Say what a theme or an organisation is called and about; its stories and guides follow. Raises as `add`."""
    return _fill(session, row, _free(session, type(row), entry, row))


def _fill(session: Session, row: Kind, entry: CatalogueEntry) -> Kind:
    row.name, row.about = entry.name, entry.about
    row.names, row.abouts = dict(entry.names), dict(entry.abouts)
    if isinstance(row, Organisation):
        row.place, row.website = entry.place, entry.website
        changes.organisation_changed(session, row)
    else:
        changes.theme_changed(session, row)
    return row


def entry_of(row: Theme | Organisation) -> CatalogueEntry:
    """What a theme or an organisation is called now, to be shown again or altered."""
    elsewhere = {name: getattr(row, name) for name in ("place", "website") if hasattr(row, name)}
    return CatalogueEntry(row.name, row.about, dict(row.names), dict(row.abouts), **elsewhere)


def _free(session: Session, kind: type[Kind], entry: CatalogueEntry, row: Kind | None = None) -> CatalogueEntry:
    """The entry, tidied, if no other row has its name in whatever letters: a second press makes no second one.

    Nobody else can take the name until the transaction ends.
    """
    entry = entry.tidied()
    database.take_turn(session, Lock.CATALOGUE)
    others = session.scalars(select(kind.name).where(kind.id != row.id) if row else select(kind.name))
    if any(prose.caseless(other) == prose.caseless(entry.name) for other in others):
        raise NameTaken("there is one with this name already")
    return entry


def _slug(session: Session, kind: type[Kind], entry: CatalogueEntry) -> str:
    """The name in ASCII letters if nobody has it, else with a random part."""
    plain = slugs.plain(entry.name)
    taken = session.scalar(select(func.count()).select_from(kind).where(kind.slug == plain))
    return plain if plain and not taken else slugs.for_title(entry.name)
