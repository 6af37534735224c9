"""What stewards do: let people in, give them roles, keep the names of themes and organisations, see what is missing,
whether letters arrive, and what happened."""

from __future__ import annotations

from solidarity.stewarding import catalogue, empty_searches, events, letters, people, site_state
from solidarity.stewarding.blueprint import blueprint

__all__ = ["blueprint", "catalogue", "empty_searches", "events", "letters", "people", "site_state"]
