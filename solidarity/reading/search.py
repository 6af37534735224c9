"""Search: what was found, how to narrow it, and a way on when nothing was."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from flask_babel import gettext as _

from index import search as index_search
from index.engines.base import CorruptIndex
from index.search import Results, SearchRequest
from solidarity import empty_searches, search_engine
from solidarity.reading import facet_labels
from solidarity.reading.blueprint import blueprint
from solidarity.reading.facet_links import FacetOption, ListState, active_filters, group
from solidarity.reading.search_results import result_rows
from solidarity.web import caching, locales, query_params
from solidarity.web.db import session

SIZE = 20


@blueprint.get("/search")
def search() -> Any:
    """Stories and guides for a reader's words; without words, everything, the newest first."""
    choices = _choices()
    try:
        results = index_search.search(session(), search_engine.engine(), _request(choices))
    except CorruptIndex:
        return render_template("reading/no-search.html", choices=choices), 503
    _count(choices, results)
    labels = facet_labels.labels(results, choices.chosen)
    return render_template(
        "reading/search.html",
        choices=choices,
        results=results,
        hits=result_rows(results.hits),
        pages=max(1, -(-results.total // SIZE)),
        groups=facet_labels.groups(choices, results, labels),
        picks=active_filters(choices, labels),
        orders=_orders(choices),
        alternatives=_alternatives(choices, results, labels),
    )


def _choices() -> ListState:
    words, sort = search_engine.words(), query_params.text("sort", query_params.LONGEST)
    sort = sort if sort in _sorts(words)[1:] else ""
    return ListState("reading.search", words, search_engine.chosen(), query_params.page(), sort, several=True)


def _sorts(words: str) -> tuple[str, ...]:
    """The orders there are, the usual one first: without words nothing matches better than anything else."""
    return search_engine.SORTS if words else search_engine.SORTS[1:]


def _request(choices: ListState) -> SearchRequest:
    return SearchRequest(
        choices.words,
        locale=locales.current().tag,
        selected_facets=choices.chosen,
        page=choices.page,
        per_page=SIZE,
        sort=choices.sort,
    )


def _count(choices: ListState, results: Results) -> None:
    """Remember that somebody looked for something in vain: not what, and not who."""
    if choices.words and choices.page == 1 and not results.total and request.method == "GET":
        empty_searches.note(locales.current().tag)
        caching.forbid()  # the next one is to be counted too


def _orders(choices: ListState) -> list[FacetOption]:
    """The orders that a list can have, each with its address."""
    names = {"relevance": _("Best match"), "newest": _("Newest"), "shortest": _("Shortest")}
    usual, *others = _sorts(choices.words)
    return [
        FacetOption(names[sort or usual], 0, choices.sorted_by(sort).url, sort == choices.sort)
        for sort in ("", *others)
    ]


def _alternatives(choices: ListState, results: Results, labels: facet_labels.Labels) -> dict[str, list[FacetOption]]:
    """Ways on from an empty result: the same words in another language, or a theme by itself."""
    if results.alternatives is None:
        return {}
    found = {"language": results.alternatives.languages, "theme": results.alternatives.themes}
    wheres = {"language": choices.cleared(), "theme": ListState("reading.search")}
    return {
        name: group(where, name, "", facet_labels.options(name, found[name], where, labels)).options
        for name, where in wheres.items()
    }
