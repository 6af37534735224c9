"""What goes with what: stories near a story, guides for a story, stories for a guide, each with the reason.

Nearness is shared themes, place and organisation, and the words that set a text apart: its key terms, those it uses
often and the others seldom. The website shows `why`: names and words that both have, so that it needs no translation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from math import log

from sqlalchemy.orm import Session

from index import query, retrieval
from index.analysis.analyzer import EXACT, PHONETIC, ROOT, normalize, tokens
from index.analysis.folding import exact_form, fold, fold_khmer
from index.analysis.stop_words import STOP_WORDS
from index.documents import documents, subject
from index.engines.base import Engine, FacetValue, Filters, NullQuery, Or, Prefer, Query, Search, Term
from index.entries import Document
from index.hits import body_text, public_documents
from index.query import ParsedQuery
from index.shared_words import shared_words
from stories import queries
from stories.models import Guide, Story, Theme
from stories.text import languages
from stories.text.collation import alphabetical

MAX_KEY_TERMS = 20
MAX_ANALYZED_CHARS = 8_000  # characters of a text that are looked at for its key terms
MAX_SHARED_WORDS = 3

_FACET_SCORES = {"theme": 6.0, "place": 3.0, "organisation": 3.0}  # a rare word that is shared counts for about three
_OWN_LANGUAGE_BOOST = 2.0
_TERM_SCORE = 0.5


@dataclass(frozen=True)
class RelatedStory:
    """A story that goes with another story or a guide; `why` names what they share."""

    story: Story
    themes: tuple[str, ...]
    words: tuple[str, ...]

    @property
    def why(self) -> str:
        return " · ".join((*self.themes, *self.words))


@dataclass(frozen=True)
class RelatedGuide:
    """A guide that goes with a story; `why` names what they share."""

    guide: Guide
    themes: tuple[str, ...]
    words: tuple[str, ...]

    @property
    def why(self) -> str:
        return " · ".join((*self.themes, *self.words))


def related_stories(
    session: Session, engine: Engine, source: SourceDocument, *, limit: int = 4
) -> tuple[RelatedStory, ...]:
    """Other public stories near the source, the nearest first; its own translations are not among them."""
    return _stories(session, source, _nearest(engine, source, "story", limit))


def related_guides(
    session: Session, engine: Engine, source: SourceDocument, *, limit: int = 4
) -> tuple[RelatedGuide, ...]:
    """Public guides near the source, the nearest first."""
    found = _documents(session, _nearest(engine, source, "guide", limit))
    guides = queries.public_guides_by_id(session, found)
    near = ((guides[number], document) for number, document in found.items() if number in guides)
    return tuple(RelatedGuide(guide, *source.shared_with(guide.themes, document)) for guide, document in near)


def nearest_stories(engine: Engine, source: SourceDocument, *, limit: int) -> list[int]:
    """The numbers of the stories nearest to the source, the nearest first; they may not be public any more."""
    return [subject(key)[1] for key in _nearest(engine, source, "story", limit)]


def stories_for_guide(session: Session, engine: Engine, guide: Guide, *, limit: int = 6) -> tuple[RelatedStory, ...]:
    """Public stories that a guide's saved query finds now; without one, the stories near the guide itself."""
    parsed = query.parse(guide.query_words)
    source = source_document(session, engine, guide)
    if source is None:
        return ()
    if parsed.clause_count:
        source = replace(source, words=_typed_forms(parsed))
    words = query.with_some_words(parsed, retrieval.idf_factor(engine, parsed)) if parsed.clause_count else NullQuery()
    has_query = parsed.clause_count or guide.themes
    saved_query = Or((words, *source.facet_values("theme"))) if has_query else source.more_like_this
    return _stories(session, source, _search(engine, source, saved_query, _saved_filters(guide), limit))


def _saved_filters(guide: Guide) -> Filters:
    include = {"kind": ["story"]}
    if guide.query_language:
        include["language"] = [languages.folded(guide.query_language)]
    return Filters(include, ranges={"reading_minutes": (None, guide.query_minutes)} if guide.query_minutes else {})


# ---- what is asked about -------------------------------------------------------------------------


