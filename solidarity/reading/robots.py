"""What machines that read the site are told: where its stories are, and what is no page for them."""

from __future__ import annotations

from flask import Response, abort, render_template, url_for
from flask.blueprints import BlueprintSetupState

from solidarity.reading.blueprint import blueprint
from solidarity.web import caching
from solidarity.web.db import session
from solidarity.web.remembered import remembered
from solidarity.web.urls import absolute_url
from stories import queries
from stories.text.languages import INTERFACE_LANGUAGES, interface_tag

PLACES = ("home", "stories", "themes", "organisations", "how_to_use", "about", "concern")
NOT_FOR_ROBOTS = (
    "account", "account/", "moderating", "moderating/", "my/", "search", "share", "stewarding", "stewarding/",
    "workspace",
)  # fmt: skip


@blueprint.record_once
def _outside_the_locales(state: BlueprintSetupState) -> None:
    """These stand at the root of the site, where machines look for them."""
    state.app.add_url_rule("/robots.txt", "robots", robots)
    state.app.add_url_rule("/sitemap.xml", "sitemap", sitemap)
    state.app.add_url_rule("/sitemap-pages.xml", "sitemap_of_pages", sitemap_of_pages)
    state.app.add_url_rule("/sitemap-stories-<row:number>.xml", "sitemap_of_stories", sitemap_of_stories)


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
    """Where the parts are. None is kept: each is made from what is public at that moment."""
    parts = remembered("sitemap parts", lambda: queries.sitemap_parts(session()))
    paths = [url_for("sitemap_of_pages"), *(url_for("sitemap_of_stories", number=part) for part in parts)]
    return _xml("sitemap-index", parts=map(absolute_url, paths))


def sitemap_of_pages() -> Response:
    """The site's own pages in each language, and every public guide."""
    places = [
        [(tag, absolute_url(url_for(f"reading.{name}", locale=tag))) for tag in INTERFACE_LANGUAGES] for name in PLACES
    ]
    return _xml("sitemap", places=places, guides=queries.public_guides(session()))


def sitemap_of_stories(number: int) -> Response:
    """The canonical addresses of the public stories of one part, each with its translations."""
    families: dict[int, list[tuple[str, str]]] = {}
    stories = []
    for root, slug, language, written_at in queries.sitemap_part(session(), number):
        address = absolute_url(url_for("reading.story", slug=slug, locale=interface_tag(language)))
        families.setdefault(root, []).append((language, address))
        stories.append((address, written_at, root))
    if not stories:
        abort(404)
    return _xml("sitemap", stories=stories, families=families)


def _xml(template: str, **facts: object) -> Response:
    return _text(render_template(f"reading/{template}.xml", **facts), "application/xml")


def _text(words: str, mimetype: str) -> Response:
    answer = Response(words, mimetype=mimetype)
    caching.make_cacheable(answer)
    return answer
