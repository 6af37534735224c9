"""The one call the website makes to search: words and choices in, results that may be shown out.

What the engine finds is looked up in the database before it is shown, so nothing that was withdrawn is ever served.
"""

from __future__ import annotations

import itertools

from sqlalchemy.orm import Session

from index import hits, query, spelling
from index.engines.base import Engine, Every, Filters, Search
from index.query import ParsedQuery
from index.results import Alternatives, Hit, MatchReason, Results, SearchRequest, Translation
from index.retrieval import Retrieval, SearchOptions, retrieve
from index.schema import FACETS
from stories.text import languages

__all__ = ["Alternatives", "Hit", "MatchReason", "Results", "SearchRequest", "Translation", "search"]

MAX_PAGES = 1_000
MAX_PER_PAGE = 100
_SORTS = {"relevance": "", "newest": "-published", "shortest": "reading_minutes"}


def search(session: Session, engine: Engine, request: SearchRequest) -> Results:
    """Answer a request; without words, list all that fits, the newest first. Raises engines.base.CorruptIndex."""
    parsed, options = query.parse(request.words), _options(request)
    retrieval = _retrieve(engine, parsed, options)
    result = retrieval.result
    return Results(
        total=result.total,
        hits=tuple(hits.visible_hits(session, result.hits, retrieval.parsed)),
        facets=result.facets,
        did_you_mean=spelling.corrected_query(session, engine, retrieval, options),
        relaxed=retrieval.relaxed,
        full_matches=retrieval.full_matches,
        phonetic_words=retrieval.phonetic_words if result.total else (),
        alternatives=None if result.total else _alternatives(session, engine, parsed, request),
    )


def _retrieve(engine: Engine, parsed: ParsedQuery, options: SearchOptions) -> Retrieval:
    return retrieve(engine, parsed, options) if parsed.text.strip() else _browse(engine, parsed, options)


def _browse(engine: Engine, parsed: ParsedQuery, options: SearchOptions) -> Retrieval:
    sort = options.sort or "-published"
    language = options.language or None
    everything = Search(Every(), options.filters, options.facets, sort, options.offset, options.limit, language)
    result = engine.search(everything)
    return Retrieval(parsed, result, result.total)


def _alternatives(session: Session, engine: Engine, parsed: ParsedQuery, request: SearchRequest) -> Alternatives:
    """What there is for the words without any choice, and themes to begin with."""
    options = SearchOptions(facets=("language", "theme"), limit=0, language=languages.folded(request.locale))
    unfiltered = _retrieve(engine, parsed, options)
    themes = engine.search(Search(Every(), facets=("theme",), limit=0)).facets["theme"]
    near = themes.keys() & {*request.selected_facets.get("theme", ()), *unfiltered.result.facets["theme"]}
    narrowed = _filters(request) != Filters()
    return Alternatives(
        total_unfiltered=unfiltered.result.total,
        languages=unfiltered.result.facets["language"],
        themes={slug: count for slug, count in themes.items() if slug in (near or themes)},
        spelling=spelling.corrected_query(session, engine, unfiltered, options) if narrowed else None,
    )


# ---- from a request to what the engine understands -----------------------------------------------


def _options(request: SearchRequest) -> SearchOptions:
    page, size = min(max(request.page, 1), MAX_PAGES), min(max(request.per_page, 1), MAX_PER_PAGE)
    return SearchOptions(
        filters=_filters(request),
        facets=tuple(FACETS),
        sort=_SORTS.get(request.sort, ""),
        offset=(page - 1) * size,
        limit=size,
        language=languages.folded(request.locale),
    )


def _filters(request: SearchRequest) -> Filters:
    """A language that lists count (zh) is asked of one facet; with a script of Chinese (zh-Hant), all of the other."""
    include = {name: values for name, values in request.selected_facets.items() if name in FACETS and values}
    if not {*include.get("language", ())} <= {*languages.FACETS}:
        include["tag"] = list(itertools.chain.from_iterable(map(_scripts, include.pop("language"))))
    return Filters(include)


def _scripts(tag: str) -> tuple[str, ...]:
    return languages.family(tag) if tag in languages.FACETS else (tag,)
