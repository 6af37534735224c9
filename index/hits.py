"""From the keys an engine found to what may be shown of them, as the database has it at this moment."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from index.documents import Document, documents, subject
from index.engines import base
from index.highlight.excerpt import MOST_READ, Marker, readable
from index.highlight.spans import Part
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
    reasons = _reasons(asked, _Finds(marker, document, text, title.found, excerpt.found))
    return Hit(
        kind=kind,
        subject_id=subject_id,
        slug=family[document.key].slug,
        title=document.title,
        language=document.language,
        title_html=title.html,
        excerpt=excerpt.html,
        score=hit.score,
        why=tuple(itertools.islice(reasons, MOST_REASONS)),
        translations=tuple(each for key, each in family.items() if key != document.key),
    )


# ---- why it matched ------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Finds:
    """Where the parts of a query stand in a document: the forms in the title and the excerpt, and, if need be, more."""

    marker: Marker
    document: Document
    text: str
    title: Mapping[int, str]
    excerpt: Mapping[int, str]

    def form(self, number: int) -> str:
        """The form of a part that a reader sees, as typed if they see it so; empty where they see none."""
        return self.marker.best(number, [found[number] for found in (self.excerpt, self.title) if number in found])

    def name(self, number: int) -> str:
        """The name that has a part."""
        names = (name for name in self.document.names if name != self.document.title)
        return next((name for name in names if number in self._marked(name)), "")

    def _marked(self, name: str) -> Mapping[int, str]:
        return self.marker.whole(name, self.document.language).found

    def is_typed(self, part: Part) -> bool:
        """Whether a part stands as typed where a reader does not see it."""
        return part.stands_in(readable(self.text[:MOST_READ]))

    @cached_property
    def missing(self) -> set[int]:
        """The parts that stand nowhere; none in a text too long to be looked through."""
        unseen = {*range(len(self.marker.parts))} - self.title.keys() - self.excerpt.keys()
        if len(self.text) > MOST_READ:
            return set()
        return self.marker.lacking(unseen, self.text, self.document.language)


def _reasons(asked: Asked, finds: _Finds) -> Iterator[Reason]:
    """One for each word that is not there as typed; one for the pieces of a word that were found in one form."""
    seen = ((part, *_seen(finds, number)) for number, part in enumerate(finds.marker.parts))
    for (kind, form), pieces in itertools.groupby((each for each in seen if each[1]), key=lambda each: each[1:]):
        for part in _touching(asked.text, (part for part, *_ in pieces)):
            if kind != "form" or not (part.is_in(form) or finds.is_typed(part)):
                yield Reason(kind, part.typed, form)


def _seen(finds: _Finds, number: int) -> tuple[str, str]:
    """The kind of reason that there may be for a part, "" for none, and where it was found."""
    if form := finds.form(number):
        return "form", form
    if name := finds.name(number):
        return "name", name
    return ("missing" if finds.marker.parts[number].spaced and number in finds.missing else ""), ""


def _touching(text: str, parts: Iterable[Part]) -> list[Part]:
    """The parts, in their order, those that touch or overlap in the query made one."""
    joined: list[Part] = []
    for part in parts:
        if joined and joined[-1].start <= part.start <= joined[-1].end:
            last = joined.pop()
            end = max(last.end, part.end)
            part = Part(last.start, end, text[last.start : end], part.spaced)
        joined.append(part)
    return joined


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
