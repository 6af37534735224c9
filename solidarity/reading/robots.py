"""What machines that read the site are told: where its stories are, and what is no page for them."""

from __future__ import annotations

from flask import Response, render_template, url_for
from flask.blueprints import BlueprintSetupState

from solidarity.reading.blueprint import blueprint
from solidarity.web import caching
from solidarity.web.db import session
from solidarity.web.urls import absolute_url
from stories import queries
from stories.text.languages import INTERFACE_LANGUAGES, interface_tag

MOST = 40_000  # a sitemap holds 50,000 addresses at most
PLACES = ("home", "stories", "themes", "organisations", "how_to_use", "about", "concern")
NOT_FOR_ROBOTS = (
    "account", "account/", "moderating", "moderating/", "my/", "search", "share", "stewarding", "stewarding/",
    "workspace",
)  # fmt: skip


@blueprint.record_once
def _outside_the_locales(state: BlueprintSetupState) -> None:
    """These two stand at the root of the site, where machines look for them."""
    state.app.add_url_rule("/robots.txt", "robots", robots)
    state.app.add_url_rule("/sitemap.xml", "sitemap", sitemap)


def robots() -> Response:
    """Everything may be read but the pages that are made for one person, and searches, which have no end."""
    shut = (path for tag in INTERFACE_LANGUAGES for place in NOT_FOR_ROBOTS for path in _paths(f"/{tag}/{place}"))
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in shut), ""]
    return _text("\n".join([*lines, f"Sitemap: {absolute_url('/sitemap.xml')}", ""]), "text/plain")


def _paths(place: str) -> tuple[str, ...]:
    """What shuts a page or, with a slash at its end, a folder, and no address that only begins alike.

    A rule is the beginning of an address, `$` its end (RFC 9309), so that a page is shut with and without a query.
    """
    return (place,) if place.endswith("/") else (f"{place}$", f"{place}?")


def sitemap() -> Response:
    """The canonical address of every public story and guide with its translations, and of the site's own pages."""
    families: dict[int, list[tuple[str, str]]] = {}
    stories = []
    for root, slug, language, written_at in queries.sitemap_entries(session(), MOST):
        address = absolute_url(url_for("reading.story", slug=slug, locale=interface_tag(language)))
        families.setdefault(root, []).append((language, address))
        stories.append((address, written_at, root))
    xml = render_template(
        "reading/sitemap.xml",
        stories=stories,
        families=families,
        guides=queries.public_guides(session()),
        places=[
            [(tag, absolute_url(url_for(f"reading.{name}", locale=tag))) for tag in INTERFACE_LANGUAGES]
            for name in PLACES
        ],
    )
    return _text(xml, "application/xml")


def _text(words: str, mimetype: str) -> Response:
    answer = Response(words, mimetype=mimetype)
    caching.make_cacheable(answer)
    return answer
