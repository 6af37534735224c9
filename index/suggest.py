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
from index.analysis.analyzer import NAME, normal
from index.analysis.folding import fold, fold_khmer, simplified
from index.documents import subject
from index.engines.base import NAMES, All, Best, Engine, Favour, Filters, Found, Node, Prefix, Search, Term
from index.query import LONGEST_QUERY, parse, plain_term
from stories.models import Guide, Naming, Organisation, Revision, Story, Theme
from stories.queries import IS_PUBLIC
from stories.text import languages

Kind = Literal["title", "theme", "organisation", "place", "teller"]
MOST_WORDS = 8
_LOOKED_AT = 24  # entries whose names are read; several may share a place
_MOST_TAGS = 50  # themes, and organisations, whose names are read: the commonest among all that begin so
_OWN_LANGUAGE = 3.0
_NEXT_IS_BELOW = "\u17d2"  # typed before a Khmer letter that is written below the one before it
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
    """Names in which every word typed begins a word, those that begin with it first. Raises engines.base.Damaged."""
    beginnings = _beginnings(typed)
    if not beginnings:
        return ()
    found = _found(engine, beginnings, languages.folded(locale))
    keys = [hit.key for hit in found.hits]
    named = _of_tags(session, found.facets, locale)
    names = itertools.chain(named, _of_stories(session, keys), _of_guides(session, keys))
    first: dict[tuple[Kind, _Words], Suggestion] = {}
    others: dict[tuple[Kind, _Words], Suggestion] = {}
    for name in names:
        words = _words(name.text)
        if _fits(words, beginnings):
            (first if words[0][1].startswith(beginnings[0]) else others).setdefault((name.kind, words), name)
    return (*first.values(), *others.values())[:limit]


def _beginnings(typed: str) -> list[str]:
    """What was typed, as folded words."""
    pieces = itertools.islice(segmentation.pieces(normal(typed[:LONGEST_QUERY])), MOST_WORDS)
    return [folded for piece in pieces if (folded := _folded(piece))]


def _words(name: str) -> _Words:
    """The words of a name, folded, each with its kind of script; stretches without spaces are one word."""
    return tuple((piece.kind, _folded(piece)) for piece in segmentation.pieces(normal(name)))


def _folded(piece: segmentation.Piece) -> str:
    """A piece as beginnings are compared; the spaces in Khmer are where writers like them."""
    return fold(simplified(fold_khmer(normal(piece.text)))).replace(" ", "")


def _fits(words: _Words, beginnings: Iterable[str]) -> bool:
    """Whether every beginning begins a word of the name, or, without spaces, is anywhere in it."""
    return all(
        any(word.startswith(beginning) or (kind != segmentation.ALPHABET and beginning in word) for kind, word in words)
        for beginning in beginnings
    )


# ---- which entries -------------------------------------------------------------------------------


def _found(engine: Engine, beginnings: list[str], language: str) -> Found:
    node: Node = All(tuple(_begins(beginning) for beginning in beginnings))
    if language:
        node = Favour(node, "language", language, _OWN_LANGUAGE)
    return engine.search(Search(node, Filters(), tuple(_TAGS), limit=_LOOKED_AT, prefer=language or None))


def _begins(beginning: str) -> Node:
    """Entries with a name in which a word begins so; Chinese and Khmer by their signs, the last maybe unfinished."""
    whole = Prefix(NAME + beginning, field=NAMES)
    words = parse(beginning.removesuffix(_NEXT_IS_BELOW)).spoken
    pairs = [plain_term(word) for word in words if not word.spaced]
    if not pairs:
        return whole
    return Best((whole, All((*(Term(pair, 1.0, NAMES) for pair in pairs[:-1]), Prefix(pairs[-1], field=NAMES)))))


# ---- what the names are --------------------------------------------------------------------------


_TAGS: dict[Kind, type[Theme | Organisation]] = {"theme": Theme, "organisation": Organisation}


def _of_tags(session: Session, facets: Mapping[str, Mapping[str, int]], locale: str) -> Iterator[Suggestion]:
    """The names of themes and organisations, in the reader's language and as first given."""
    for kind, model in _TAGS.items():
        counts = facets.get(kind, {})
        slugs = sorted(counts, key=lambda slug: -counts[slug])[:_MOST_TAGS]
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
