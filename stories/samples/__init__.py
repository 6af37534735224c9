"""Reads the sample site from the files of this folder and makes it, through the verbs that everybody uses.

The format of the files is told in README.md. What was made before is found again by its source and left as it is.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from stories import consent, editorial, guides
from stories.guides import GuidePlan, PhasePlan, PromptPlan, StepPlan
from stories.models import Guide, Method, Naming, Organisation, Person, Purpose, Role, Story, Theme
from stories.models.guides import Depth, Grouping
from stories.text import prose
from stories.wording import Words
from stories.workflow import State

Row = TypeVar("Row", Theme, Organisation)

FOLDER = Path(__file__).parent
APART = timedelta(hours=41)  # between one story and the next, so that "newest first" means something
People = Mapping[Role, Person]

AGREED = (Purpose.PUBLISH, Purpose.NAME, Purpose.TRANSLATE, Purpose.USE_IN_GUIDES, Purpose.QUOTE)


@dataclass
class Loaded:
    """What the sample site consists of now, by name, and how much of it this call made."""

    themes: dict[str, Theme] = field(default_factory=dict)
    organisations: dict[str, Organisation] = field(default_factory=dict)
    stories: dict[str, Story] = field(default_factory=dict)
    guides: dict[str, Guide] = field(default_factory=dict)
    new: int = 0


def load(session: Session, *, people: People, at: datetime) -> Loaded:
    """Make whatever of the sample site is missing; nothing is committed.

    The leader sends the stories in, the moderator reviews them, the educator writes the guides. Stories are dated back
    from `at`.
    """
    loaded = Loaded()
    for table in _read(FOLDER / "themes.toml")["theme"]:
        loaded.themes[table["slug"]] = _named(session, Theme, table, loaded)
    for table in _read(FOLDER / "organisations.toml")["organisation"]:
        loaded.organisations[table["slug"]] = _named(session, Organisation, table, loaded)
    for number, (name, told) in enumerate(_story_files().items(), start=1):
        loaded.stories[name] = _story(session, name, told, loaded, people=people, at=at - number * APART)
    for name, written in _guide_files().items():
        loaded.guides[name] = _guide(session, name, written, loaded, people=people, at=at)
    session.flush()
    return loaded


def _read(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return tomllib.load(file)


def _story_files() -> dict[str, dict[str, Any]]:
    """Every story by its name ("en/the-thermos"), the newest first: the one that opens the site, then English ones.

    Originals stand before translations.
    """
    paths = sorted((FOLDER / "stories").glob("*/*.toml"))
    files = {f"{path.parent.name}/{path.stem}": _read(path) for path in paths}
    return _originals_first(dict(sorted(files.items(), key=_age)))


def _age(file: tuple[str, dict[str, Any]]) -> tuple[bool, bool]:
    name, told = file
    return not told.get("opens", False), not name.startswith("en/")


def _guide_files() -> dict[str, dict[str, Any]]:
    """Every guide by its file name, originals before translations."""
    return _originals_first({path.stem: _read(path) for path in sorted((FOLDER / "guides").glob("*.toml"))})


def _originals_first(files: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return dict(sorted(files.items(), key=lambda pair: "translation_of" in pair[1]))


def _named(session: Session, kind: type[Row], table: dict[str, Any], loaded: Loaded) -> Row:
    row = session.scalar(select(kind).where(kind.slug == table["slug"]))
    if row is None:
        row = kind(**table)
        session.add(row)
        loaded.new += 1
    return row


# --- stories


def _story(session: Session, name: str, told: dict[str, Any], loaded: Loaded, *, people: People, at: datetime) -> Story:
    source_id, language = f"sample:{name}", told["language"]
    there = session.scalar(select(Story).where(Story.source_id == source_id, Story.language == language))
    if there is not None:
        return there
    origin = editorial.Origin(
        language, original=loaded.stories.get(told.get("translation_of", "")), source_id=source_id, is_sample=True
    )
    story = editorial.begin_story(session, _words(told, loaded), origin, by=people[Role.LEADER], at=at)
    _bring(story, State(told.get("state", "published")), told.get("note", ""), people=people, at=at)
    loaded.new += 1
    return story


def _words(told: dict[str, Any], loaded: Loaded) -> Words:
    simple = ("title", "introduction", "teller_name", "attribution", "content_note", "place", "time")
    lists = ("pull_quotes", "takeaways", "prompts")
    texts: dict[str, Any] = {name: told.get(name, "") for name in simple}
    texts |= {name: tuple(told.get(name, ())) for name in lists}
    return Words(
        body=prose.body_from_typed(told["body"]),
        teller_naming=Naming(told["teller_naming"]),
        themes=tuple(loaded.themes[slug] for slug in told["themes"]),
        organisation=loaded.organisations[told["organisation"]],
        **texts,
    )


def _bring(story: Story, end: State, note: str, *, people: People, at: datetime) -> None:
    """Take a draft step by step to the state that its file names; each step an hour after the one before."""
    hour = timedelta(hours=1)
    seen = story.newest_revision.id
    if end is State.DRAFT:
        return
    asked = consent.Circumstances(story.language, Method.IN_WRITING, evidence="An invented story of the sample site.")
    consent.record(story, dict.fromkeys(AGREED, True), asked, by=people[Role.LEADER], at=at)
    editorial.submit(story, by=people[Role.LEADER], at=at, revision_id=seen)
    if end is State.SUBMITTED:
        return
    editorial.begin_review(story, by=people[Role.MODERATOR], at=at + hour)
    if end is State.IN_REVIEW:
        return
    decided: dict[str, Any] = {"by": people[Role.MODERATOR], "at": at + 2 * hour, "revision_id": seen}
    if end is State.CHANGES_REQUESTED:
        editorial.request_changes(story, note=note, **decided)
    elif end is State.DECLINED:
        editorial.decline(story, note=note, **decided)
    else:
        editorial.approve(story, note=note, **decided)
    if end is State.PUBLISHED:
        editorial.publish(story, by=people[Role.MODERATOR], at=at + 2 * hour)


# --- guides


def _guide(
    session: Session, name: str, written: dict[str, Any], loaded: Loaded, *, people: People, at: datetime
) -> Guide:
    source_id = f"sample:{name}"
    there = session.scalar(select(Guide).where(Guide.source_id == source_id))
    if there is not None:
        return there
    original = loaded.guides.get(written.get("translation_of", ""))
    origin = guides.GuideOrigin(original=original, source_id=source_id, is_sample=True)
    guide = guides.draft(session, _plan(written, loaded), by=people[Role.EDUCATOR], at=at, origin=origin)
    guides.publish(guide, by=people[Role.EDUCATOR], at=at)
    loaded.new += 1
    return guide


def _plan(written: dict[str, Any], loaded: Loaded) -> GuidePlan:
    simple = ("about", "essential_question", "content_note", "help_note", "credits", "query_words", "query_language")
    lists = ("objectives", "preparation", "agreements", "materials")
    texts: dict[str, Any] = {name: written.get(name, "") for name in simple}
    texts |= {name: tuple(written.get(name, ())) for name in lists}
    return GuidePlan(
        title=written["title"],
        language=written["language"],
        audiences=tuple(written["audience"]),
        settings=tuple(written["setting"]),
        grade_bands=tuple(written["grade_band"]),
        group_min=written["group_min"],
        group_max=written["group_max"],
        query_minutes=written.get("query_minutes"),
        themes=tuple(loaded.themes[slug] for slug in written["themes"]),
        stories=tuple(loaded.stories[name] for name in written["stories"]),
        phases=tuple(_phase(phase) for phase in written["phase"]),
        **texts,
    )


def _phase(written: dict[str, Any]) -> PhasePlan:
    return PhasePlan(written["title"], written["about"], tuple(_step(step) for step in written["step"]))


def _step(written: dict[str, Any]) -> StepPlan:
    return StepPlan(
        title=written["title"],
        minutes=written["minutes"],
        grouping=Grouping(written["grouping"]),
        instruction=written["instruction"],
        tip=written.get("tip", ""),
        prompts=tuple(PromptPlan(prompt["text"], Depth(prompt["depth"])) for prompt in written.get("prompts", ())),
    )
