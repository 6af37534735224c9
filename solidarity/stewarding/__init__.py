"""What stewards do: let people in, give them roles, keep the names of themes and organisations, see what is missing."""

from __future__ import annotations

from solidarity.stewarding import naming, people, searches
from solidarity.stewarding.blueprint import blueprint

__all__ = ["blueprint", "naming", "people", "searches"]
