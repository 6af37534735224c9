"""The one call the website makes to search: words and choices in, results that may be shown out.

What the engine finds is looked up in the database before it is shown, so nothing that was withdrawn is ever served.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from index import query, showing, spelling
from index.engines.base import Engine, Everything, Filters, Search
from index.finding import Finding, Wish, find
from index.query import Asked
from index.results import Hit, Offers, Reason, Request, Results, Translation
from index.schema import FACETS
from stories import languages

__all__ = ["Hit", "Offers", "Reason", "Request", "Results", "Translation", "search"]

MOST_PAGES = 1_000
MOST_PER_PAGE = 100
_SORTS = {"relevance": "", "newest": "-published", "shortest": "reading_minutes"}


def search(session: Session, engine: Engine, request: Request) -> Results:
    """Answer a request; without words, list all that fits, the newest first. Raises engines.base.Damaged."""
    asked, wish = query.parse(request.words), _wish(request)
    finding = find(engine, asked, wish) if request.words.strip() else _everything(engine, asked, wish)
    found = finding.found
    return Results(
        total=found.total,
        hits=tuple(showing.shown(session, found.hits, finding.asked)),
        facets=found.facets,
        did_you_mean=spelling.better(session, engine, finding, wish),
        relaxed=finding.relaxed,
        complete=finding.complete,
        offers=None if found.total else _offers(engine, asked),
    )


def _everything(engine: Engine, asked: Asked, wish: Wish) -> Finding:
    sort = wish.sort or "-published"
    prefer = wish.language or None
    found = engine.search(Search(Everything(), wish.filters, wish.facets, sort, wish.offset, wish.limit, prefer))
    return Finding(asked, found, found.total)


def _offers(engine: Engine, asked: Asked) -> Offers:
    """What there is for the words without any choice; if there is nothing, at least the themes there are."""
    anywhere = find(engine, asked, Wish(facets=("language", "theme"), limit=0)).found
    everything = engine.search(Search(Everything(), facets=("theme",), limit=0))
    themes = anywhere.facets.get("theme") or everything.facets.get("theme", {})
    return Offers(anywhere.total, anywhere.facets.get("language", {}), themes)


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
    """A language that lists count (zh) is asked of one facet, a script of Chinese (zh-Hant) of the other."""
    having = {name: values for name, values in request.filters.items() if name in FACETS} | {
        "kind": request.kinds,
        "language": [tag for tag in request.languages if tag in languages.FACETS],
        "tag": [tag for tag in request.languages if tag not in languages.FACETS],
        "theme": request.themes,
        "organisation": request.organisations,
    }
    without = {name: values for name, values in request.without.items() if name in FACETS}
    return Filters({name: values for name, values in having.items() if values}, without)
