"""What moderators do: the queue, the review of one story, and every decision on it."""

from __future__ import annotations

from solidarity.moderating import queue, review, suggestions
from solidarity.moderating.blueprint import blueprint

__all__ = ["blueprint", "queue", "review", "suggestions"]
