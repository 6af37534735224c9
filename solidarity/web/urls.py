"""Where stories and guides are found: the address in the present interface language, and the one for ever."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, g, request, url_for
from werkzeug.routing import IntegerConverter, Map, UnicodeConverter

from stories.models import Guide, Story
from stories.queries import LinkTarget
from stories.text.languages import interface_tag


class RowIdConverter(IntegerConverter):
    """`<row:story_id>`: the number of a row, no larger than any database takes; other addresses are not found."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=2**31 - 1)


class WordConverter(UnicodeConverter):
    """`<slug>`: one part of an address. None has a control character, and some no database takes even in a question."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map)
        self.regex = r"[^/\x00-\x1f\x7f]+"


def init_app(app: Flask) -> None:
    """Give addresses their numbers, and templates these functions."""
    app.url_map.converters |= {"row": RowIdConverter, "default": WordConverter}
    for function in (story_path, guide_path, canonical_story_path, canonical_guide_path, absolute_url, current_url):
        app.jinja_env.globals[function.__name__] = function
    places: dict[tuple[str, str], str] = {}

    def url_for_template(endpoint: str, **values: Any) -> str:
        """`url_for`, which remembers in each language the addresses that have no other part: most in a page's frame."""
        if values or not request or request.root_path:
            return url_for(endpoint, **values)
        key = endpoint, g.get("locale", "")
        if (address := places.get(key)) is None:
            address = places[key] = url_for(endpoint)
        return address

    app.jinja_env.globals["url_for"] = url_for_template


def story_path(story: Story) -> str:
    """The page of a story in the reader's interface language."""
    return url_for("reading.story", slug=story.slug)


def guide_path(guide: Guide) -> str:
    """The page of a guide in the reader's interface language."""
    return url_for("teaching.guide", slug=guide.slug)


def canonical_story_path(story: Story | LinkTarget) -> str:
    """The canonical path of a story: in its own language."""
    return url_for("reading.story", slug=story.slug, locale=interface_tag(story.language))


def canonical_guide_path(guide: Guide) -> str:
    """The canonical path of a guide: in its own language."""
    return url_for("teaching.guide", slug=guide.slug, locale=interface_tag(guide.language))


def absolute_url(path: str) -> str:
    """A path of this site with its scheme and host, for letters, canonical links and the sitemap."""
    return f"{current_app.config['SETTINGS'].base_url}{path}"


def current_url(*, query: bool = True) -> str:
    """The address of this very page, on the host of the settings: who asks may name any other."""
    path = (request.url if query else request.base_url).removeprefix(request.host_url.rstrip("/"))
    return absolute_url(path)
