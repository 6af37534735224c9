"""Finds the themes and organisations that rows name, in whatever language and letters, and makes those that lack."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from stories.community import catalogue
from stories.importing.columns import folded
from stories.models import Organisation, Theme
from stories.text import limits

Kind = TypeVar("Kind", Theme, Organisation)


class Names:
    """The names that the site knows; read once, and again for each that was made or has gone since."""

    def __init__(self, session: Session, *, may_add: bool) -> None:
        self.session = session
        self.may_add = may_add
        self._ids: dict[type[Theme | Organisation], dict[str, int]] = {}

    def themes(self, names: Iterable[str], tags: Iterable[str]) -> tuple[tuple[Theme, ...], list[str], list[str]]:
        """The themes of a row, the names that are new, and those that are not here and stay out. Tags make no theme."""
        found: dict[str, Theme] = {}
        new: list[str] = []
        missing: list[str] = []
        for name, may_add in [*((name, self.may_add) for name in names), *((tag, False) for tag in tags)]:
            theme = self._known(Theme, name) or (self._add(Theme, name, new) if may_add else None)
            if theme is None:
                missing.append(name)
            elif len(found) < limits.LIST_ENTRIES:
                found[theme.slug] = theme
        return tuple(found.values()), new, missing

    def organisation(self, name: str) -> tuple[Organisation | None, list[str], list[str]]:
        """The organisation of a row; new and missing names as of `themes`."""
        new: list[str] = []
        if not name:
            return None, new, []
        row = self._known(Organisation, name) or (self._add(Organisation, name, new) if self.may_add else None)
        return row, new, [] if row else [name]

    def _known(self, kind: type[Kind], name: str) -> Kind | None:
        if kind not in self._ids:
            self._ids[kind] = {form: row.id for row in self.session.scalars(select(kind)) for form in forms(row)}
        known = self._ids[kind].get(folded(name))
        row = self.session.get(kind, known) if known else None
        return row if row is not None and folded(name) in forms(row) else None

    def _add(self, kind: type[Kind], name: str, new: list[str]) -> Kind:
        row = catalogue.add(self.session, kind, catalogue.CatalogueEntry(name))
        self.session.flush()
        self._ids[kind] |= dict.fromkeys(forms(row), row.id)
        new.append(row.name)
        return row


def forms(row: Theme | Organisation) -> set[str]:
    """Everything that a theme or an organisation may be called by."""
    return {folded(name) for name in (row.name, row.slug, *row.names.values())}
