"""What stewards do: let people in, give them roles, and keep the names of themes and organisations."""

from __future__ import annotations

from solidarity.stewarding import naming, people
from solidarity.stewarding.blueprint import blueprint

__all__ = ["blueprint", "naming", "people"]
