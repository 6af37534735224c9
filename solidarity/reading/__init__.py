"""What readers see: stories, themes, organisations, search, and what the site says of itself. No account, no cookie."""

from __future__ import annotations

from solidarity.reading import browsing, pages, robots, story
from solidarity.reading.blueprint import blueprint

blueprint.add_url_rule("/search", "search", browsing.stories)  # until index.search is there

__all__ = ["blueprint", "browsing", "pages", "robots", "story"]
