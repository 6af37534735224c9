"""What goes with what, and why."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from index import engines, related, sync
from index.engines.base import Engine
from index.related import source_document
from stories import editorial
from stories.models import Guide, Story
from tests import factories
from tests.factories import NOW


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return engines.open(tmp_path / "index")


@pytest.fixture
def strike(session: Session) -> Story:
    labour = factories.theme(session, "Labour", "labour")
    food = factories.theme(session, "Food", "food")
    strike = told(session, "The cannery strike", "We shut the cannery down in Astoria.", themes=[labour])
    told(session, "Si Rosa", "The sewing women walked out.", themes=[labour], original=strike, language="tl")
    told(session, "Sewing", "The women of the workshop walked out.", themes=[labour])
    told(session, "Astoria", "My uncle packed salmon in the cannery.")
    told(session, "Soup", "We cooked soup for everyone.", themes=[food])
    told(session, "Nothing", "An evening alone.")
    return strike


def told(session: Session, title: str, typed: str, **changes: object) -> Story:
    return factories.published(session, title=title, typed=typed, **changes)


def guide(session: Session, **changes: object) -> Guide:
    author = factories.person(session)
    made = Guide(
        slug=f"guide-{author.id}", language="en", author_id=author.id, published_at=NOW, changed_at=NOW, created_at=NOW,
        **{"title": "A conversation", **changes},
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def ready(session: Session, engine: Engine) -> None:
    session.commit()
    sync.rebuild(session, engine)


def test_near_a_story_are_those_with_its_theme_or_its_words(session: Session, engine: Engine, strike: Story) -> None:
    ready(session, engine)
    near = related.related_stories(session, engine, source_document(session, engine, strike))
    assert {(each.story.published_revision.title, each.why) for each in near if each.story.published_revision} == {
        ("Sewing", "Labour"),
        ("Astoria", "cannery · Astoria"),
    }


def test_a_withdrawn_story_is_near_to_nothing(session: Session, engine: Engine, strike: Story) -> None:
    ready(session, engine)
    editorial.withdraw(strike, editorial.Scope.HIDE, by=strike.submitter, at=NOW)
    session.commit()
    assert source_document(session, engine, strike) is None


def test_a_guide_goes_with_a_story_of_its_theme(session: Session, engine: Engine, strike: Story) -> None:
    assert strike.published_revision is not None
    made = guide(session, themes=list(strike.published_revision.themes))
    guide(session, title="Another")
    ready(session, engine)
    near = related.related_guides(session, engine, source_document(session, engine, strike))
    assert [(each.guide.id, each.why) for each in near] == [(made.id, "Labour")]


def test_a_guides_saved_query_finds_stories_by_words_and_language(
    session: Session, engine: Engine, strike: Story
) -> None:
    made = guide(session, query_words="soup salmon", query_language="en", query_minutes=5)
    ready(session, engine)
    found = related.stories_for_guide(session, engine, made)
    assert {(each.story.published_revision.title, each.why) for each in found if each.story.published_revision} == {
        ("Soup", "soup"),
        ("Astoria", "salmon"),
    }


def test_a_guide_without_a_saved_query_finds_the_stories_of_its_themes(
    session: Session, engine: Engine, strike: Story
) -> None:
    assert strike.published_revision is not None
    made = guide(session, themes=list(strike.published_revision.themes))
    ready(session, engine)
    assert {each.why for each in related.stories_for_guide(session, engine, made)} == {"Labour"}


@pytest.mark.parametrize(
    ("language", "text", "key_term"),
    [
        ("bn", "আমার নৌকা থেকে", "নৌকা"),
        ("vi", "của một chiếc thuyền", "thuyền"),
        ("ur", "میرے کشتی کرنے", "کشتی"),
    ],
)
def test_words_that_every_text_uses_tell_nothing(
    session: Session, engine: Engine, language: str, text: str, key_term: str
) -> None:
    made = [told(session, title, text, language=language) for title in ("1", "2")]
    ready(session, engine)
    words = {*source_document(session, engine, made[0]).words.values()}
    assert key_term in words
    assert words.isdisjoint({"আমার", "থেকে", "của", "một", "میرے", "کرنے"})
