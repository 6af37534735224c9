"""Search: what was found, how to narrow it, and a way on when nothing was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import render_template
from flask_babel import gettext as _

from index import search as index_search
from index.engines.base import Damaged
from index.search import Request, Results
from solidarity import asked, locales
from solidarity.db import session
from solidarity.reading.blueprint import blueprint
from solidarity.reading.browsing import group_titles
from solidarity.reading.choices import Choices, Group, Option, group, picks
from solidarity.reading.hits import shown
from solidarity.searching import engine
from stories import counts

LONGEST_QUESTION = 1_000  # characters of a search that are read
NAMES = ("kind", "theme", "language", "organisation")
SIZE = 20

Labels = dict[tuple[str, str], str]


@blueprint.get("/search")
def search() -> Any:
    """Stories and guides for a reader's words; without words, everything, the newest first."""
    chosen = {name: values for name in NAMES if (values := asked.values(name))}
    words = asked.text("q", LONGEST_QUESTION)
    choices = Choices("reading.search", words, chosen, asked.page(), several=True)
    try:
        results = index_search.search(session(), engine(), _request(choices))
    except Damaged:
        return render_template("reading/no-search.html", choices=choices), 503
    labels = _labels(results, chosen)
    return render_template(
        "reading/search.html",
        choices=choices,
        results=results,
        hits=shown(results.hits),
        pages=max(1, -(-results.total // SIZE)),
        groups=_groups(choices, results, labels),
        picks=picks(choices, labels),
        offers=_offers(choices, results, labels),
    )


def _request(choices: Choices) -> Request:
    return Request(
        choices.words,
        locale=locales.current().tag,
        kinds=choices.chosen.get("kind", ()),
        languages=choices.chosen.get("language", ()),
        themes=choices.chosen.get("theme", ()),
        organisations=choices.chosen.get("organisation", ()),
        page=choices.page,
        per_page=SIZE,
    )


def _labels(results: Results, chosen: Mapping[str, tuple[str, ...]]) -> Labels:
    """What each value of a facet is called in the reader's language."""
    tag = locales.current().tag
    values = {name: {*results.facets.get(name, {}), *chosen.get(name, ())} for name in NAMES}
    if results.offers:
        values["theme"] |= set(results.offers.themes)
        values["language"] |= set(results.offers.languages)
    themes = counts.themes_at(session(), values["theme"]) if values["theme"] else {}
    organisations = counts.organisations_at(session(), values["organisation"]) if values["organisation"] else {}
    return {
        ("kind", "story"): _("Stories"),
        ("kind", "guide"): _("Conversation guides"),
        **{("language", value): locales.language_name(value) for value in values["language"]},
        **{("theme", slug): row.name_in(tag) for slug, row in themes.items()},
        **{("organisation", slug): row.name_in(tag) for slug, row in organisations.items()},
    }


def _groups(choices: Choices, results: Results, labels: Labels) -> list[Group]:
    titles = {"kind": _("Kind"), **group_titles()}
    return [group(choices, name, titles[name], _options(name, results.facets.get(name, {}), labels)) for name in NAMES]


def _options(name: str, counted: Mapping[str, int], labels: Labels) -> list[tuple[str, str, int]]:
    """The values of a facet, the commonest first."""
    found = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    return [(value, labels.get((name, value), value), count) for value, count in found]


def _offers(choices: Choices, results: Results, labels: Labels) -> dict[str, list[Option]]:
    """Ways on from an empty result: the same words in another language, or a theme by itself."""
    if results.offers is None:
        return {}
    free = choices.cleared()
    themes = Choices("reading.search")
    return {
        "languages": group(free, "language", "", _options("language", results.offers.languages, labels)).options,
        "themes": group(themes, "theme", "", _options("theme", results.offers.themes, labels)).options,
    }
