"""The verbs of guides: an educator drafts, saves, publishes and takes back a conversation guide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime

from sqlalchemy.orm import Session, object_session

from stories import changes, limits, prose, slugs
from stories.errors import Missing, Refused, StaleRevision, TooLong
from stories.models import Guide, GuideStory, Person, Phase, Prompt, Role, Step, Story, Theme
from stories.models.guides import Depth, Grouping


class NotYourGuide(Refused):
    """Only its author, or a steward, may change a guide."""


@dataclass(frozen=True)
class PromptPlan:
    """A question of a step."""

    text: str
    depth: Depth = Depth.CONNECTION


@dataclass(frozen=True)
class StepPlan:
    """One timed step, as written."""

    title: str
    minutes: int = 0
    grouping: Grouping = Grouping.EVERYONE
    instruction: str = ""
    tip: str = ""
    prompts: tuple[PromptPlan, ...] = ()


@dataclass(frozen=True)
class PhasePlan:
    """A part of the conversation, as written."""

    title: str
    about: str = ""
    steps: tuple[StepPlan, ...] = ()


@dataclass(frozen=True)
class GuidePlan:
    """Everything of a guide that its author writes. Its minutes are the sum of its steps, never typed."""

    title: str
    language: str
    about: str = ""
    audiences: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    grade_bands: tuple[str, ...] = ()
    group_min: int | None = None
    group_max: int | None = None
    essential_question: str = ""
    objectives: tuple[str, ...] = ()
    preparation: tuple[str, ...] = ()
    agreements: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()
    content_note: str = ""
    help_note: str = ""
    credits: str = ""
    query_words: str = ""
    query_language: str = ""
    query_minutes: int | None = None
    themes: tuple[Theme, ...] = ()
    phases: tuple[PhasePlan, ...] = ()
    stories: tuple[Story, ...] = ()

    def tidied(self) -> GuidePlan:
        """The same plan with its texts tidied; raises Missing or TooLong."""
        tidy = replace(
            self,
            **{name: prose.plain(getattr(self, name)) for name in _SHORT},
            **{name: prose.lines(getattr(self, name)) for name in _LONG},
            **{name: _entries(getattr(self, name)) for name in _LISTS},
        )
        for name, limit in (_SHORT | _LONG).items():
            if len(getattr(tidy, name)) > limit:
                raise TooLong(name, limit)
        if not tidy.title:
            raise Missing("title")
        if sum(len(phase.steps) for phase in tidy.phases) > limits.GUIDE_STEPS:
            raise TooLong("phases", limits.GUIDE_STEPS)
        return tidy


_SHORT = {
    "title": limits.TITLE,
    "credits": limits.ATTRIBUTION,
    "essential_question": limits.SHORT,
    "query_words": limits.SHORT,
}
_LONG = dict.fromkeys(("about", "content_note", "help_note"), limits.INTRODUCTION)
_LISTS = ("objectives", "preparation", "agreements", "materials")
_APART = frozenset({"phases", "stories", "themes", "audiences", "settings", "grade_bands", *_LISTS})


def _entries(raw: Sequence[str]) -> tuple[str, ...]:
    return tuple(tidy for entry in raw if (tidy := prose.plain(entry)))


@dataclass(frozen=True)
class GuideOrigin:
    """Where a guide comes from; the same `source_id` is never used twice."""

    original: Guide | None = None
    source_id: str | None = None
    is_sample: bool = False


def draft(session: Session, plan: GuidePlan, *, by: Person, at: datetime, origin: GuideOrigin | None = None) -> Guide:
    """A new guide that only its author sees."""
    origin = origin or GuideOrigin()
    plan = plan.tidied()
    guide = Guide(
        slug=slugs.for_title(plan.title),
        author=by,
        original=origin.original.original or origin.original if origin.original else None,
        source_id=origin.source_id,
        is_sample=origin.is_sample,
        created_at=at,
        version=0,
    )
    session.add(guide)
    _write(guide, plan, at=at)
    session.flush()
    return guide


def save(guide: Guide, plan: GuidePlan, *, by: Person, at: datetime, version: int) -> None:
    """Write the guide anew. Raises NotYourGuide, or StaleRevision where `version` is not the one that stands."""
    _allow(guide, by)
    if guide.version != version:
        raise StaleRevision
    _write(guide, plan.tidied(), at=at)
    _note(guide)


def publish(guide: Guide, *, by: Person, at: datetime) -> None:
    """Show the guide to everybody. It needs a step, and a note on what to do when somebody is hurting."""
    _allow(guide, by)
    if not guide.minutes:
        raise Missing("phases")
    if not guide.help_note:
        raise Missing("help_note")
    guide.published_at = guide.published_at or at
    guide.changed_at = at
    _note(guide)


def unpublish(guide: Guide, *, by: Person, at: datetime) -> None:
    """Take the guide back to its author's desk."""
    _allow(guide, by)
    guide.published_at = None
    guide.changed_at = at
    _note(guide)


