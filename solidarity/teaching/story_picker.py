"""Choosing the stories of a guide: those already on it, in order, and those that a few words or an address find."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from stories import queries
from stories.guides import allowed_stories
from stories.models import Guide, Story
from stories.text import prose

LOOK = "look-stories"
MOST = 12  # stories offered for a few words
_ADDRESS = re.compile(r"/stories/([a-z0-9-]+)")


@dataclass(frozen=True)
class PickedStory:
    """A story on the form. `story` is None for one that readers cannot see now: not a word of it is shown."""

    id: int
    story: Story | None


@dataclass(frozen=True)
class StorySearch:
    """What was found for some words."""

    words: str
    stories: Sequence[Story]


def picked_stories(session: Session, ids: Iterable[int], guide: Guide | None) -> list[PickedStory]:
    """The chosen stories, in order; one that is gone only where it stood on the guide before."""
    wanted = list(ids)
    shown = allowed_stories.allowed_by_id(session, wanted)
    already = {anchor.story_id for anchor in guide.anchors} if guide else set()
    return [PickedStory(number, shown.get(number)) for number in wanted if number in shown or number in already]


def find_stories(session: Session, typed: str, chosen: Iterable[int]) -> StorySearch:
    """Stories that a guide may show, by the words of their title or by their address, without those chosen already."""
    words = prose.plain(typed)[:200]
    address = _ADDRESS.search(words)
    if address:
        story = queries.story_at(session, address[1])
        stories = list(allowed_stories.allowed_by_id(session, [story.id]).values()) if story else []
    else:
        stories = allowed_stories.found_by_title(session, words, MOST) if words else []
    known = set(chosen)
    return StorySearch(words, [story for story in stories if story.id not in known])


def reorder(order: str, ids: Sequence[int]) -> tuple[list[int], str]:
    """The ids after the order "up-story 2", and the id of the field that moved."""
    told = re.fullmatch(r"up-story ([0-9]{1,3})", order)
    moved = list(ids)
    if told is None or not 0 < int(told[1]) < len(moved):
        return moved, ""
    place = int(told[1])
    moved.insert(place - 1, moved.pop(place))
    return moved, f"story-{place - 1}"
