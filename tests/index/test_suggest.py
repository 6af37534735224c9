"""Suggestions while a reader types."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from index import engines, sync
from index.engines.base import Engine
from index.suggest import Suggestion, suggestions
from stories import editorial
from stories.models import Naming, Story
from tests import factories
from tests.factories import NOW


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return engines.open(tmp_path / "index")


def told(session: Session, title: str, **changes: object) -> Story:
    return factories.published(session, title=title, typed=title, **changes)


def offered(session: Session, engine: Engine, typed: str, **more: str) -> list[str]:
    session.commit()
    sync.catch_up(session, engine)
    return [suggestion.text for suggestion in suggestions(session, engine, typed, **more)]


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("cann", "The Cannery Strike"),
        ("strike", "The Cannery Strike"),
        ("the can", "The Cannery Strike"),
        ("thuy", "Chiếc thuyền của bác Năm"),
        ("THUYỀ", "Chiếc thuyền của bác Năm"),
        ("कहा", "दादी की कहानियाँ"),
        ("圖書", "社区图书馆"),
        ("图", "社区图书馆"),
        ("할머", "할머니의 김치"),
        ("អប្ស", "របាំអប្សរា"),
        ("ភ្នំភ្លើងខ", "ភ្នំភ្លើង ខ្ជាកផេះ"),
        ("ភ្នំភ្លើងខ្", "ភ្នំភ្លើង ខ្ជាកផេះ"),
        ("ភ្នំភ្លើងខ្ជ", "ភ្នំភ្លើង ខ្ជាកផេះ"),
        ("ភ្ន", "ភ្នំភ្លើង ខ្ជាកផេះ"),
        ("لاه", "لاہور کی گلی"),
    ],
)
def test_a_title_is_offered_from_the_beginning_of_a_word(
    session: Session, engine: Engine, typed: str, title: str
) -> None:
    told(session, title)
    told(session, "Something else")
    assert offered(session, engine, typed) == [title]


def test_places_themes_organisations_and_named_tellers_are_offered(session: Session, engine: Engine) -> None:
    labour = factories.theme(session, "Manual labour")
    harbour = factories.organisation(session, "Manila Harbour")
    told(session, "Maria", place="Manila", teller_name="Manuel", themes=[labour], organisation=harbour)
    session.commit()
    sync.catch_up(session, engine)
    assert set(suggestions(session, engine, "man")) == {
        Suggestion("Manual labour", "theme", value=labour.slug),
        Suggestion("Manila Harbour", "organisation", value=harbour.slug),
        Suggestion("Manila", "place", value="Manila"),
        Suggestion("Manuel", "teller"),
    }


def test_a_theme_is_offered_in_the_readers_language_and_as_first_given(session: Session, engine: Engine) -> None:
    labour = factories.theme(session, "Labour")
    labour.names = {"ur": "محنت"}
    told(session, "نانی کی دکان", language="ur", themes=[labour])
    assert offered(session, engine, "مح", locale="ur") == ["محنت"]
    assert offered(session, engine, "lab", locale="ur") == ["Labour"]


def test_a_theme_that_leads_nowhere_is_not_offered(session: Session, engine: Engine) -> None:
    factories.theme(session, "Labour")
    told(session, "Nanay Rosa")
    assert offered(session, engine, "lab") == []


def test_a_name_is_offered_once_however_it_is_written(session: Session, engine: Engine) -> None:
    told(session, "The Moon and the Cap", place="A valley")
    told(session, "The moon and the cap", place="The Moon")
    assert offered(session, engine, "moo") == ["The moon and the cap", "The Moon"]


def test_a_teller_without_a_name_is_never_offered(session: Session, engine: Engine) -> None:
    told(session, "Maria", teller_name="Manuel", teller_naming=Naming.ANONYMOUS)
    assert offered(session, engine, "manu") == []


def test_a_withdrawn_story_is_not_offered_though_the_index_lags(session: Session, engine: Engine) -> None:
    made = told(session, "The Cannery Strike")
    assert offered(session, engine, "cann") == ["The Cannery Strike"]
    editorial.withdraw(made, editorial.Scope.HIDE, by=made.submitter, at=NOW)
    session.commit()
    assert suggestions(session, engine, "cann") == ()


def test_what_begins_with_the_words_typed_comes_first(session: Session, engine: Engine) -> None:
    told(session, "Our river")
    told(session, "River of rice")
    assert offered(session, engine, "riv") == ["River of rice", "Our river"]


@pytest.mark.parametrize("typed", ["", " ", "****", "\ud800", '"', "x" * 10_000])
def test_nothing_is_offered_for_nothing(session: Session, engine: Engine, typed: str) -> None:
    told(session, "The Cannery Strike")
    assert offered(session, engine, typed) == []
