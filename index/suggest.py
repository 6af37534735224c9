"""Suggestions while a reader types: titles, themes, places, organisations and tellers who chose to be named.

The index says which public stories and guides have a name that begins so, the database what the names are now; what
was withdrawn is in neither.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from index.analysis import NAME, cutting, normal
from index.analysis.letters import fold, fold_khmer, simplified
from index.documents import subject
from index.engines.base import NAMES, All, Best, Engine, Favour, Filters, Node, Prefix, Search, Term
from index.query import LONGEST_QUERY, parse, plain_term
from stories import languages
from stories.models import Guide, Naming, Organisation, Revision, Story, Theme
from stories.queries import IS_PUBLIC

Kind = Literal["title", "theme", "organisation", "place", "teller"]
MOST_WORDS = 8
_LOOKED_AT = 24  # entries whose names are read; several may share a place or theme
_OWN_LANGUAGE = 3.0


@dataclass(frozen=True)
class Suggestion:
    """A name to search for, and what it is a name of. `language` is that of the story or guide it is a title of."""

    text: str
    kind: Kind
    language: str = ""


def suggestions(
    session: Session, engine: Engine, typed: str, *, locale: str = "", limit: int = 8
) -> tuple[Suggestion, ...]:
    """Names in which every word typed begins a word, those that begin with it first. Raises engines.base.Damaged."""
    beginnings = _beginnings(typed)
    if not beginnings:
        return ()
    keys = _keys(engine, beginnings, languages.folded(locale))
    names = itertools.chain(_of_themes(session, locale), _of_stories(session, keys), _of_guides(session, keys))
    fitting = (name for name in dict.fromkeys(names) if _fits(name.text, beginnings))
    return tuple(sorted(fitting, key=lambda name: not _folded(name.text).startswith(beginnings[0])))[:limit]


def _beginnings(typed: str) -> list[str]:
    """What was typed, as folded words."""
    pieces = itertools.islice(cutting.pieces(normal(typed[:LONGEST_QUERY])), MOST_WORDS)
    return [folded for piece in pieces if (folded := _folded(piece.text))]


def _folded(text: str) -> str:
    """A text as beginnings are compared."""
    return fold(simplified(fold_khmer(normal(text))))


def _fits(name: str, beginnings: Iterable[str]) -> bool:
    """Whether every beginning begins a word of the name, or, without spaces, is anywhere in it."""
    words = [(piece.kind, _folded(piece.text)) for piece in cutting.pieces(normal(name))]
    return all(
        any(word.startswith(beginning) or (kind != cutting.ALPHABET and beginning in word) for kind, word in words)
        for beginning in beginnings
    )


# ---- which entries -------------------------------------------------------------------------------


def _keys(engine: Engine, beginnings: list[str], language: str) -> list[str]:
    node: Node = All(tuple(_begins(beginning) for beginning in beginnings))
    if language:
        node = Favour(node, "language", language, _OWN_LANGUAGE)
    found = engine.search(Search(node, Filters(), limit=_LOOKED_AT, prefer=language or None))
    return [hit.key for hit in found.hits]


def _begins(beginning: str) -> Node:
    """Entries with a name in which a word begins so; Chinese and Khmer by their characters."""
    pairs = tuple(Term(plain_term(word), 1.0, NAMES) for word in parse(beginning).spoken if not word.spaced)
    whole = Prefix(NAME + beginning, field=NAMES)
    return Best((whole, All(pairs))) if pairs else whole


# ---- what the names are --------------------------------------------------------------------------


def _of_themes(session: Session, locale: str) -> Iterator[Suggestion]:
    """Themes and organisations: there are few, and they have names in several languages."""
    yield from (Suggestion(theme.name_in(locale), "theme") for theme in session.scalars(select(Theme)))
    yield from (Suggestion(row.name_in(locale), "organisation") for row in session.scalars(select(Organisation)))


def _of_stories(session: Session, keys: Iterable[str]) -> Iterator[Suggestion]:
    numbers = _numbers(keys, "story")
    columns = (Story.id, Story.language, Revision.title, Revision.place, Revision.teller_name, Revision.teller_naming)
    query = select(*columns).join(Revision, Story.published_revision_id == Revision.id)
    rows = {row.id: row for row in session.execute(query.where(Story.id.in_(numbers), IS_PUBLIC))}
    for row in (rows[number] for number in numbers if number in rows):
        yield Suggestion(row.title, "title", row.language)
        if row.place:
            yield Suggestion(row.place, "place")
        if row.teller_name and row.teller_naming is not Naming.ANONYMOUS:
            yield Suggestion(row.teller_name, "teller")


def _of_guides(session: Session, keys: Iterable[str]) -> Iterator[Suggestion]:
    numbers = _numbers(keys, "guide")
    query = select(Guide.title, Guide.language).where(Guide.id.in_(numbers), Guide.published_at.is_not(None))
    yield from (Suggestion(title, "title", language) for title, language in session.execute(query))


def _numbers(keys: Iterable[str], kind: str) -> list[int]:
    return [number for of, number in map(subject, keys) if of == kind]
