"""Suggestions while a reader types: titles, themes, places, organisations and tellers who chose to be named.

The index says which public stories and guides have a name that begins so, the database what the names are now; what
was withdrawn is in neither. A theme that no public story or guide has is not offered: it would lead nowhere.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from index.analysis import segmentation
from index.analysis.analyzer import NAME, normalize
from index.analysis.folding import fold, fold_khmer, to_simplified
from index.documents import subject
from index.engines.base import (
    NAMES,
    And,
    DisjunctionMax,
    Engine,
    EngineResult,
    Prefer,
    Prefix,
    Query,
    Search,
    Term,
)
from index.query import MAX_QUERY_LENGTH, parse, plain_term
from stories.models import Guide, Naming, Organisation, Revision, Story, Theme
from stories.queries import IS_PUBLIC
from stories.text import languages

Kind = Literal["title", "theme", "organisation", "place", "teller"]
MAX_WORDS = 8
_MAX_ENTRIES = 24  # entries whose names are read; several may share a place
_MAX_FACET_VALUES = 50  # themes, and organisations, whose names are read: the commonest among all that begin so
_OWN_LANGUAGE_BOOST = 3.0
_COENG = "\u17d2"  # typed before a Khmer letter that is written below the one before it
_Words = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Suggestion:
    """A name to search for, and what it is a name of.

    language: that of the story or guide it is a title of. value: of a theme, organisation or place what its facet has.
    """

    text: str
    kind: Kind
    language: str = ""
    value: str = ""


def suggestions(
    session: Session, engine: Engine, typed: str, *, locale: str = "", limit: int = 8
) -> tuple[Suggestion, ...]:
    """Names in which every word typed begins a word, those that begin with it first. Raises CorruptIndex."""
    prefixes = _prefixes(typed)
    if not prefixes:
        return ()
    result = _search(engine, prefixes, languages.folded(locale))
    keys = [hit.key for hit in result.hits]
    named = _of_facets(session, result.facets, locale)
    names = itertools.chain(named, _of_stories(session, keys), _of_guides(session, keys))
    first: dict[tuple[Kind, _Words], Suggestion] = {}
    others: dict[tuple[Kind, _Words], Suggestion] = {}
    for name in names:
        words = _words(name.text)
        if _matches(words, prefixes):
            (first if words[0][1].startswith(prefixes[0]) else others).setdefault((name.kind, words), name)
    return (*first.values(), *others.values())[:limit]


def _prefixes(typed: str) -> list[str]:
    """What was typed, as folded words."""
    runs = itertools.islice(segmentation.script_runs(normalize(typed[:MAX_QUERY_LENGTH])), MAX_WORDS)
    return [folded for run in runs if (folded := _folded(run))]


def _words(name: str) -> _Words:
    """The words of a name, folded, each with its kind of script; stretches without spaces are one word."""
    return tuple((run.kind, _folded(run)) for run in segmentation.script_runs(normalize(name)))


def _folded(run: segmentation.ScriptRun) -> str:
    """A run as prefixes are compared; the spaces in Khmer are where writers like them."""
    return fold(to_simplified(fold_khmer(normalize(run.text)))).replace(" ", "")


def _matches(words: _Words, prefixes: Iterable[str]) -> bool:
    """Whether every prefix begins a word of the name, or, without spaces, is anywhere in it."""
    return all(
        any(word.startswith(prefix) or (kind != segmentation.ALPHABET and prefix in word) for kind, word in words)
        for prefix in prefixes
    )


# ---- which entries -------------------------------------------------------------------------------


def _search(engine: Engine, prefixes: list[str], language: str) -> EngineResult:
    query: Query = And(tuple(_prefix_query(prefix) for prefix in prefixes))
    if language:
        query = Prefer(query, "language", language, _OWN_LANGUAGE_BOOST)
    facets = tuple(_FACET_MODELS)
    return engine.search(Search(query, facets=facets, limit=_MAX_ENTRIES, preferred_language=language or None))


def _prefix_query(prefix: str) -> Query:
    """Entries with a name in which a word begins so; Chinese and Khmer by their signs, the last maybe unfinished."""
    whole = Prefix(NAME + prefix, field=NAMES)
    words = parse(prefix.removesuffix(_COENG)).all_words
    pairs = [plain_term(word) for word in words if not word.space_delimited]
    if not pairs:
        return whole
    terms = (Term(pair, 1.0, NAMES) for pair in pairs[:-1])
    return DisjunctionMax((whole, And((*terms, Prefix(pairs[-1], field=NAMES)))))


# ---- what the names are --------------------------------------------------------------------------


_FACET_MODELS: dict[Kind, type[Theme | Organisation]] = {"theme": Theme, "organisation": Organisation}


def _of_facets(session: Session, facets: Mapping[str, Mapping[str, int]], locale: str) -> Iterator[Suggestion]:
    """The names of themes and organisations, in the reader's language and as first given."""
    for kind, model in _FACET_MODELS.items():
        counts = facets.get(kind, {})
        slugs = sorted(counts, key=lambda slug: -counts[slug])[:_MAX_FACET_VALUES]
        if slugs:
            query = select(model.name, model.names, model.slug).where(model.slug.in_(slugs))
            for name, names, slug in session.execute(query):
                known = dict.fromkeys((names.get(locale) or name, name))
                yield from (Suggestion(each, kind, value=slug) for each in known)


def _of_stories(session: Session, keys: Sequence[str]) -> Iterator[Suggestion]:
    numbers = _numbers(keys, "story")
    if not numbers:
        return
    columns = (Story.id, Story.language, Revision.title, Revision.place, Revision.teller_name, Revision.teller_naming)
    query = select(*columns).join(Revision, Story.published_revision_id == Revision.id)
    rows = {row.id: row for row in session.execute(query.where(Story.id.in_(numbers), IS_PUBLIC))}
    for row in (rows[number] for number in numbers if number in rows):
        yield Suggestion(row.title, "title", row.language)
        if row.place:
            yield Suggestion(row.place, "place", value=row.place)
        if row.teller_name and row.teller_naming is not Naming.ANONYMOUS:
            yield Suggestion(row.teller_name, "teller")


def _of_guides(session: Session, keys: Sequence[str]) -> Iterator[Suggestion]:
    numbers = _numbers(keys, "guide")
    if not numbers:
        return
    query = select(Guide.title, Guide.language).where(Guide.id.in_(numbers), Guide.published_at.is_not(None))
    yield from (Suggestion(title, "title", language) for title, language in session.execute(query))


def _numbers(keys: Sequence[str], kind: str) -> list[int]:
    return [number for of, number in map(subject, keys) if of == kind]
