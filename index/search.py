"""The one call the website makes to search: words and choices in, results that may be shown out.

What the engine finds is looked up in the database before it is shown, so nothing that was withdrawn is ever served.
"""

from __future__ import annotations

import itertools

from sqlalchemy.orm import Session

from index import hits, query, spelling
from index.engines.base import Engine, Everything, Filters, Search
from index.query import Asked
from index.results import Hit, Offers, Reason, Request, Results, Translation
from index.retrieval import Finding, Wish, find
from index.schema import FACETS
from stories.text import languages

__all__ = ["Hit", "Offers", "Reason", "Request", "Results", "Translation", "search"]

MOST_PAGES = 1_000
MOST_PER_PAGE = 100
_SORTS = {"relevance": "", "newest": "-published", "shortest": "reading_minutes"}


def search(session: Session, engine: Engine, request: Request) -> Results:
    """Answer a request; without words, list all that fits, the newest first. Raises engines.base.Damaged."""
    asked, wish = query.parse(request.words), _wish(request)
    finding = _finding(engine, asked, wish)
    found = finding.found
    return Results(
        total=found.total,
        hits=tuple(hits.shown(session, found.hits, finding.asked)),
        facets=found.facets,
        did_you_mean=spelling.better(session, engine, finding, wish),
        relaxed=finding.relaxed,
        complete=finding.complete,
        heard=finding.heard if found.total else (),
        offers=None if found.total else _offers(session, engine, asked, request),
    )


def _finding(engine: Engine, asked: Asked, wish: Wish) -> Finding:
    return find(engine, asked, wish) if asked.text.strip() else _everything(engine, asked, wish)


def _everything(engine: Engine, asked: Asked, wish: Wish) -> Finding:
    sort = wish.sort or "-published"
    prefer = wish.language or None
    found = engine.search(Search(Everything(), wish.filters, wish.facets, sort, wish.offset, wish.limit, prefer))
    return Finding(asked, found, found.total)


def _offers(session: Session, engine: Engine, asked: Asked, request: Request) -> Offers:
    """What there is for the words without any choice, and themes to begin with."""
    wish = Wish(facets=("language", "theme"), limit=0, language=languages.folded(request.locale))
    anywhere = _finding(engine, asked, wish)
    themes = engine.search(Search(Everything(), facets=("theme",), limit=0)).facets["theme"]
    near = themes.keys() & {*request.chosen.get("theme", ()), *anywhere.found.facets["theme"]}
    narrowed = _filters(request) != Filters()
    return Offers(
        anywhere=anywhere.found.total,
        languages=anywhere.found.facets["language"],
        themes={slug: count for slug, count in themes.items() if slug in (near or themes)},
        spelling=spelling.better(session, engine, anywhere, wish) if narrowed else None,
    )


# ---- from a request to what the engine understands -----------------------------------------------


def _wish(request: Request) -> Wish:
    page, size = min(max(request.page, 1), MOST_PAGES), min(max(request.per_page, 1), MOST_PER_PAGE)
    return Wish(
        filters=_filters(request),
        facets=tuple(FACETS),
        sort=_SORTS.get(request.sort, ""),
        offset=(page - 1) * size,
        limit=size,
        language=languages.folded(request.locale),
    )


def _filters(request: Request) -> Filters:
    """A language that lists count (zh) is asked of one facet; with a script of Chinese (zh-Hant), all of the other."""
    having = {name: values for name, values in request.chosen.items() if name in FACETS and values}
    if not {*having.get("language", ())} <= {*languages.FACETS}:
        having["tag"] = list(itertools.chain.from_iterable(map(_scripts, having.pop("language"))))
    return Filters(having)


def _scripts(tag: str) -> tuple[str, ...]:
    return languages.family(tag) if tag in languages.FACETS else (tag,)
