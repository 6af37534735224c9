"""What educators see: guides to hold a conversation by, open to everyone, and the desk where guides are written."""

from __future__ import annotations

from solidarity.teaching import guide_editor, guide_facts, guides, my_guides
from solidarity.teaching.blueprint import blueprint

__all__ = ["blueprint", "guide_editor", "guide_facts", "guides", "my_guides"]
