"""What the website asks for and what it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup


@dataclass(frozen=True)
class Request:
    """What a reader asks for.

    words: as typed. locale: the language of the page; empty for a reader without one (the API).
    chosen: what they narrowed the search to, by the names of `index.schema.FACETS`; of several values of one facet a
    result has at least one. The language "zh" means every script of Chinese, "zh-Hant" only that one.
    page: counts from 1. sort: "relevance", "newest" or "shortest"; anything else is by relevance.
    """

    words: str = ""
    locale: str = ""
    chosen: Mapping[str, Sequence[str]] = field(default_factory=dict)
    page: int = 1
    per_page: int = 20
    sort: str = "relevance"


@dataclass(frozen=True)
class Translation:
    """Another language in which a result can be read."""

    language: str
    title: str
    subject_id: int
    slug: str


@dataclass(frozen=True)
class Reason:
    """How a word of the query matched where it was not by the very word.

    kind: "form" (another form or spelling of it, `found`), "name" (in the name of a theme, a place, an organisation
    or the teller, `found`), "missing" (not at all). word: as typed.
    """

    kind: str
    word: str
    found: str = ""


@dataclass(frozen=True)
class Hit:
    """One result: a story or guide, in the language that fits best, with what to show of it.

    title is plain, title_html and excerpt are escaped and hold no tag but <mark>.
    why: what a reader may wonder about; empty where every word is there as typed.
    """

    kind: str
    subject_id: int
    slug: str
    title: str
    language: str
    title_html: Markup
    excerpt: Markup
    score: float
    why: tuple[Reason, ...] = ()
    translations: tuple[Translation, ...] = ()


@dataclass(frozen=True)
class Offers:
    """Ways on from an empty result.

    anywhere: how many results there are without the reader's choices; languages: those results, by language.
    themes: themes to look at, by slug, each with how much there is of it: those chosen and those of the results without
    any choice, else all. spelling: another spelling of the query, if that finds more without the choices.
    """

    anywhere: int = 0
    languages: Mapping[str, int] = field(default_factory=dict)
    themes: Mapping[str, int] = field(default_factory=dict)
    spelling: str | None = None


@dataclass(frozen=True)
class Results:
    """What was found. total and facet counts count a story and its translations once.

    complete: how many of them have every word; these come first.
    relaxed: whether others follow, with some of the words.
    heard: words, as typed, that no entry has so: the results have words of other scripts that sound alike.
    did_you_mean: the query in another spelling, if that finds more. offers: only where nothing was found.
    """

    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, Mapping[str, int]]
    did_you_mean: str | None = None
    relaxed: bool = False
    complete: int = 0
    heard: tuple[str, ...] = ()
    offers: Offers | None = None
