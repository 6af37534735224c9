"""What goes with what: stories near a story, guides for a story, stories for a guide, each with the reason.

Nearness is shared themes, place and organisation, and the words that set a text apart (those it uses often and the
others seldom). The website shows `why`: names and words that both have, so that it needs no translation.
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
from index.analysis.analyzer import EXACT, ROOT, SOUND, normal, tokens
from index.analysis.folding import exact, fold, fold_khmer
from index.analysis.stop_words import COMMON
from index.common_words import shared
from index.documents import Document, documents, subject
from index.engines.base import Any, Engine, Favour, Filters, Node, Nothing, Search, Tag, Term
from index.hits import prose, public
from index.query import Asked
from stories import queries
from stories.models import Guide, Story, Theme
from stories.text import languages

TELLING_WORDS = 20
MOST_READ = 8_000  # characters of a text that are looked at for its telling words
SHOWN_WORDS = 3

_SHARED = {"theme": 6.0, "place": 3.0, "organisation": 3.0}  # a rare word that is shared counts for about three
_OWN_LANGUAGE = 2.0
_WORD = 0.5


@dataclass(frozen=True)
class NearStory:
    """A story that goes with another story or a guide; `why` names what they share."""

    story: Story
    themes: tuple[str, ...]
    words: tuple[str, ...]

    @property
    def why(self) -> str:
        return " · ".join((*self.themes, *self.words))


@dataclass(frozen=True)
class NearGuide:
    """A guide that goes with a story; `why` names what they share."""

    guide: Guide
    themes: tuple[str, ...]
    words: tuple[str, ...]

    @property
    def why(self) -> str:
        return " · ".join((*self.themes, *self.words))


def near_story(session: Session, engine: Engine, origin: Origin, *, limit: int = 4) -> tuple[NearStory, ...]:
    """Other public stories near that of `origin_of`, the nearest first; its own translations are not among them."""
    return _stories(session, origin, _nearest(engine, origin, "story", limit))


def guides_for(session: Session, engine: Engine, origin: Origin, *, limit: int = 4) -> tuple[NearGuide, ...]:
    """Public guides near the story of `origin_of`, the nearest first."""
    found = _documents(session, _nearest(engine, origin, "guide", limit))
    guides = queries.public_guides_by_id(session, found)
    near = ((guides[number], document) for number, document in found.items() if number in guides)
    return tuple(NearGuide(guide, *origin.shares(guide.themes, document)) for guide, document in near)


def stories_for(session: Session, engine: Engine, guide: Guide, *, limit: int = 6) -> tuple[NearStory, ...]:
    """Public stories that a guide's saved query finds now; without one, the stories near the guide itself."""
    asked = query.parse(guide.query_words)
    origin = origin_of(session, engine, guide)
    if origin is None:
        return ()
    if asked.parts:
        origin = replace(origin, words=_typed(asked))
    words = query.with_some_words(asked, retrieval.rarity(engine, asked)) if asked.parts else Nothing()
    saved = Any((words, *origin.tags("theme"))) if asked.parts or guide.themes else origin.likeness
    return _stories(session, origin, _found(engine, origin, saved, _saved_filters(guide), limit))


def _saved_filters(guide: Guide) -> Filters:
    having = {"kind": ["story"]}
    if guide.query_language:
        having["language"] = [languages.folded(guide.query_language)]
    return Filters(having, between={"reading_minutes": (None, guide.query_minutes)} if guide.query_minutes else {})


# ---- what is asked about -------------------------------------------------------------------------


@dataclass(frozen=True)
class Origin:
    """The story or guide that others are near to. `words`: its telling terms, each with a form as written in it."""

    document: Document
    words: Mapping[str, str]

    @property
    def language(self) -> str:
        return languages.folded(self.document.language)

    @property
    def likeness(self) -> Node:
        """Entries that share a theme, the place, the organisation or telling words."""
        return Any((*self.tags(*_SHARED), *(Term(term, _WORD) for term in self.words)))

    def tags(self, *facets: str) -> tuple[Tag, ...]:
        """Its values of these facets, each worth what sharing it is."""
        values = ((facet, value) for facet in facets for value in self.document.facets.get(facet, ()))
        return tuple(Tag(facet, value, _SHARED[facet]) for facet, value in values)

    def shares(self, themes: Iterable[Theme], other: Document) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The themes both have, named in the origin's language, and words that both have as written."""
        ours = set(self.document.facets.get("theme", ()))
        names = (theme.name_in(self.document.language) for theme in themes if theme.slug in ours)
        words = shared(self.words.values(), _read(self.document), f"{other.title}\n{prose(other)}")
        return tuple(names), tuple(islice(_apart(words), SHOWN_WORDS))


