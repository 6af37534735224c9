"""Fills a site with the attacks of strangers, in every field that people write, through the verbs people use."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle

import factories
from conftest import shared
from sqlalchemy.orm import Session

from stories.errors import Refused
from stories.models import Naming, Organisation, Person, Role, Theme
from stories.text import limits, prose
from stories.workflow import State

TO_A_STORY = 20
WORD = "lantern"  # stands in every story, so that a search finds them all


def payloads(*, core: bool = True, active: bool = True) -> list[str]:
    """The attacks: all, those that stand for a structure each, or of these the ones that would run somewhere."""
    rows = [json.loads(line) for line in shared("sanitiser", "payloads.jsonl").read_text("utf-8").splitlines()]
    return [row["payload"] for row in rows if row["core"] >= core and (row["active_if_unsanitised"] or not active)]


def batches(texts: Sequence[str]) -> Iterator[list[str]]:
    """The attacks, as many at a time as go into one story."""
    for start in range(0, len(texts), TO_A_STORY):
        yield list(texts[start : start + TO_A_STORY])


def packs(texts: Sequence[str], limit: int) -> list[str]:
    """The attacks one after the other, so many together as fit; one that is longer is cut, as people would cut it."""
    packed = [""]
    for text in (tidy for text in texts if (tidy := prose.plain(text)[:limit])):
        together = f"{packed[-1]} {text}".strip()
        if len(together) > limit:
            packed.append(text)
        else:
            packed[-1] = together
    return packed


@dataclass
class Siege:
    """Where the attacks of one batch lie: slugs of public pages, and numbers of stories that moderators read."""

    public: list[str] = field(default_factory=list)
    themes: list[str] = field(default_factory=list)
    organisations: list[str] = field(default_factory=list)
    waiting: int = 0


def lay(session: Session, batch: list[str], number: int, moderator: Person) -> Siege:
    """One story with the whole batch in every field and more for titles and names; one of them waits for review."""
    names = packs(batch, limits.SHORT)
    themes = [_theme(session, name, f"siege-{number}-{at}") for at, name in enumerate(names)]
    houses = [_organisation(session, name, f"siege-{number}-{at}") for at, name in enumerate(names)]
    people = [factories.person(session, Role.LEADER, name=name) for name in names]
    places = zip(packs(batch, limits.TITLE), cycle(names), cycle(themes), cycle(houses), cycle(people))
    siege = Siege(themes=[theme.slug for theme in themes], organisations=[house.slug for house in houses])
    for at, (title, name, theme, house, person) in enumerate(places):
        words = {
            "title": title, "teller_name": name, "place": name, "time": name, "themes": (theme,), "organisation": house,
            "teller_naming": Naming.CHOSEN_NAME, "attribution": packs(batch, limits.ATTRIBUTION)[0],
        } | (_everything(batch) if at == 0 else {})  # fmt: skip
        story = factories.story_in(session, State.PUBLISHED, moderator=moderator, by=person, **words)
        siege.public.append(story.slug)
        if at == 0:
            siege.waiting = factories.story_in(session, State.SUBMITTED, moderator=moderator, by=person, **words).id
    return siege


def _everything(batch: list[str]) -> dict[str, object]:
    short = tuple(prose.plain(text)[: limits.SHORT] for text in batch)
    long = "\n".join(batch)[: limits.INTRODUCTION]
    lists = {"pull_quotes": short, "takeaways": short, "prompts": short}
    return {"body": body(batch), "introduction": long, "content_note": long, **lists}


def body(batch: list[str]) -> str:
    """Each attack sanitised by itself, so that none hides another, then all of them together as one text."""
    alone = "".join(prose.body_from_typed(text) for text in batch)
    try:
        together = prose.body_from_typed("\n\n".join(batch))
    except Refused:
        together = ""
    return f"<p>A {WORD}.</p>{alone}{together}"


def _theme(session: Session, name: str, slug: str) -> Theme:
    row = factories.theme(session, name, slug)
    row.about, row.names = name, {"ur": name}
    return row


def _organisation(session: Session, name: str, slug: str) -> Organisation:
    row = factories.organisation(session, name, slug)
    row.about, row.place, row.website = name, name, name
    return row
