"""The plan of a guide as its author sends it: tidied, and held to its limits, before it is written down."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from stories.errors import Missing, OutOfRange, TooLong
from stories.models import Story, Theme
from stories.models.guides import Audience, Depth, GradeBand, Grouping, Setting
from stories.text import languages, limits, prose


@dataclass(frozen=True)
class PromptPlan:
    """A question of a step."""

    text: str
    depth: Depth = Depth.CONNECTION


@dataclass(frozen=True)
class StepPlan:
    """One timed step, as written. A step of 0 minutes lies outside the hour: it prepares, or follows."""

    title: str
    minutes: int = 0
    grouping: Grouping = Grouping.EVERYONE
    instruction: str = ""
    tip: str = ""
    prompts: tuple[PromptPlan, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nobody wrote anything here."""
        return not (self.title or self.instruction or self.tip or self.prompts or self.minutes)

    def tidied(self) -> StepPlan:
        """The same step, tidied; raises Missing, TooLong or OutOfRange, all about "phases"."""
        prompts = (replace(prompt, text=prose.plain(prompt.text)) for prompt in self.prompts)
        tidy = replace(
            self,
            title=prose.plain(self.title),
            instruction=prose.lines(self.instruction),
            tip=prose.lines(self.tip),
            prompts=tuple(prompt for prompt in prompts if prompt.text),
        )
        if not tidy.is_empty:
            tidy._check()
        return tidy

    def _check(self) -> None:
        _within("phases", self.minutes, 0, limits.STEP_MINUTES)
        _fits("phases", len(self.prompts), limits.LIST_ENTRIES)
        _fits("phases", max(map(len, (prompt.text for prompt in self.prompts)), default=0), limits.SHORT)
        _fits("phases", len(self.instruction), limits.INTRODUCTION)
        _fits("phases", len(self.tip), limits.INTRODUCTION)
        _titled(self.title)


@dataclass(frozen=True)
class PhasePlan:
    """A part of the conversation, as written."""

    title: str
    about: str = ""
    steps: tuple[StepPlan, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nobody wrote anything here."""
        return not (self.title or self.about or self.steps)

    def tidied(self) -> PhasePlan:
        """The same phase without its empty steps; raises Missing, TooLong or OutOfRange, all about "phases"."""
        steps = tuple(step for step in map(StepPlan.tidied, self.steps) if not step.is_empty)
        tidy = PhasePlan(prose.plain(self.title), prose.lines(self.about), steps)
        if not tidy.is_empty:
            _fits("phases", len(tidy.about), limits.INTRODUCTION)
            _titled(tidy.title)
        return tidy


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

    @property
    def minutes(self) -> int:
        """How long the whole conversation takes."""
        return sum(step.minutes for phase in self.phases for step in phase.steps)

    def tidied(self) -> GuidePlan:
        """The same plan, tidied: nothing empty, nothing twice, only words that the site knows.

        Raises Missing, TooLong or OutOfRange, each with the field it is about.
        """
        phases = tuple(phase for phase in map(PhasePlan.tidied, self.phases) if not phase.is_empty)
        tidy = replace(self, **self._tidy_texts(), **self._known_words(), phases=phases)
        tidy._check_texts()
        tidy._check_numbers()
        return tidy

    def _tidy_texts(self) -> dict[str, Any]:
        return (
            {name: prose.plain(getattr(self, name)) for name in _SHORT}
            | {name: prose.lines(getattr(self, name)) for name in _LONG}
            | {name: _entries(getattr(self, name)) for name in LISTS}
        )

    def _known_words(self) -> dict[str, Any]:
        return {name: _known(kind, getattr(self, name)) for name, kind in _KINDS.items()} | {
            "query_language": self.query_language if self.query_language in languages.STORY_LANGUAGES else "",
            "themes": tuple(dict.fromkeys(self.themes)),
            "stories": tuple(dict.fromkeys(self.stories)),
        }

    def _check_texts(self) -> None:
        for name, limit in (_SHORT | _LONG).items():
            _fits(name, len(getattr(self, name)), limit)
        for name in LISTS:
            entries = getattr(self, name)
            _fits(name, len(entries), limits.LIST_ENTRIES)
            _fits(name, max(map(len, entries), default=0), limits.SHORT)
        if not self.title:
            raise Missing("title")
        if self.language not in languages.STORY_LANGUAGES:
            raise Missing("language")

    def _check_numbers(self) -> None:
        _fits("phases", len(self.phases), limits.GUIDE_PHASES)
        _fits("phases", sum(len(phase.steps) for phase in self.phases), limits.GUIDE_STEPS)
        _fits("stories", len(self.stories), limits.LIST_ENTRIES)
        _within("group_min", self.group_min, 1, limits.GROUP)
        _within("group_max", self.group_max, self.group_min or 1, limits.GROUP)
        _within("query_minutes", self.query_minutes, 1, limits.READING_MINUTES)


_SHORT = {
    "title": limits.TITLE,
    "credits": limits.ATTRIBUTION,
    "essential_question": limits.SHORT,
    "query_words": limits.SHORT,
}
_LONG = dict.fromkeys(("about", "content_note", "help_note"), limits.INTRODUCTION)
_KINDS: dict[str, type[StrEnum]] = {"audiences": Audience, "settings": Setting, "grade_bands": GradeBand}
LISTS = ("objectives", "preparation", "agreements", "materials")


def _entries(raw: Sequence[str]) -> tuple[str, ...]:
    return tuple(tidy for entry in raw if (tidy := prose.plain(entry)))


def _known(kind: type[StrEnum], raw: Iterable[str]) -> tuple[str, ...]:
    """Those members of `kind` that are in `raw`, once each and in the order of `kind`."""
    given = set(raw)
    return tuple(member.value for member in kind if member.value in given)


def _fits(field: str, size: int, limit: int) -> None:
    if size > limit:
        raise TooLong(field, limit)


def _within(field: str, number: int | None, least: int, most: int) -> None:
    if number is not None and not least <= number <= most:
        raise OutOfRange(field, least, most)


def _titled(title: str) -> None:
    if not title:
        raise Missing("phases")
    _fits("phases", len(title), limits.TITLE)