def _apart(words: Iterable[str]) -> Iterator[str]:
    """The words that are no part of another and have none as a part, as they come."""
    said: list[str] = []
    for word in words:
        if not any(word in other or other in word for other in said):
            said.append(word)
            yield word


def _read(document: Document) -> str:
    """As much of a text as is looked at for its telling words."""
    return normal("\n".join((document.title, prose(document)))[:MOST_READ])


def origin_of(session: Session, engine: Engine, of: Story | Guide) -> Origin | None:
    """What is near depends on; None where the story or guide is not public."""
    document = next(documents(session, "story" if isinstance(of, Story) else "guide", [of.id]), None)
    return Origin(document, _telling(engine, document)) if document else None


def _typed(asked: Asked) -> dict[str, str]:
    return {query.plain_term(word): asked.text[word.start : word.end] for word in asked.words}


def _telling(engine: Engine, document: Document) -> dict[str, str]:
    """The terms that set a text apart, the most telling first, each with a form in which the text has it."""
    forms: dict[str, str] = {}
    counts: Counter[str] = Counter()
    text, common = _read(document), cache(_is_common)
    for token in tokens(text):
        form = text[token.start : token.end]
        if token.term[0] not in (EXACT, ROOT, SOUND) and len(token.term) > 1 and not common(form):
            counts[token.term] += 1
            forms.setdefault(token.term, form)
    weights = word_weights(engine, counts)
    return {term: forms[term] for term in sorted(weights, key=lambda term: (-weights[term], term))[:TELLING_WORDS]}


def _is_common(form: str) -> bool:
    """Whether a word as written is one of those that every text uses: its stem is no longer like them."""
    return not COMMON.isdisjoint((fold(form), exact(form), fold_khmer(form)))


def word_weights(engine: Engine, counts: Counter[str]) -> dict[str, float]:
    """How telling terms are, tf * idf: those that another entry has too and that not a third of all have."""
    entries = engine.count()
    known = engine.frequencies(counts)
    shared = (term for term in counts if 1 < known.get(term, 0) <= max(entries / 3, 2))
    return {term: (1 + log(counts[term])) * log(1 + entries / known[term]) for term in shared}


# ---- what is near --------------------------------------------------------------------------------


def _nearest(engine: Engine, origin: Origin, kind: str, limit: int) -> list[str]:
    return _found(engine, origin, origin.likeness, Filters({"kind": [kind]}), limit)


def _found(engine: Engine, origin: Origin, node: Node, filters: Filters, limit: int) -> list[str]:
    """The keys of the nearest groups but the origin's own, those in its language before others alike."""
    favoured = Favour(node, "language", origin.language, _OWN_LANGUAGE)
    found = engine.search(Search(favoured, filters, limit=limit + 1, prefer=origin.language))
    return [hit.key for hit in found.hits if hit.group != origin.document.group][:limit]


def _documents(session: Session, keys: Sequence[str]) -> dict[int, Document]:
    """The public ones of these keys, in their order, by number."""
    known = public(session, keys)
    return {subject(each)[1]: known[each] for each in keys if each in known}


def _stories(session: Session, origin: Origin, keys: Sequence[str]) -> tuple[NearStory, ...]:
    found = _documents(session, keys)
    stories = queries.public_stories_by_id(session, found)
    shown = ((stories[number], document) for number, document in found.items() if number in stories)
    return tuple(NearStory(story, *origin.shares(_themes(story), document)) for story, document in shown)


def _themes(story: Story) -> Sequence[Theme]:
    return story.published_revision.themes if story.published_revision else ()