@dataclass(frozen=True)
class SourceDocument:
    """The story or guide that others are near to. `words`: its key terms, each with a form as written in it."""

    document: Document
    words: Mapping[str, str]

    @property
    def language(self) -> str:
        return languages.folded(self.document.language)

    @property
    def more_like_this(self) -> Query:
        """Entries that share a theme, the place, the organisation or key terms."""
        return Or((*self.facet_values(*_FACET_SCORES), *(Term(term, _TERM_SCORE) for term in self.words)))

    def facet_values(self, *facets: str) -> tuple[FacetValue, ...]:
        """Its values of these facets, each worth what sharing it is."""
        values = ((facet, value) for facet in facets for value in self.document.facets.get(facet, ()))
        return tuple(FacetValue(facet, value, _FACET_SCORES[facet]) for facet, value in values)

    def shared_with(self, themes: Iterable[Theme], other: Document) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The themes both have, named in the source's language, and words that both have as written."""
        ours = set(self.document.facets.get("theme", ()))
        language = self.document.language
        names = alphabetical((theme.name_in(language) for theme in themes if theme.slug in ours), language)
        words = shared_words(self.words.values(), _analyzed_text(self.document), f"{other.title}\n{body_text(other)}")
        return tuple(names), tuple(islice(_without_overlaps(words), MAX_SHARED_WORDS))


def _without_overlaps(words: Iterable[str]) -> Iterator[str]:
    """The words that are no part of another and have none as a part, as they come."""
    kept: list[str] = []
    for word in words:
        if not any(word in other or other in word for other in kept):
            kept.append(word)
            yield word


def _analyzed_text(document: Document) -> str:
    """As much of a text as is looked at for its key terms."""
    return normalize("\n".join((document.title, body_text(document)))[:MAX_ANALYZED_CHARS])


def source_document(session: Session, engine: Engine, of: Story | Guide) -> SourceDocument | None:
    """What others may be near to; None where the story or guide is not public."""
    document = next(documents(session, "story" if isinstance(of, Story) else "guide", [of.id]), None)
    return SourceDocument(document, _key_terms(engine, document)) if document else None


def _typed_forms(parsed: ParsedQuery) -> dict[str, str]:
    return {query.plain_term(word): parsed.text[word.start : word.end] for word in parsed.words}


def _key_terms(engine: Engine, document: Document) -> dict[str, str]:
    """The terms that set a text apart, the weightiest first, each with a form in which the text has it."""
    forms: dict[str, str] = {}
    counts: Counter[str] = Counter()
    text, is_stop_word = _analyzed_text(document), cache(_is_stop_word)
    for token in tokens(text):
        form = text[token.start : token.end]
        if token.term[0] not in (EXACT, ROOT, PHONETIC) and len(token.term) > 1 and not is_stop_word(form):
            counts[token.term] += 1
            forms.setdefault(token.term, form)
    weights = key_term_weights(engine, counts)
    return {term: forms[term] for term in sorted(weights, key=lambda term: (-weights[term], term))[:MAX_KEY_TERMS]}


def _is_stop_word(form: str) -> bool:
    """Whether a word as written is a stop word: its stem is no longer like one."""
    return not STOP_WORDS.isdisjoint((fold(form), exact_form(form), fold_khmer(form)))


def key_term_weights(engine: Engine, counts: Counter[str]) -> dict[str, float]:
    """What terms weigh, tf * idf: those that another entry has too and that not a third of all have."""
    entries = engine.count()
    frequencies = engine.frequencies(counts)
    shared = (term for term in counts if 1 < frequencies.get(term, 0) <= max(entries / 3, 2))
    return {term: (1 + log(counts[term])) * log(1 + entries / frequencies[term]) for term in shared}


# ---- what is near --------------------------------------------------------------------------------


def _nearest(engine: Engine, source: SourceDocument, kind: str, limit: int) -> list[str]:
    return _search(engine, source, source.more_like_this, Filters({"kind": [kind]}), limit)


def _search(engine: Engine, source: SourceDocument, engine_query: Query, filters: Filters, limit: int) -> list[str]:
    """The keys of the nearest groups but the source's own, those in its language before others alike."""
    preferred = Prefer(engine_query, "language", source.language, _OWN_LANGUAGE_BOOST)
    found = engine.search(Search(preferred, filters, limit=limit + 1, preferred_language=source.language))
    return [hit.key for hit in found.hits if hit.group != source.document.group][:limit]


def _documents(session: Session, keys: Sequence[str]) -> dict[int, Document]:
    """The public ones of these keys, in their order, by number."""
    known = public_documents(session, keys)
    return {subject(each)[1]: known[each] for each in keys if each in known}


def _stories(session: Session, source: SourceDocument, keys: Sequence[str]) -> tuple[RelatedStory, ...]:
    found = _documents(session, keys)
    stories = queries.public_stories_by_id(session, found)
    shown = ((stories[number], document) for number, document in found.items() if number in stories)
    return tuple(RelatedStory(story, *source.shared_with(_themes(story), document)) for story, document in shown)


def _themes(story: Story) -> Sequence[Theme]:
    return story.published_revision.themes if story.published_revision else ()
