"""The page of a story: everything a reader may know of it, and where to go from there."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, render_template, url_for

from solidarity.reading import related
from solidarity.reading.blueprint import blueprint
from solidarity.web import locales, query_params, urls
from solidarity.web.db import session
from stories import queries
from stories.models import Story
from stories.queries import LinkTarget


@blueprint.get("/stories/<slug>")
def story(slug: str) -> Any:
    """A story that readers may open; a withdrawn one says what its teller left to be said, or is not found."""
    found = queries.story_at(session(), slug[: query_params.LONGEST])
    if found is None or not (found.is_readable or found.tombstone):
        abort(404)
    if not found.is_readable:
        return render_template("reading/gone.html", story=found), 410
    if found.slug != slug:
        return redirect(urls.story_path(found), 301)
    return _page(found)


def _page(story: Story) -> str:
    family = queries.public_family(session(), story.root_id)
    near_links, guide_links = related.of_story(story)
    return render_template(
        "reading/story.html",
        story=story,
        revision=story.published_revision,
        family=family,
        translations=[_translation_link(other) for other in family if other.id != story.id],
        guide_links=guide_links,
        near_links=near_links,
        elsewhere=url_for("reading.stories"),
    )


def _translation_link(story: LinkTarget) -> dict[str, str]:
    """The same story in another language, under that language's own pages."""
    name = locales.language_name(story.language)
    return {"url": urls.canonical_story_path(story), "name": name, "language": story.language}
