"""What a guide's page shows beside the words of its author: the clock, the stories that are public, its languages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from index import related
from index.engines.base import Engine
from stories import queries
from stories.guides import allowed_stories
from stories.models import Guide, Step, Story
from stories.models.guides import Depth, Grouping

FOUND = 5  # stories that the index offers beside the anchored ones


def clock(minutes: int) -> str:
    """Minutes after the start as hours and minutes: 75 is 1:15."""
    return f"{minutes // 60}:{minutes % 60:02}"


@dataclass(frozen=True)
class TimedStep:
    """A step, when it begins (minutes after the start), and its questions by depth."""

    step: Step
    starts: int
    questions: Sequence[tuple[Depth, Sequence[str]]]

    @property
    def clock(self) -> str:
        """When it begins; empty for a step outside the time of the conversation."""
        return clock(self.starts) if self.step.minutes else ""

    @property
    def grouping(self) -> Grouping:
        """How people sit for it."""
        return self.step.grouping


@dataclass(frozen=True)
class TimedPhase:
    """A part of the conversation with its timed steps."""

    title: str
    about: str
    steps: Sequence[TimedStep]

    @property
    def minutes(self) -> int:
        """How long this part takes."""
        return sum(timed.step.minutes for timed in self.steps)

    @property
    def clock(self) -> str:
        """When it begins; empty for a part outside the time of the conversation."""
        return clock(self.steps[0].starts) if self.minutes else ""

    @property
    def has_questions(self) -> bool:
        """Whether there is anything for a participant to talk about."""
        return any(timed.questions for timed in self.steps)


@dataclass(frozen=True)
class FoundStory:
    """A story that the index found for a guide, and why."""

    story: Story
    why: str


@dataclass(frozen=True)
class GuidePage:
    """A guide as its page shows it now."""

    guide: Guide
    phases: Sequence[TimedPhase]
    anchored: Sequence[Story]
    offered: Sequence[FoundStory]
    languages_by_root: dict[int, list[str]]
    relatives: Sequence[Guide]

    @property
    def ends(self) -> str:
        """When the conversation ends; empty while it has no timed step."""
        return clock(self.guide.minutes) if self.guide.minutes else ""


def page_of(session: Session, engine: Engine, guide: Guide) -> GuidePage:
    """Everything that the page of `guide` shows at this moment."""
    anchored = allowed_stories.anchored(session, guide)
    offered = _offered(session, engine, guide, {story.root_id for story in anchored})
    roots = {story.root_id for story in [*anchored, *(one.story for one in offered)]}
    relatives = queries.public_guide_translations(session, [guide.root_id])[guide.root_id]
    return GuidePage(
        guide=guide,
        phases=list(_timed(guide)),
        anchored=anchored,
        offered=offered,
        languages_by_root=queries.public_languages_by_root(session, roots),
        relatives=[other for other in relatives if other.id != guide.id],
    )


def _timed(guide: Guide) -> Iterator[TimedPhase]:
    """The phases that have steps, with one clock running through all of them."""
    now = 0
    for phase in guide.phases:
        steps = []
        for step in phase.steps:
            steps.append(TimedStep(step, now, _by_depth(step)))
            now += step.minutes
        if steps:
            yield TimedPhase(phase.title, phase.about, steps)


def _by_depth(step: Step) -> list[tuple[Depth, list[str]]]:
    groups = [(depth, [prompt.text for prompt in step.prompts if prompt.depth is depth]) for depth in Depth]
    return [(depth, texts) for depth, texts in groups if texts]


def _offered(session: Session, engine: Engine, guide: Guide, known: set[int]) -> list[FoundStory]:
    """What the index finds for the guide's saved query, without the stories it has already."""
    found = related.stories_for_guide(session, engine, guide, limit=FOUND + len(known))
    stories = allowed_stories.allowed_by_id(session, (near.story.id for near in found))
    fitting = (FoundStory(stories[near.story.id], near.why) for near in found if near.story.id in stories)
    return list(_new(fitting, known))[:FOUND]


def _new(offered: Iterable[FoundStory], known: set[int]) -> Iterator[FoundStory]:
    for one in offered:
        if one.story.root_id not in known:
            yield one
