"""Search as JSON, one hit for a story with all its translations; and suggestions for who types."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response, jsonify, url_for

from index import search as index_search
from index import suggest
from index.engines.base import CorruptIndex
from index.search import Hit, Results, SearchRequest
from solidarity import search_engine
from solidarity.api.blueprint import blueprint, page, per_page, refuse
from solidarity.web import query_params
from solidarity.web.db import session
from stories.text.languages import interface_tag

RESTING = "The search is being set up again. Please try again in a few minutes."


@blueprint.get("/search")
def search() -> Response:
    """What is found for `q`, what is in the language `locale` first; without `q` everything, the newest first."""
    request = SearchRequest(
        search_engine.words(), _locale(), search_engine.chosen(), page=page(), per_page=per_page(), sort=_sort()
    )
    results = _results(request)
    hits = results.hits if request.page <= index_search.MAX_PAGES else ()
    return jsonify(
        total=results.total,
        complete=results.full_matches,
        did_you_mean=results.did_you_mean,
        hits=[_hit(hit) for hit in hits],
        facets={name: counts for name, counts in results.facets.items() if name in search_engine.FACETS},
    )


def _locale() -> str:
    """The language of who asks, or nobody's."""
    return query_params.text("locale", query_params.LONGEST)


def _sort() -> str:
    """The order asked for; else 400."""
    sort = query_params.text("sort", query_params.LONGEST)
    if sort and sort not in search_engine.SORTS:
        refuse(400, f"sort must be one of {', '.join(search_engine.SORTS)}.")
    return sort


@blueprint.get("/suggestions")
def suggestions() -> Response:
    """Names that go on from `q`, those in the language `locale` first; none without it."""
    try:
        found = suggest.suggestions(session(), search_engine.engine(), search_engine.words(), locale=_locale())
    except CorruptIndex:
        refuse(503, RESTING)
    return jsonify(suggestions=[asdict(each) for each in found])


def _results(request: SearchRequest) -> Results:
    try:
        return index_search.search(session(), search_engine.engine(), request)
    except CorruptIndex:
        return refuse(503, RESTING)


def _hit(hit: Hit) -> dict[str, Any]:
    return {
        "kind": hit.kind,
        "url": _address(hit.kind, hit.slug, hit.language),
        "title": hit.title,
        "language": hit.language,
        "excerpt": str(hit.excerpt),
        "score": hit.score,
        "translations": [
            {"language": other.language, "title": other.title, "url": _address(hit.kind, other.slug, other.language)}
            for other in hit.translations
        ],
    }


def _address(kind: str, slug: str, language: str) -> str:
    endpoint = "teaching.guide" if kind == "guide" else "reading.story"
    return url_for(endpoint, slug=slug, locale=interface_tag(language))
