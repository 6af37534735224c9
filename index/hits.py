"""From the keys an engine found to what may be shown of them, as the database has it at this moment."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from index.documents import documents, subject
from index.engines import base
from index.entries import Document
from index.highlight.excerpt import MAX_ANALYZED_CHARS, Highlighter, without_bidi_controls
from index.highlight.spans import Clause
from index.query import ParsedQuery
from index.results import Hit, MatchReason, Translation
from stories.models import Guide, Revision, Story
from stories.queries import IS_PUBLIC

MAX_REASONS = 4
_TranslationRows = Select[int, int | None, str, str, str]


def public_documents(session: Session, keys: Iterable[str]) -> dict[str, Document]:
    """Those of the keys that are public now, with their words."""
    wanted: dict[str, list[int]] = {}
    for kind, number in map(subject, keys):
        wanted.setdefault(kind, []).append(number)
    found = (documents(session, kind, numbers) for kind, numbers in wanted.items())
    return {document.key: document for of_kind in found for document in of_kind}


def body_text(document: Document) -> str:
    """The words of a document that a reader would read on its page, without the names around them."""
    return "\n".join(text for text in document.texts if text and text not in document.names)


def visible_hits(session: Session, hits: Sequence[base.EngineHit], parsed: ParsedQuery) -> Iterator[Hit]:
    """The hits that are public now, in their order, each with its excerpt and its other languages."""
    known = public_documents(session, (hit.key for hit in hits))
    translations_by_group = _translations(session, known.values())
    highlighter = Highlighter(parsed)
    for hit in hits:
        if hit.key in known:
            document = known[hit.key]
            yield _hit(hit, document, translations_by_group[document.group], parsed, highlighter)


def _hit(
    hit: base.EngineHit,
    document: Document,
    translations: Mapping[str, Translation],
    parsed: ParsedQuery,
    highlighter: Highlighter,
) -> Hit:
    kind, subject_id = subject(document.key)
    text = body_text(document)
    title, excerpt = (
        highlighter.highlight(document.title, document.language),
        highlighter.excerpt(text, document.language),
    )
    reasons = _reasons(parsed, _Matches(highlighter, document, text, title.matched_forms, excerpt.matched_forms))
    return Hit(
        kind=kind,
        subject_id=subject_id,
        slug=translations[document.key].slug,
        title=document.title,
        language=document.language,
        title_html=title.html,
        excerpt=excerpt.html,
        score=hit.score,
        why=tuple(itertools.islice(reasons, MAX_REASONS)),
        translations=tuple(each for key, each in translations.items() if key != document.key),
    )


# ---- why it matched ------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Matches:
    """Where the clauses of a query stand in a document: the forms in the title and the excerpt, if need be more."""

    highlighter: Highlighter
    document: Document
    text: str
    title: Mapping[int, str]
    excerpt: Mapping[int, str]

    def form(self, number: int) -> str:
        """The form of a clause that a reader sees, as typed if they see it so; empty where they see none."""
        return self.highlighter.best_form(
            number, [found[number] for found in (self.excerpt, self.title) if number in found]
        )

    def name(self, number: int) -> str:
        """The name that has a clause."""
        names = (name for name in self.document.names if name != self.document.title)
        return next((name for name in names if number in self._marked(name)), "")

    def _marked(self, name: str) -> Mapping[int, str]:
        return self.highlighter.highlight(name, self.document.language).matched_forms

    def is_typed(self, clause: Clause) -> bool:
        """Whether a clause stands as typed where a reader does not see it."""
        return clause.stands_in(without_bidi_controls(self.text[:MAX_ANALYZED_CHARS]))

    @cached_property
    def missing(self) -> set[int]:
        """The clauses that stand nowhere; none in a text too long to be looked through."""
        unseen = {*range(len(self.highlighter.clauses))} - self.title.keys() - self.excerpt.keys()
        if len(self.text) > MAX_ANALYZED_CHARS:
            return set()
        return self.highlighter.missing_clauses(unseen, self.text, self.document.language)


def _reasons(parsed: ParsedQuery, matches: _Matches) -> Iterator[MatchReason]:
    """One for each word that is not there as typed; one for the pieces of a word that were found in one form."""
    seen = ((clause, *_reason_kind(matches, number)) for number, clause in enumerate(matches.highlighter.clauses))
    for (kind, form), pieces in itertools.groupby((each for each in seen if each[1]), key=lambda each: each[1:]):
        for clause in _join_adjacent(parsed.text, (clause for clause, *_ in pieces)):
            if kind != "form" or not (clause.is_in(form) or matches.is_typed(clause)):
                yield MatchReason(kind, clause.typed, form)


def _reason_kind(matches: _Matches, number: int) -> tuple[str, str]:
    """The kind of reason that there may be for a clause, "" for none, and where it was found."""
    if form := matches.form(number):
        return "form", form
    if name := matches.name(number):
        return "name", name
    return ("missing" if matches.highlighter.clauses[number].space_delimited and number in matches.missing else ""), ""


def _join_adjacent(text: str, clauses: Iterable[Clause]) -> list[Clause]:
    """The clauses, in their order, those that touch or overlap in the query made one."""
    joined: list[Clause] = []
    for clause in clauses:
        if joined and joined[-1].start <= clause.start <= joined[-1].end:
            last = joined.pop()
            end = max(last.end, clause.end)
            clause = Clause(last.start, end, text[last.start : end], clause.space_delimited)
        joined.append(clause)
    return joined


# ---- other languages -----------------------------------------------------------------------------


def _translations(session: Session, of: Iterable[Document]) -> dict[str, dict[str, Translation]]:
    """For each group, by key, the public stories or guides in it, by language."""
    roots: dict[str, set[int]] = {}
    for kind, number in (subject(document.group) for document in of):
        roots.setdefault(kind, set()).add(number)
    translations_by_group: dict[str, dict[str, Translation]] = {}
    for kind, numbers in roots.items():
        for number, original, language, slug, title in session.execute(_TRANSLATIONS_OF[kind](numbers)):
            translations = translations_by_group.setdefault(f"{kind}:{original or number}", {})
            translations[f"{kind}:{number}"] = Translation(language, title, number, slug)
    return translations_by_group


def _story_translations(roots: Iterable[int]) -> _TranslationRows:
    return (
        select(Story.id, Story.original_id, Story.language, Story.slug, Revision.title)
        .join(Revision, Story.published_revision_id == Revision.id)
        .where(or_(Story.id.in_(roots), Story.original_id.in_(roots)), IS_PUBLIC)
        .order_by(Story.language, Story.id)
    )


def _guide_translations(roots: Iterable[int]) -> _TranslationRows:
    return (
        select(Guide.id, Guide.original_id, Guide.language, Guide.slug, Guide.title)
        .where(or_(Guide.id.in_(roots), Guide.original_id.in_(roots)), Guide.published_at.is_not(None))
        .order_by(Guide.language, Guide.id)
    )


_TRANSLATIONS_OF = {"story": _story_translations, "guide": _guide_translations}
