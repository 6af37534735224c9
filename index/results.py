"""What the website asks for and what it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup


@dataclass(frozen=True)
class SearchRequest:
    """What a reader asks for.

    words: as typed. locale: the language of the page; empty for a reader without one (the API).
    selected_facets: what they narrowed the search to, by the names of `index.schema.FACETS`; of several values of one
    facet a result has at least one. The language "zh" means every script of Chinese, "zh-Hant" only that one.
    page: counts from 1. sort: "relevance", "newest" or "shortest"; anything else is by relevance.
    """

    words: str = ""
    locale: str = ""
    selected_facets: Mapping[str, Sequence[str]] = field(default_factory=dict)
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
class MatchReason:
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
    why: tuple[MatchReason, ...] = ()
    translations: tuple[Translation, ...] = ()


@dataclass(frozen=True)
class Alternatives:
    """Ways on from an empty result.

    total_unfiltered: how many results there are without the reader's facets; languages: those results, by language.
    themes: themes to look at, by slug, each with how much there is of it: those selected and those of the results
    without any facet, else all. spelling: another spelling of the query, if that finds more without the facets.
    """

    total_unfiltered: int = 0
    languages: Mapping[str, int] = field(default_factory=dict)
    themes: Mapping[str, int] = field(default_factory=dict)
    spelling: str | None = None


@dataclass(frozen=True)
class Results:
    """What was found. total and facet counts count a story and its translations once.

    full_matches: how many of them have every word; these come first.
    relaxed: whether others follow, with some of the words.
    phonetic_words: words, as typed, that no entry has so: the results have words of other scripts that sound alike.
    did_you_mean: the query in another spelling, if that finds more. alternatives: only where nothing was found.
    """

    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, Mapping[str, int]]
    did_you_mean: str | None = None
    relaxed: bool = False
    full_matches: int = 0
    phonetic_words: tuple[str, ...] = ()
    alternatives: Alternatives | None = None
