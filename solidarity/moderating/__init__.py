"""What moderators do: the queue, the review of one story, and every decision on it."""

from __future__ import annotations

from solidarity.moderating import deciding, queue, wording
from solidarity.moderating.blueprint import blueprint

__all__ = ["blueprint", "deciding", "queue", "wording"]
