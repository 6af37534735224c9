"""From the words of a story or guide to its entry: by nothing but them, so that other processes can do it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from index import weights
from index.engines.base import Entry

VERSION = 4  # raise it when words are cut or entries made in another way: every entry then counts as changed


@dataclass(frozen=True)
class Document:
    """The public words and properties of one story or guide, before they are analysed."""

    key: str
    group: str
    language: str
    title: str
    texts: Sequence[str]
    names: Sequence[str]
    facets: dict[str, Sequence[str]] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """A hash of everything that is indexed and of the way it is."""
        everything = [VERSION, *(getattr(self, name) for name in self.__dataclass_fields__)]
        return hashlib.sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest()[:20]

    def entry(self) -> Entry:
        """The document analysed."""
        return Entry(
            key=self.key,
            group=self.group,
            fingerprint=self.fingerprint,
            words=weights.words(self.title, self.texts, self.language),
            names=weights.names(self.names, self.language),
            facets={name: tuple(values) for name, values in self.facets.items() if values},
            numbers=self.numbers,
        )


def entry_of(document: Document) -> Entry:
    """The document analysed: `Document.entry` as a function, which can be sent to another process by name."""
    return document.entry()
