"""The questions the website asks: each function is named as what it returns. Nothing here writes."""

from __future__ import annotations

from stories.queries.catalogue import organisation_at, organisations_with_counts, theme_at, themes_with_counts
from stories.queries.events import EventFilter, events, names_of, people_in
from stories.queries.guides import (
    GuideFilter,
    guide_at,
    guide_from,
    guide_with_id,
    guides_anchoring,
    guides_of,
    public_guide_translations,
    public_guides,
    public_guides_by_id,
)
from stories.queries.pagination import Page
from stories.queries.site import public_count, shows_samples
from stories.queries.sitemap import sitemap_part, sitemap_parts
from stories.queries.stories import (
    IS_PUBLIC,
    StoryFilter,
    due_for_publication,
    public,
    public_languages,
    public_languages_by_root,
    public_stories,
    public_stories_by_id,
    public_translations,
    stories_of,
    stories_with_visibility,
    story_at,
    story_at_old_address,
    story_from,
    story_with_id,
)

__all__ = [
    "IS_PUBLIC",
    "EventFilter",
    "GuideFilter",
    "Page",
    "StoryFilter",
    "due_for_publication",
    "events",
    "guide_at",
    "guide_from",
    "guide_with_id",
    "guides_anchoring",
    "guides_of",
    "names_of",
    "organisation_at",
    "organisations_with_counts",
    "people_in",
    "public",
    "public_count",
    "public_guide_translations",
    "public_guides",
    "public_guides_by_id",
    "public_languages",
    "public_languages_by_root",
    "public_stories",
    "public_stories_by_id",
    "public_translations",
    "shows_samples",
    "sitemap_part",
    "sitemap_parts",
    "stories_of",
    "stories_with_visibility",
    "story_at",
    "story_at_old_address",
    "story_from",
    "story_with_id",
    "theme_at",
    "themes_with_counts",
]  # fmt: skip