def may_change(guide: Guide, person: Person) -> bool:
    """Whether `person` may save, publish or take back the guide."""
    return (guide.author_id == person.id and person.is_a(Role.EDUCATOR)) or person.is_a(Role.STEWARD)


def _allow(guide: Guide, by: Person) -> None:
    if not may_change(guide, by):
        raise NotYourGuide


def _note(guide: Guide) -> None:
    session = object_session(guide)
    if session is None:
        raise ValueError("the guide belongs to no session")
    changes.guide_changed(session, guide)


def _write(guide: Guide, plan: GuidePlan, *, at: datetime) -> None:
    for field in fields(plan):
        if field.name not in _APART:
            setattr(guide, field.name, getattr(plan, field.name))
    for name in ("audiences", "settings", "grade_bands", "themes", *_LISTS):
        setattr(guide, name, list(getattr(plan, name)))
    guide.phases = [_phase(number, phase) for number, phase in enumerate(plan.phases)]
    guide.anchors = [GuideStory(story=story, position=number) for number, story in enumerate(plan.stories)]
    guide.minutes = sum(step.minutes for phase in plan.phases for step in phase.steps)
    guide.version += 1
    guide.changed_at = at


def _phase(position: int, plan: PhasePlan) -> Phase:
    steps = [_step(number, step) for number, step in enumerate(plan.steps)]
    return Phase(position=position, title=prose.plain(plan.title), about=prose.lines(plan.about), steps=steps)


def _step(position: int, plan: StepPlan) -> Step:
    return Step(
        position=position, title=prose.plain(plan.title), minutes=plan.minutes, grouping=plan.grouping,
        instruction=prose.lines(plan.instruction), tip=prose.lines(plan.tip),
        prompts=[
            Prompt(position=number, text=prose.plain(prompt.text), depth=prompt.depth)
            for number, prompt in enumerate(plan.prompts)
        ],
    )  # fmt: skip


def plan_of(guide: Guide) -> GuidePlan:
    """The plan that stands, to be shown in a form again."""
    simple = {field.name: getattr(guide, field.name) for field in fields(GuidePlan) if field.name not in _APART}
    listed = {name: tuple(getattr(guide, name)) for name in _APART - {"phases", "stories"}}
    phases = tuple(
        PhasePlan(phase.title, phase.about, tuple(_step_plan(step) for step in phase.steps)) for phase in guide.phases
    )
    return GuidePlan(**simple, **listed, phases=phases, stories=tuple(anchor.story for anchor in guide.anchors))


def _step_plan(step: Step) -> StepPlan:
    prompts = tuple(PromptPlan(prompt.text, prompt.depth) for prompt in step.prompts)
    return StepPlan(step.title, step.minutes, step.grouping, step.instruction, step.tip, prompts)
