"""The sample site: its files hold together, and it comes to be through the verbs that everybody uses."""

from __future__ import annotations

import tomllib
from datetime import datetime
from pathlib import Path

import factories as make
import pytest
from sqlalchemy.orm import Session

from stories import consent, queries, samples
from stories.models import Purpose, Role
from stories.models.guides import Audience, GradeBand, Setting
from stories.text import languages, prose
from stories.workflow import State

STORIES = sorted((samples.FOLDER / "stories").glob("*/*.toml"))
GUIDES = sorted((samples.FOLDER / "guides").glob("*.toml"))


@pytest.fixture
def people(session: Session) -> samples.People:
    return {role: make.person(session, role) for role in (Role.LEADER, Role.MODERATOR, Role.EDUCATOR)}


@pytest.mark.parametrize("path", STORIES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_pull_quote_stands_in_the_body_word_for_word(path: Path) -> None:
    told = tomllib.loads(path.read_text())
    words = prose.text_of(prose.body_from_typed(told["body"]))
    assert [quote for quote in told["pull_quotes"] if quote not in words] == []


@pytest.mark.parametrize("path", STORIES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_story_lies_in_the_folder_of_its_language_and_says_that_it_is_a_sample(path: Path) -> None:
    told = tomllib.loads(path.read_text())
    assert told["language"] == path.parent.name
    assert told["attribution"]
    assert told["takeaways"]
    assert told["prompts"]


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.stem)
def test_the_minutes_of_a_guide_are_the_sum_of_its_steps(path: Path) -> None:
    written = tomllib.loads(path.read_text())
    assert sum(step["minutes"] for phase in written["phase"] for step in phase["step"]) == written["minutes"]


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.stem)
def test_a_guide_uses_only_words_that_the_site_knows(path: Path) -> None:
    written = tomllib.loads(path.read_text())
    assert set(written["audience"]) <= set(Audience)
    assert set(written["setting"]) <= set(Setting)
    assert set(written["grade_band"]) <= set(GradeBand)
    assert written["language"] in languages.STORY_LANGUAGES


def test_the_newest_story_is_the_one_that_opens_the_site(
    session: Session, people: samples.People, now: datetime
) -> None:
    samples.load(session, people=people, at=now)
    newest = queries.public_stories(session).rows[0].published_revision
    assert newest
    assert (newest.title, newest.content_note) == ("The Paper Tablecloth", "")


def test_each_sample_story_stands_where_its_file_says(session: Session, people: samples.People, now: datetime) -> None:
    loaded = samples.load(session, people=people, at=now)
    told = {f"{path.parent.name}/{path.stem}": tomllib.loads(path.read_text()) for path in STORIES}
    assert {name: story.submission.state for name, story in loaded.stories.items() if story.submission} == {
        name: State(story.get("state", "published")) for name, story in told.items()
    }
    published = sum(story.get("state", "published") == "published" for story in told.values())
    assert queries.public_stories(session).total == published
    assert all(story.is_sample for story in loaded.stories.values())


def test_a_translation_is_linked_to_its_original(session: Session, people: samples.People, now: datetime) -> None:
    loaded = samples.load(session, people=people, at=now)
    assert loaded.stories["ur/the-paper-tablecloth"].original is loaded.stories["en/the-paper-tablecloth"]
    assert loaded.guides["the-paper-tablecloth-hour.ur"].original is loaded.guides["the-paper-tablecloth-hour"]


def test_sample_guides_are_public_and_stand_on_public_stories(
    session: Session, people: samples.People, now: datetime
) -> None:
    loaded = samples.load(session, people=people, at=now)
    assert {guide.id for guide in queries.public_guides(session)} == {guide.id for guide in loaded.guides.values()}
    assert all(anchor.story.is_public for guide in loaded.guides.values() for anchor in guide.anchors)
    assert all(guide.is_sample and guide.anchors for guide in loaded.guides.values())


def test_a_second_load_makes_nothing_new(session: Session, people: samples.People, now: datetime) -> None:
    first = samples.load(session, people=people, at=now)
    session.commit()
    again = samples.load(session, people=people, at=now)
    assert first.new == sum(map(len, (first.themes, first.organisations, first.stories, first.guides)))
    assert again.new == 0
    assert again.stories == first.stories
    assert not session.new
    assert not session.dirty


def test_nothing_of_the_sample_site_lies_in_the_future(session: Session, people: samples.People, now: datetime) -> None:
    loaded = samples.load(session, people=people, at=now)
    assert max(step.at for story in loaded.stories.values() for step in story.transitions) < now


def test_every_public_sample_story_has_its_consent_on_record(
    session: Session, people: samples.People, now: datetime
) -> None:
    loaded = samples.load(session, people=people, at=now)
    story = loaded.stories["en/the-thermos"]
    assert consent.answers_of(story) == dict.fromkeys(samples.AGREED, True)
    assert Purpose.PHOTO_OR_VOICE not in samples.AGREED
