"""Where stories and guides are found: the address in the present interface language, and the one for ever."""

from __future__ import annotations

from flask import Flask, current_app, url_for
from werkzeug.routing import IntegerConverter, Map

from stories.models import Guide, Story
from stories.text.languages import interface_tag


class Row(IntegerConverter):
    """`<row:story_id>`: the number of a row, no larger than any database takes; other addresses are not found."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=2**31 - 1)


def init_app(app: Flask) -> None:
    """Give addresses their numbers, and templates these functions."""
    app.url_map.converters["row"] = Row
    for function in (story_page, guide_page, story_url, guide_url, absolute):
        app.jinja_env.globals[function.__name__] = function


def story_page(story: Story) -> str:
    """The page of a story in the reader's interface language."""
    return url_for("reading.story", slug=story.slug)


def guide_page(guide: Guide) -> str:
    """The page of a guide in the reader's interface language."""
    return url_for("teaching.guide", slug=guide.slug)


def story_url(story: Story) -> str:
    """The canonical path of a story: in its own language."""
    return url_for("reading.story", slug=story.slug, locale=interface_tag(story.language))


def guide_url(guide: Guide) -> str:
    """The canonical path of a guide: in its own language."""
    return url_for("teaching.guide", slug=guide.slug, locale=interface_tag(guide.language))


def absolute(path: str) -> str:
    """A path of this site with its scheme and host, for letters, canonical links and the sitemap."""
    return f"{current_app.config['SETTINGS'].base_url}{path}"
