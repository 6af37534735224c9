"""What educators see: guides to hold a conversation by, open to everyone, and the desk where guides are written."""

from __future__ import annotations

from solidarity.teaching import desk, pages, telling, writing
from solidarity.teaching.blueprint import blueprint

__all__ = ["blueprint", "desk", "pages", "telling", "writing"]
