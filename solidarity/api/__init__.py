"""Stories, guides and search as JSON, for reading only: no account, no key, no limit, no cookie."""

from __future__ import annotations

from solidarity.api import guides, search, stories
from solidarity.api.blueprint import blueprint

__all__ = ["blueprint", "guides", "search", "stories"]
