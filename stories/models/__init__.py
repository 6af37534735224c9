"""The tables of the domain, one file for each noun."""

from __future__ import annotations

from stories.models.base import Base
from stories.models.chain import Head
from stories.models.changes import Change, EmptySearch
from stories.models.consent import ConsentEvent, Method, Purpose
from stories.models.events import Event, EventKind
from stories.models.guides import Guide, GuideStory, Phase, Prompt, Step
from stories.models.old_addresses import OldAddress
from stories.models.people import Organisation, Person, Role
from stories.models.related import Related, RelatedKind, RelatedProgress
from stories.models.stories import Naming, Revision, Story, Submission, Theme, Transition

__all__ = [
    "Base", "Change", "ConsentEvent", "EmptySearch", "Event", "EventKind", "Guide", "GuideStory", "Head", "Method",
    "Naming", "OldAddress", "Organisation", "Person", "Phase", "Prompt", "Purpose", "Related",
    "RelatedKind", "RelatedProgress", "Revision", "Role", "Step", "Story",
    "Submission", "Theme", "Transition",
]  # fmt: skip
