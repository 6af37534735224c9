"""What is destroyed of a story: its words, what was noted of it, and the words in its addresses.

Called by the verbs of `stories.editorial`, in the caller's transaction; nothing here asks who may.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from stories import consent, wording
from stories.database import session_of
from stories.models import OldAddress, Revision, Story
from stories.text import old_addresses, slugs


def erase(story: Story, *, at: datetime) -> None:
    """Destroy the words of a story; that it existed, each step and each answer stay on record without a note."""
    erase_wordings(story.revisions, at=at)
    erase_addresses(story)
    for transition in story.transitions:
        transition.note = ""
    for event in consent.ledger_of(story):
        event.evidence = ""
    session_of(story).flush()


def erase_wordings(revisions: Iterable[Revision], *, at: datetime) -> None:
    """Destroy the words of some revisions; that they were written stays."""
    for revision in [revision for revision in revisions if revision.erased_at is None]:
        for name in (*wording.SHORT_FIELDS, *wording.LONG_FIELDS, "body", "digest"):
            setattr(revision, name, "")
        for name in wording.LIST_FIELDS:
            setattr(revision, name, [])
        revision.erased_at = at


def erase_addresses(story: Story) -> None:
    """Leave no word in the address of a story, nor in those it had elsewhere."""
    story.slug = slugs.random_part(story.slug)
    for old in session_of(story).scalars(select(OldAddress).where(OldAddress.story_id == story.id)):
        old.address = old_addresses.without_words(old.address)
