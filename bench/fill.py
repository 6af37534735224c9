"""Fills a site with many stories, for measuring how pages grow.

    python bench/fill.py INSTANCE [--stories 10000] [--waiting 5000] [--guides 100]

INSTANCE is the folder of a site that was started once, with the samples; stop it first. Adds stories made of paragraphs
of `../shared/data/stories` (200 to 1,500 words, nine languages, a tenth of them translations), others that wait for
review, and guides, to make the numbers asked for; writes rows directly, without the verbs, then makes the index anew.
The same seed gives the same site. What was filled in is there to be read and reviewed; it has no consent ledger.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT)]

import sqlalchemy as sa  # noqa: E402 - the path comes first
from corpus import MIX, NAMES, SEED, Zipf, name  # noqa: E402

from index import sync  # noqa: E402
from solidarity.factory import create_app  # noqa: E402
from solidarity.search_engine import engine  # noqa: E402
from solidarity.web.db import db  # noqa: E402
from stories.models import Change, Guide, Organisation, Person, Revision, Role, Story, Submission, Theme  # noqa: E402
from stories.models.guides import (  # noqa: E402
    Audience,
    Depth,
    Grouping,
    GuideStory,
    Phase,
    Prompt,
    Setting,
    Step,
    guide_themes,
)
from stories.models.people import PersonRole  # noqa: E402
from stories.models.stories import Naming, Transition, revision_themes  # noqa: E402
from stories.text import prose, reading_time, slugs  # noqa: E402
from stories.wording import Words  # noqa: E402
from stories.workflow import State, Verb, Visibility  # noqa: E402

BATCH = 500
THEMES, ORGANISATIONS, PLACES = 20, 60, 180
NEWEST = datetime(2026, 11, 1, tzinfo=UTC)
Rows = list[dict[str, Any]]


def main() -> None:
    """Fill the site, and print how long it took."""
    wanted = _arguments()
    os.environ["INSTANCE_PATH"] = str(wanted.instance)
    began = time.monotonic()
    with create_app().app_context():
        filler = Filler(paragraphs(wanted.source))
        filler.stories(wanted.stories - _count(Story.visibility == Visibility.PUBLIC), State.PUBLISHED)
        filler.stories(wanted.waiting - _count(Submission.state == State.SUBMITTED), State.SUBMITTED)
        filler.guides(wanted.guides - _count(Guide.published_at.is_not(None)))
        filled = time.monotonic()
        entries = sync.rebuild(db.session, engine())
    print(f"rows {filled - began:.0f} s, index of {entries:,} entries {time.monotonic() - filled:.0f} s")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Fills a site with many stories, for measuring how pages grow.")
    parser.add_argument("instance", type=Path)
    parser.add_argument("--stories", type=int, default=10_000, help="public ones")
    parser.add_argument("--waiting", type=int, default=5_000, help="stories that wait for review")
    parser.add_argument("--guides", type=int, default=100)
    parser.add_argument("--source", type=Path, default=ROOT.parent / "shared" / "data" / "stories")
    return parser.parse_args()


def _count(condition: sa.ColumnElement[bool]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).where(condition)) or 0


def paragraphs(source: Path) -> dict[str, list[str]]:
    """Every paragraph of the stories in a folder, by language."""
    pools: dict[str, list[str]] = {language: [] for language in MIX}
    for path in sorted(source.glob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            for story in map(json.loads, lines):
                pool = pools.get(story["language"].partition("-")[0])
                if pool is not None:
                    pool += [part.replace("\n", " ") for part in story["body"].split("\n\n") if len(part) > 40]
    return pools


class Filler:
    """Writes rows in batches; ids go on from the highest there is."""

    def __init__(self, pools: dict[str, list[str]]) -> None:
        self.pools, self.chance = pools, random.Random(SEED)
        self.names, self.drawn_themes = Zipf(NAMES), Zipf(THEMES)
        self.drawn_organisations, self.drawn_places = Zipf(ORGANISATIONS), Zipf(PLACES)
        self.leader, self.moderator = _person(Role.LEADER), _person(Role.MODERATOR)
        self.themes = self._named(Theme, THEMES)
        self.organisations = self._named(Organisation, ORGANISATIONS)
        self.originals: list[tuple[int, str]] = []

    def _named(self, model: type[Theme | Organisation], wanted: int) -> Sequence[Theme | Organisation]:
        held = list(db.session.scalars(sa.select(model).order_by(model.id)))
        for number in range(len(held), wanted):
            row = model(slug=f"filled-{model.__tablename__}-{number}", name=f"{name(number).title()} {number}")
            db.session.add(row)
            held.append(row)
        db.session.commit()
        return held

    def stories(self, count: int, state: State) -> None:
        """`count` stories more, public or waiting."""
        for start in range(0, count, BATCH):
            self._batch([start + number for number in range(min(BATCH, count - start))], count, state)
            db.session.commit()

    def _batch(self, numbers: Sequence[int], count: int, state: State) -> None:
        first = {model: 1 + (db.session.scalar(sa.func.max(model.id)) or 0) for model in (Story, Revision, Submission)}
        stories, revisions, submissions, transitions, themes = [], [], [], [], []
        for place, number in enumerate(numbers):
            ids = {model: before + place for model, before in first.items()}
            at = NEWEST - timedelta(minutes=60 * (count - number))
            language = self.chance.choices(list(MIX), list(MIX.values()))[0]
            revision, chosen = self._revision(ids, language, at)
            revisions.append(revision)
            themes += [{"revision_id": ids[Revision], "theme_id": theme} for theme in chosen]
            stories.append(self._story(ids, revision["title"], language, at, state))
            submissions.append(self._submission(ids, at, state, revision["digest"]))
            transitions += self._transitions(ids, at, state)
        db.session.execute(sa.insert(Story), stories)
        for model, rows in ((Revision, revisions), (Submission, submissions), (Transition, transitions)):
            db.session.execute(sa.insert(model), rows)
        db.session.execute(sa.insert(revision_themes), themes)
        if state is State.PUBLISHED:
            shown = [{"id": row["story_id"], "published_revision_id": row["id"]} for row in revisions]
            db.session.execute(sa.update(Story), shown)
            db.session.execute(sa.insert(Change), [{"kind": "story", "subject_id": row["id"]} for row in stories])

    def _revision(self, ids: dict[type, int], language: str, at: datetime) -> tuple[dict[str, Any], list[int]]:
        chance = self.chance
        body = prose.body_from_typed("\n\n".join(self._text(language, chance.randint(200, 1500))))
        naming = chance.choices([Naming.FULL_NAME, Naming.CHOSEN_NAME, Naming.ANONYMOUS], [5, 3, 2])[0]
        chosen = sorted({self.drawn_themes.draw(chance) for _ in range(chance.randint(1, 3))})
        organisation = self.drawn_organisations.draw(chance) if chance.random() < 0.7 else None
        words = Words(
            title=" ".join(self._text(language, 6))[:70].strip(),
            body=body,
            introduction=" ".join(self._text(language, 25))[:300],
            teller_naming=naming,
            teller_name="" if naming is Naming.ANONYMOUS else name(self.names.draw(chance)).title(),
            place=f"{name(self.drawn_places.draw(chance)).title()}, Hawaiʻi" if chance.random() < 0.8 else "",
            themes=tuple(self.themes[place] for place in chosen),
            organisation=None if organisation is None else self.organisations[organisation],
        ).tidied()
        row = {
            "id": ids[Revision], "story_id": ids[Story], "number": 1, "title": words.title, "body": words.body,
            "teller_naming": naming, "teller_name": words.teller_name, "introduction": words.introduction,
            "place": words.place, "reading_minutes": reading_time.reading_minutes(prose.text_of(words.body)),
            "organisation_id": None if organisation is None else self.organisations[organisation].id,
            "digest": words.digest, "written_by_id": self.leader, "written_at": at,
        }  # fmt: skip
        return row, [self.themes[place].id for place in chosen]

    def _text(self, language: str, wanted: int) -> Iterator[str]:
        """Paragraphs of about so many words in all, a name that grows the vocabulary in each."""
        pool = self.pools[language]
        while wanted > 0:
            paragraph = pool[int(self.chance.random() * len(pool))]
            words = paragraph.split() if language not in {"zh", "km"} else []
            wanted -= len(words) or len(paragraph) // 2
            yield f"{paragraph} {name(self.names.draw(self.chance)).title()}."

    def _story(self, ids: dict[type, int], title: str, language: str, at: datetime, state: State) -> dict[str, Any]:
        original = None
        if self.originals and self.chance.random() < 0.1:
            number, spoken = self.chance.choice(self.originals[-1_000:])
            original = number if spoken != language else None
        if original is None and state is State.PUBLISHED:
            self.originals.append((ids[Story], language))
        public = state is State.PUBLISHED
        return {
            "id": ids[Story], "slug": slugs.for_title(title), "language": language, "original_id": original,
            "submitter_id": self.leader, "visibility": Visibility.PUBLIC if public else Visibility.PRIVATE,
            "consented": True, "published_at": at if public else None, "changed_at": at, "created_at": at,
        }  # fmt: skip

    def _submission(self, ids: dict[type, int], at: datetime, state: State, digest: str) -> dict[str, Any]:
        return {
            "id": ids[Submission], "story_id": ids[Story], "state": state, "revision_id": ids[Revision],
            "reviewer_id": self.moderator if state is State.PUBLISHED else None, "confirmed_digest": digest,
            "opened_at": at, "moved_at": at,
        }  # fmt: skip

    def _transitions(self, ids: dict[type, int], at: datetime, state: State) -> Rows:
        steps = [(Verb.SUBMIT, State.DRAFT, State.SUBMITTED, self.leader)]
        if state is State.PUBLISHED:
            steps += [
                (Verb.BEGIN_REVIEW, State.SUBMITTED, State.IN_REVIEW, self.moderator),
                (Verb.APPROVE, State.IN_REVIEW, State.APPROVED, self.moderator),
                (Verb.PUBLISH, State.APPROVED, State.PUBLISHED, self.moderator),
            ]
        return [
            {
                "story_id": ids[Story], "submission_id": ids[Submission], "revision_id": ids[Revision], "verb": verb,
                "start": start, "end": end, "by_id": by, "at": at, "note": "",
            }
            for verb, start, end, by in steps
        ]  # fmt: skip

    def guides(self, count: int) -> None:
        """`count` guides more, each with two phases and built around three stories."""
        public = list(db.session.scalars(sa.select(Story.id).where(Story.visibility == Visibility.PUBLIC).limit(5_000)))
        for number in range(max(0, count)):
            language = self.chance.choices(list(MIX), list(MIX.values()))[0]
            guide = self._guide(language, NEWEST - timedelta(hours=number))
            for place, story in enumerate(self.chance.sample(public, 3)):
                guide.anchors.append(GuideStory(story_id=story, position=place))
            db.session.add(guide)
            db.session.flush()
            themes = {self.themes[self.drawn_themes.draw(self.chance)].id for _ in range(2)}
            db.session.execute(sa.insert(guide_themes), [{"guide_id": guide.id, "theme_id": theme} for theme in themes])
            db.session.add(Change(kind="guide", subject_id=guide.id))
        db.session.commit()

    def _guide(self, language: str, at: datetime) -> Guide:
        title = " ".join(self._text(language, 6))[:70].strip()
        phases = [
            Phase(position=place, title=f"Phase {place + 1}", steps=[
                Step(position=number, title=f"Step {number + 1}", minutes=10, grouping=Grouping.PAIRS,
                     instruction=" ".join(self._text(language, 40)),
                     prompts=[Prompt(position=0, text=" ".join(self._text(language, 15)), depth=Depth.CONNECTION)])
                for number in range(3)
            ])
            for place in range(2)
        ]  # fmt: skip
        return Guide(
            slug=slugs.for_title(title), language=language, author_id=self.moderator, title=title,
            about=" ".join(self._text(language, 60)), audiences=[Audience.STUDENTS], settings=[Setting.CLASSROOM],
            minutes=60, phases=phases, published_at=at, changed_at=at, created_at=at,
        )  # fmt: skip


def _person(role: Role) -> int:
    found = sa.select(Person.id).join(PersonRole).where(PersonRole.role == role).order_by(Person.id).limit(1)
    number = db.session.scalar(found)
    if number is None:
        raise SystemExit(f"nobody here is a {role}: start the site once with its samples")
    return number


if __name__ == "__main__":
    main()
