"""Where leaders work: writing a story, agreeing to what happens with it, sending it, answering, withdrawing."""

from __future__ import annotations

from solidarity.submitting import confirmation, consent, my_stories, story_editor, submission, suggestion, withdrawal
from solidarity.submitting.blueprint import blueprint

__all__ = [
    "blueprint",
    "confirmation",
    "consent",
    "my_stories",
    "story_editor",
    "submission",
    "suggestion",
    "withdrawal",
]
