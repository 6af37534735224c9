"""What a reader has narrowed a list to, and the addresses that narrow it further or undo a choice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from flask import url_for

SAFE = "!$'()*,/:;?@"  # in a query, as url_for writes it


@dataclass(frozen=True)
class ListState:
    """The address of one list: its words, its choices, its order and its page.

    `several` lets a choice have many values; `fixed` are the parts of the path, and `path` is that, where it is known
    already; `sort` is empty for the usual order.
    """

    endpoint: str
    words: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    page: int = 1
    sort: str = ""
    several: bool = False
    fixed: Mapping[str, str] = field(default_factory=dict)
    path: str = ""

    @property
    def url(self) -> str:
        """The address with every choice in it; what is empty is left out."""
        query: dict[str, Any] = {
            "q": self.words,
            **self.chosen,
            "sort": self.sort,
            "page": self.page if self.page > 1 else None,
        }
        path = self.path or self.with_path().path
        given = urlencode({name: value for name, value in query.items() if value}, doseq=True, safe=SAFE)
        return f"{path}?{given}" if given else path

    def with_path(self) -> ListState:
        """The same, for many addresses that are built from it: the path of all is worked out once."""
        return replace(self, path=url_for(self.endpoint, **dict[str, Any](self.fixed)))

    def has(self, name: str, value: str) -> bool:
        """Whether `value` is chosen."""
        return value in self.chosen.get(name, ())

    def with_or_without(self, name: str, value: str) -> ListState:
        """The choice put in, or taken out where it was in; the list begins again at its first page."""
        now = self.chosen.get(name, ())
        if value in now:
            then = tuple(other for other in now if other != value)
        else:
            then = (*now, value) if self.several else (value,)
        return replace(self, chosen={**self.chosen, name: then}, page=1)

    def cleared(self) -> ListState:
        """The same words without any choice."""
        return replace(self, chosen={}, page=1)

    def saying(self, words: str) -> ListState:
        """Other words with the same choices."""
        return replace(self, words=words, page=1)

    def sorted_by(self, sort: str) -> ListState:
        """The same in another order."""
        return replace(self, sort=sort, page=1)

    def on_page(self, number: int) -> str:
        """The address of another page of this list."""
        return replace(self, page=number).url

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Every choice as its name and value."""
        return [(name, value) for name, values in self.chosen.items() for value in values]

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """The choices and the order as hidden fields of the search form."""
        return [*self.pairs, *([("sort", self.sort)] if self.sort else [])]


@dataclass(frozen=True)
class FacetOption:
    """One choice a reader may make: `url` is the list with it put in, or out where it is selected."""

    label: str
    count: int
    url: str
    selected: bool


@dataclass(frozen=True)
class FacetGroup:
    """The options of one kind: themes, languages. One that stands `open` need not be opened to be seen."""

    label: str
    options: list[FacetOption]
    open: bool = True


@dataclass(frozen=True)
class ActiveFilter:
    """A choice in force, with the address that takes it out."""

    label: str
    url: str


def group(
    choices: ListState, name: str, title: str, options: Iterable[tuple[str, str, int]], *, open: bool = True
) -> FacetGroup:
    """A group from (value, label, count) of each option; one with a choice in it stands open."""
    choices = choices.with_path()
    made = [
        FacetOption(label, count, choices.with_or_without(name, value).url, choices.has(name, value))
        for value, label, count in options
    ]
    return FacetGroup(title, made, open or name in choices.chosen)


def active_filters(choices: ListState, labels: Mapping[tuple[str, str], str]) -> list[ActiveFilter]:
    """Every choice in force; `labels` by (name, value), the bare value where there is none."""
    return [
        ActiveFilter(labels.get(choice, choice[1]), choices.with_or_without(*choice).url) for choice in choices.pairs
    ]
