"""What readers see: stories, themes, organisations, search, and what the site says of itself. No account, no cookie."""

from __future__ import annotations

from solidarity.reading import about, lists, robots, search, story
from solidarity.reading.blueprint import blueprint

__all__ = ["about", "blueprint", "lists", "robots", "search", "story"]
