"""“Did you mean”: a near spelling in the language of the query, only when it finds more."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from index import engines, sync
from index.engines.base import Engine
from index.search import SearchRequest, search
from stories import editorial
from stories.models import Story
from tests import factories
from tests.factories import NOW


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return engines.open(tmp_path / "index")


def told(session: Session, language: str, *texts: str) -> list[Story]:
    return [
        factories.published(session, title=f"No. {n}", typed=text, language=language) for n, text in enumerate(texts)
    ]


def meant(session: Session, engine: Engine, typed: str, locale: str = "", **choices: object) -> str | None:
    session.commit()
    sync.catch_up(session, engine)
    return search(session, engine, SearchRequest(typed, locale=locale, **choices)).did_you_mean  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("language", "text", "typed", "right"),
    [
        ("en", "The bundles were ceased and preaching began.", "budnles", "bundles"),
        ("en", "The bundles were ceased and preaching began.", "cesaed", "ceased"),
        ("en", "Water for all.", "watr", "water"),
        ("en", "It was said privately.", "privatelyy", "privately"),
        ("en", "The cannery strike.", "canery stirke", "cannery strike"),
        ("vi", "Con thuyền của những người đi biển.", "những ngườii", "những người"),
        ("vi", "Giữa hai dòng sông.", "gữa", "giữa"),
        ("vi", "Con thuyền của bác Năm.", "thuyeen", "thuyền"),
        ("tl", "Maraming salamat sa inyo.", "salmat", "salamat"),
        ("tl", "Ang paglalakbay ng bata.", "paglalakbayy", "paglalakbay"),
        ("hi", "यह एक कहानी है।", "कहनी", "कहानी"),
        ("bn", "তিনি যাত্রীদের সঙ্গে কথা বলেন।", "যাত্রীদেরর", "যাত্রীদের"),
        ("ur", "مزدوروں کی ہڑتال", "مزدورں", "مزدوروں"),
        ("ko", "할머니를 만났다.", "할머를니", "할머니를"),
    ],
)
def test_a_slip_of_the_hand_is_put_right_as_a_text_writes_it(
    session: Session, engine: Engine, language: str, text: str, typed: str, right: str
) -> None:
    told(session, language, text)
    assert meant(session, engine, typed) == right


def test_the_readers_language_comes_before_commoner_words_of_others(session: Session, engine: Engine) -> None:
    told(session, "tl", "Ang salop ng bigas.", "Isang salop.", "Salop.")
    told(session, "en", "The salon was full.")
    assert meant(session, engine, "saloo", locale="en") == "salon"
    assert meant(session, engine, "saloo", locale="tl") == "salop"
    assert meant(session, engine, "saloo", locale="ko") == "salop"


def test_the_other_words_of_a_query_tell_its_language(session: Session, engine: Engine) -> None:
    told(session, "tl", "Ang salop ng bigas at kanin.")
    told(session, "en", "The salon was full of rice.", "Another salon.")
    assert meant(session, engine, "saloo ng bigas", locale="en") == "salop ng bigas"


def test_a_word_of_another_language_is_offered_where_the_reader_has_none(session: Session, engine: Engine) -> None:
    told(session, "tl", "Maraming salamat sa inyo.")
    told(session, "en", "Their salvation was near.")
    assert meant(session, engine, "salmat", locale="en") == "salamat"


@pytest.mark.parametrize("typed", ["zzzqqqx", "pigss", "xx", "solidarity", "qwrtp asdfg zxcvb hjklm"])
def test_nothing_is_offered_for_what_is_like_nothing_or_is_there(session: Session, engine: Engine, typed: str) -> None:
    told(session, "hi", "जिस दिन पानी आया, पिग भी आया।")
    told(session, "en", "Solidarity is a long table.")
    assert meant(session, engine, typed, locale="en") is None


def test_a_word_typed_in_latin_letters_is_no_slip_for_words_of_a_third_language(
    session: Session, engine: Engine
) -> None:
    told(session, "hi", "यह एक कहानी है।")
    told(session, "tl", "Ang kahang ay malaki.")
    session.commit()
    sync.catch_up(session, engine)
    results = search(session, engine, SearchRequest("kahani", locale="en"))
    assert (results.total, results.hits[0].language, results.did_you_mean) == (1, "hi", None)


def test_what_resembles_a_word_matches_by_its_sound_where_else_nothing_is_found(
    session: Session, engine: Engine
) -> None:
    told(session, "ko", "할머니를 만났다.", "할머니의 김치.")
    told(session, "en", "They sang in harmony.")
    session.commit()
    sync.catch_up(session, engine)
    results = search(session, engine, SearchRequest("halmoni", locale="en"))
    assert (results.total, results.hits[0].language, results.did_you_mean) == (2, "ko", None)


def test_a_correction_that_finds_nothing_under_the_choices_is_not_offered(session: Session, engine: Engine) -> None:
    told(session, "en", "The cannery strike.")
    assert meant(session, engine, "canery", selected_facets={"language": ["ur"]}) is None
    assert meant(session, engine, "canery", selected_facets={"language": ["en"]}) == "cannery"


def test_a_word_of_a_withdrawn_story_is_not_offered_though_the_index_lags(session: Session, engine: Engine) -> None:
    (story,) = told(session, "en", "The cannery strike.")
    assert meant(session, engine, "canery") == "cannery"
    editorial.withdraw(story, editorial.Scope.HIDE, by=story.submitter, at=NOW)
    session.commit()
    assert search(session, engine, SearchRequest("canery")).did_you_mean is None
