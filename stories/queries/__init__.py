"""The questions the website asks: each function is named as what it returns. Nothing here writes."""

from __future__ import annotations

from stories.queries.catalogue import organisation_at, organisations_with_counts, theme_at, themes_with_counts
from stories.queries.guides import (
    GuideWanted,
    guide_at,
    guide_from,
    guide_relatives,
    guide_with_id,
    guides_among,
    guides_anchoring,
    guides_of,
    public_guides,
)
from stories.queries.pagination import Page
from stories.queries.site import public_count, shows_samples
from stories.queries.stories import (
    IS_PUBLIC,
    Wanted,
    due_for_publication,
    public,
    public_addresses,
    public_among,
    public_languages,
    public_relatives,
    public_stories,
    public_tongues,
    stories_of,
    stories_seen_by_readers,
    story_at,
    story_from,
    story_with_id,
)

__all__ = [
    "IS_PUBLIC",
    "GuideWanted",
    "Page",
    "Wanted",
    "due_for_publication",
    "guide_at",
    "guide_from",
    "guide_relatives",
    "guide_with_id",
    "guides_among",
    "guides_anchoring",
    "guides_of",
    "organisation_at",
    "organisations_with_counts",
    "public",
    "public_addresses",
    "public_among",
    "public_count",
    "public_guides",
    "public_languages",
    "public_relatives",
    "public_stories",
    "public_tongues",
    "shows_samples",
    "stories_of",
    "stories_seen_by_readers",
    "story_at",
    "story_from",
    "story_with_id",
    "theme_at",
    "themes_with_counts",
]  # fmt: skip
