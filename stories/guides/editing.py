"""The verbs of guides: an educator drafts, saves, publishes and takes back a conversation guide."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from stories import changes, database
from stories.database import session_of
from stories.errors import Missing, Refused, StaleRevision
from stories.guides.plan import LISTS, GuidePlan, PhasePlan, PromptPlan, StepPlan
from stories.models import Guide, GuideStory, Person, Phase, Prompt, Role, Step
from stories.text import prose, slugs

_APART = frozenset({"phases", "stories", "themes", "audiences", "settings", "grade_bands", *LISTS})


class NotYourGuide(Refused):
    """Only its author, or a steward, may change a guide."""


@dataclass(frozen=True)
class GuideOrigin:
    """Where a guide comes from; the same `source_id` is never used twice."""

    original: Guide | None = None
    source_id: str | None = None
    is_sample: bool = False


def draft(session: Session, plan: GuidePlan, *, by: Person, at: datetime, origin: GuideOrigin | None = None) -> Guide:
    """A new guide that only its author sees. Raises NotYourGuide for who is no educator, and as `GuidePlan.tidied`."""
    if not may_write(by):
        raise NotYourGuide
    origin = origin or GuideOrigin()
    plan = plan.tidied()
    guide = Guide(
        slug=slugs.for_title(plan.title),
        author=by,
        original=origin.original.original or origin.original if origin.original else None,
        source_id=prose.plain(origin.source_id or "") or None,
        is_sample=origin.is_sample,
        created_at=at,
        version=0,
    )
    session.add(guide)
    _write(session, guide, plan, at=at)
    return guide


def save(guide: Guide, plan: GuidePlan, *, by: Person, at: datetime, version: int) -> None:
    """Write the guide anew; one that is public stays public and must stay complete.

    Raises NotYourGuide, StaleRevision where `version` is not the one that stands, and as `GuidePlan.tidied`.
    """
    _allow(guide, by)
    if guide.version != version:
        raise StaleRevision
    plan = plan.tidied()
    if guide.is_public:
        _demand(lacking(plan))
    _write(session_of(guide), guide, plan, at=at)
    _note(guide)


def publish(guide: Guide, *, by: Person, at: datetime) -> None:
    """Show the guide to everybody. It needs a timed step, and a note on what to do when somebody is hurting."""
    _allow(guide, by)
    _demand(lacking(guide))
    guide.published_at = guide.published_at or at
    guide.changed_at = at
    _note(guide)


def lacking(guide: Guide | GuidePlan) -> tuple[str, ...]:
    """The fields that still have to be written before the guide can be public."""
    needed = {"phases": guide.minutes, "help_note": guide.help_note}
    return tuple(field for field, written in needed.items() if not written)


def _demand(fields: tuple[str, ...]) -> None:
    if fields:
        raise Missing(fields[0])


def unpublish(guide: Guide, *, by: Person, at: datetime) -> None:
    """Take the guide back to its author's desk."""
    _allow(guide, by)
    guide.published_at = None
    guide.changed_at = at
    _note(guide)


def discard(guide: Guide, *, by: Person) -> None:
    """Delete a guide that only its author saw; its translations, if there are any, stand for themselves."""
    if guide.author_id != by.id or guide.is_public:
        raise NotYourGuide
    session = session_of(guide)
    for translation in list(guide.translations):
        translation.original = None
    session.delete(guide)
    session.flush()


def may_write(person: Person) -> bool:
    """Whether `person` may write guides."""
    return person.is_a(Role.EDUCATOR) or person.is_a(Role.STEWARD)


def may_change(guide: Guide, person: Person) -> bool:
    """Whether `person` may save, publish or take back the guide."""
    return (guide.author_id == person.id and person.is_a(Role.EDUCATOR)) or person.is_a(Role.STEWARD)


def _allow(guide: Guide, by: Person) -> None:
    """Hold the guide as it stands now, for somebody who may change it."""
    database.lock(guide)
    if not may_change(guide, by):
        raise NotYourGuide


def _note(guide: Guide) -> None:
    changes.guide_changed(session_of(guide), guide)


def _write(session: Session, guide: Guide, plan: GuidePlan, *, at: datetime) -> None:
    for field in fields(plan):
        if field.name not in _APART:
            setattr(guide, field.name, getattr(plan, field.name))
    for name in ("audiences", "settings", "grade_bands", "themes", *LISTS):
        setattr(guide, name, list(getattr(plan, name)))
    guide.phases = [_phase(number, phase) for number, phase in enumerate(plan.phases)]
    guide.minutes = plan.minutes
    guide.version += 1
    guide.changed_at = at
    guide.anchors = []
    session.flush()  # the old anchors go before the new ones come: no story stands on a guide twice
    guide.anchors = [GuideStory(story=story, position=number) for number, story in enumerate(plan.stories)]
    session.flush()


def _phase(position: int, plan: PhasePlan) -> Phase:
    steps = [_step(number, step) for number, step in enumerate(plan.steps)]
    return Phase(position=position, title=plan.title, about=plan.about, steps=steps)


def _step(position: int, plan: StepPlan) -> Step:
    return Step(
        position=position,
        title=plan.title,
        minutes=plan.minutes,
        grouping=plan.grouping,
        instruction=plan.instruction,
        tip=plan.tip,
        prompts=[
            Prompt(position=number, text=prompt.text, depth=prompt.depth) for number, prompt in enumerate(plan.prompts)
        ],
    )


def plan_of(guide: Guide) -> GuidePlan:
    """The plan that stands, to be shown in a form again."""
    values: dict[str, Any] = {
        field.name: getattr(guide, field.name) for field in fields(GuidePlan) if field.name not in _APART
    }
    values |= {name: tuple(getattr(guide, name)) for name in _APART - {"phases", "stories"}}
    phases = tuple(
        PhasePlan(phase.title, phase.about, tuple(_step_plan(step) for step in phase.steps)) for phase in guide.phases
    )
    return GuidePlan(**values, phases=phases, stories=tuple(anchor.story for anchor in guide.anchors))


def _step_plan(step: Step) -> StepPlan:
    prompts = tuple(PromptPlan(prompt.text, prompt.depth) for prompt in step.prompts)
    return StepPlan(step.title, step.minutes, step.grouping, step.instruction, step.tip, prompts)
