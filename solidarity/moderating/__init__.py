"""What moderators do: the queue, the review of one story, and every decision on it."""

from __future__ import annotations

from solidarity.moderating import comparison, queue, review, suggestions
from solidarity.moderating.blueprint import blueprint

__all__ = ["blueprint", "comparison", "queue", "review", "suggestions"]
