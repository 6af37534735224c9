"""Public stories as JSON: one entry for a story and language."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from solidarity.api.blueprint import blueprint, found, page, per_page, refuse
from solidarity.web import locales, query_params
from solidarity.web.db import session
from solidarity.web.remembered import remembered
from solidarity.web.urls import canonical_story_path
from stories import queries
from stories.models import Organisation, Revision, Story, Theme
from stories.queries import StoryFilter
from stories.text.collation import sort_key


@blueprint.get("/stories")
def stories() -> Response:
    """Every public story, the newest first."""
    total = remembered(("total", StoryFilter()), lambda: queries.count_public(session(), StoryFilter()))
    shelf = queries.public_stories(session(), number=page(), size=per_page(), total=total, with_themes=True)
    return jsonify(total=shelf.total, stories=[summary(story) for story in shelf.rows])


@blueprint.get("/stories/<slug>")
def story(slug: str) -> Response:
    """Everything readers may know of one story; 410 where its teller left words in its place."""
    row = found(queries.story_at(session(), slug[: query_params.LONGEST]))
    if not row.is_readable:
        refuse(410 if row.tombstone else 404, row.tombstone or "There is nothing at this address.")
    family = queries.public_family(session(), row.root_id)
    return jsonify(
        **summary(row),
        **_words(_revision(row)),
        attribution=_revision(row).attribution,
        licence=row.licence,
        sample=row.is_sample,
        archived=not row.is_public,
        translations=[
            {"language": other.language, "title": other.title, "url": canonical_story_path(other)}
            for other in family
            if other.id != row.id
        ],
    )


def summary(story: Story) -> dict[str, Any]:
    """What a list says of a story: `url` is its canonical path; `teller` as they chose, empty for anonymous."""
    revision = _revision(story)
    return {
        **reference(story),
        "slug": story.slug,
        "teller": revision.shown_name,
        "organisation": organisation(revision.organisation),
        "themes": themes(revision.themes),
        "introduction": revision.introduction,
        "content_note": revision.content_note,
        "reading_minutes": revision.reading_minutes,
        "published_at": story.published_at.isoformat() if story.published_at else None,
    }


def reference(story: Story) -> dict[str, str]:
    """A story as something else refers to it."""
    return {"language": story.language, "title": _revision(story).title, "url": canonical_story_path(story)}


def themes(rows: list[Theme]) -> list[dict[str, str]]:
    """Themes by slug and name, in the alphabet of the site's default language."""
    in_order = sorted(rows, key=lambda theme: sort_key(theme.name, locales.DEFAULT))
    return [{"slug": theme.slug, "name": theme.name} for theme in in_order]


def organisation(row: Organisation | None) -> dict[str, str] | None:
    """An organisation by slug and name."""
    return {"slug": row.slug, "name": row.name} if row else None


def _words(revision: Revision) -> dict[str, Any]:
    """The words themselves: `body` is safe HTML, all else plain text."""
    names = ("body", "pull_quotes", "takeaways", "prompts", "place", "time")
    return {name: getattr(revision, name) for name in names}


def _revision(story: Story) -> Revision:
    if story.published_revision is None:
        raise ValueError("a story that readers have has a published revision")
    return story.published_revision
