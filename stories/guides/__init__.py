"""Conversation guides: their plan, the verbs that alter them, and which stories they may show."""

from __future__ import annotations

from stories.guides.editing import (
    GuideOrigin,
    NotYourGuide,
    discard,
    draft,
    lacking,
    may_change,
    may_write,
    plan_of,
    publish,
    save,
    unpublish,
)  # fmt: skip
from stories.guides.plan import GuidePlan, PhasePlan, PromptPlan, StepPlan

__all__ = [
    "GuideOrigin", "GuidePlan", "NotYourGuide", "PhasePlan", "PromptPlan", "StepPlan", "discard",
    "draft", "lacking", "may_change", "may_write", "plan_of", "publish", "save", "unpublish",
]  # fmt: skip
