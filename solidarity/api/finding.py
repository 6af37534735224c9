"""Search as JSON. One hit for a story with all its translations."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, url_for

from index import search as index_search
from index.engines.base import Damaged
from index.search import Hit, Request, Results
from solidarity import asked
from solidarity.api.blueprint import blueprint, page, per_page, refuse
from solidarity.db import session
from solidarity.searching import engine
from stories.languages import interface_tag

LONGEST_QUESTION = 1_000  # characters of a search that are read


@blueprint.get("/search")
def search() -> Response:
    """What is found for `q`; without it everything, the newest first. Several values of one parameter widen it."""
    request = Request(
        asked.text("q", LONGEST_QUESTION),
        locale="",
        kinds=asked.values("kind"),
        languages=asked.values("language"),
        themes=asked.values("theme"),
        organisations=asked.values("organisation"),
        page=page(),
        per_page=per_page(),
    )
    results = _results(request)
    hits = results.hits if request.page <= index_search.MOST_PAGES else ()
    return jsonify(total=results.total, hits=[_hit(hit) for hit in hits], facets=results.facets)


def _results(request: Request) -> Results:
    try:
        return index_search.search(session(), engine(), request)
    except Damaged:
        return refuse(503, "The search is being set up again. Please try again in a few minutes.")


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
