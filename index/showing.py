"""From the keys an engine found to what may be shown of them, as the database has it at this moment."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from index.analysis import Wanted
from index.analysis.letters import exact
from index.documents import Document, documents, subject
from index.engines import base
from index.highlight import MOST_READ, Marker
from index.query import Asked
from index.results import Hit, Reason, Translation
from stories.models import Guide, Revision, Story
from stories.queries import IS_PUBLIC

MOST_REASONS = 4
_Family = Select[int, int | None, str, str, str]


def public(session: Session, keys: Iterable[str]) -> dict[str, Document]:
    """Those of the keys that are public now, with their words."""
    wanted: dict[str, list[int]] = {}
    for kind, number in map(subject, keys):
        wanted.setdefault(kind, []).append(number)
    found = (documents(session, kind, numbers) for kind, numbers in wanted.items())
    return {document.key: document for of_kind in found for document in of_kind}


def prose(document: Document) -> str:
    """The words of a document that a reader would read on its page, without the names around them."""
    return "\n".join(text for text in document.texts if text and text not in document.names)


def shown(session: Session, hits: Sequence[base.Hit], asked: Asked) -> Iterator[Hit]:
    """The hits that are public now, in their order, each with its excerpt and its other languages."""
    known = public(session, (hit.key for hit in hits))
    families = _families(session, known.values())
    marker = Marker(asked)
    for hit in hits:
        if hit.key in known:
            document = known[hit.key]
            yield _hit(hit, document, families[document.group], asked, marker)


def _hit(hit: base.Hit, document: Document, family: Mapping[str, Translation], asked: Asked, marker: Marker) -> Hit:
    kind, subject_id = subject(document.key)
    text = prose(document)
    title, excerpt = marker.whole(document.title, document.language), marker.excerpt(text, document.language)
    return Hit(
        kind=kind,
        subject_id=subject_id,
        slug=family[document.key].slug,
        title=document.title,
        language=document.language,
        title_html=title.html,
        excerpt=excerpt.html,
        score=hit.score,
        why=tuple(_reasons(asked, marker, document, title.found | excerpt.found))[:MOST_REASONS],
        translations=tuple(each for key, each in family.items() if key != document.key),
    )


# ---- why it matched ------------------------------------------------------------------------------


def _reasons(asked: Asked, marker: Marker, document: Document, found: Mapping[int, str]) -> Iterator[Reason]:
    """One for each word that is not there as typed; one for the pieces of a word that were found in one form."""
    told = ((word, kind, form) for word, kind, form in _tellings(asked, marker, document, found) if kind)
    for (kind, form), pieces in itertools.groupby(told, key=lambda telling: telling[1:]):
        for start, end in _touching((word.start, word.end) for word, _, _ in pieces):
            yield Reason(kind, asked.text[start:end], form)


def _touching(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans, in their order, those that touch or overlap made one."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and joined[-1][0] <= start <= joined[-1][1]:
            start, end = joined[-1][0], max(joined.pop()[1], end)
        joined.append((start, end))
    return joined


def _tellings(
    asked: Asked, marker: Marker, document: Document, found: Mapping[int, str]
) -> Iterator[tuple[Wanted, str, str]]:
    """For each word the kind of its reason, "" for none, and where it was found."""
    long = len(prose(document)) > MOST_READ  # something may be there that was not looked at
    for number, word in enumerate(marker.words):
        typed = asked.text[word.start : word.end]
        form = found.get(number, "")
        name = "" if form else _name_with(marker, document, number)
        if form:
            yield word, "" if exact(typed) in exact(form) else "form", form
        elif name:
            yield word, "name", name
        else:
            yield word, "missing" if word.spaced and not long else "", ""


def _name_with(marker: Marker, document: Document, number: int) -> str:
    names = (name for name in document.names if name != document.title)
    return next((name for name in names if number in marker.whole(name, document.language).found), "")


# ---- other languages -----------------------------------------------------------------------------


def _families(session: Session, of: Iterable[Document]) -> dict[str, dict[str, Translation]]:
    """For each group, by key, the public stories or guides in it, by language."""
    roots: dict[str, set[int]] = {}
    for kind, number in (subject(document.group) for document in of):
        roots.setdefault(kind, set()).add(number)
    families: dict[str, dict[str, Translation]] = {}
    for kind, numbers in roots.items():
        for number, original, language, slug, title in session.execute(_FAMILY[kind](numbers)):
            family = families.setdefault(f"{kind}:{original or number}", {})
            family[f"{kind}:{number}"] = Translation(language, title, number, slug)
    return families


def _story_family(roots: Iterable[int]) -> _Family:
    return (
        select(Story.id, Story.original_id, Story.language, Story.slug, Revision.title)
        .join(Revision, Story.published_revision_id == Revision.id)
        .where(or_(Story.id.in_(roots), Story.original_id.in_(roots)), IS_PUBLIC)
        .order_by(Story.language, Story.id)
    )


def _guide_family(roots: Iterable[int]) -> _Family:
    return (
        select(Guide.id, Guide.original_id, Guide.language, Guide.slug, Guide.title)
        .where(or_(Guide.id.in_(roots), Guide.original_id.in_(roots)), Guide.published_at.is_not(None))
        .order_by(Guide.language, Guide.id)
    )


_FAMILY = {"story": _story_family, "guide": _guide_family}
