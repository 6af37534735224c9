"""Which entries a question finds, and in what order: all the words, else most of them, and words by their sound."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from index import engines, sync
from index.engines.base import Engine
from index.query import parse
from index.results import Results
from index.search import SearchRequest, search
from stories.models import Theme
from tests import factories


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return engines.open(tmp_path / "index")


def told(session: Session, *texts: str, language: str = "en", themes: tuple[Theme, ...] = ()) -> None:
    for text in texts:
        factories.published(session, title=text[:60], typed=text, language=language, themes=list(themes))


def found(session: Session, engine: Engine, words: str, **choices: object) -> Results:
    session.commit()
    sync.catch_up(session, engine)
    return search(session, engine, SearchRequest(words, **choices))  # type: ignore[arg-type]


def titles(session: Session, engine: Engine, words: str, **choices: object) -> list[str]:
    return [hit.title for hit in found(session, engine, words, **choices).hits]


def test_what_has_every_word_comes_first_however_long_it_is(session: Session, engine: Engine) -> None:
    told(session, *(f"Mother, the letter! Mother, letter, ship. {n}" for n in range(12)))
    told(
        session, "All of them. " + "A boat came by and went. " * 300 + "Mother left a letter on the ship in the harbor."
    )
    results = found(session, engine, "mother letter ship harbor")
    assert (results.full_matches, results.total) == (1, 13)
    assert results.hits[0].title.startswith("All of them")


def test_one_more_word_never_brings_more(session: Session, engine: Engine) -> None:
    told(session, *(f"A night at the market in winter, number {n}" for n in range(11)))
    told(session, *(f"Only rain, number {n}" for n in range(20)))
    four = found(session, engine, "night market port winter").total
    assert found(session, engine, "night market port winter rain").total == four == 11


def test_narrowing_never_brings_more(session: Session, engine: Engine) -> None:
    food = factories.theme(session, "Food", "food")
    told(session, *(f"The school, the teacher, the lesson {n}" for n in range(12)))
    told(session, "The school, the teacher, the lesson with food", themes=(food,))
    told(session, *(f"The school and the teacher {n}" for n in range(5)), themes=(food,))
    anywhere = found(session, engine, "school teacher lesson")
    narrowed = found(session, engine, "school teacher lesson", selected_facets={"theme": ["food"]})
    assert (anywhere.total, anywhere.facets["theme"]["food"], narrowed.total) == (13, 1, 1)


@pytest.mark.parametrize(
    ("typed", "language", "text", "other_language", "other"),
    [
        ("gushi", "zh", "好的故事", "hi", "गुसी और नदी"),
        ("kahani", "hi", "एक कहानी", "hi", "खाना और कहाँ"),
        ("kahani", "ur", "ایک کہانی", "ur", "اچھا کھانا"),
        ("lahore", "ur", "لاہور میں", "hi", "लहरी नाव"),
        ("annyeong", "ko", "안녕 친구", "ur", "انجن انگ"),
        ("laoshi", "zh", "我的老师", "hi", "लस्सी"),
    ],
)
def test_a_word_typed_in_latin_letters_matches_by_its_sound_in_its_own_script(
    session: Session, engine: Engine, typed: str, language: str, text: str, other_language: str, other: str
) -> None:
    told(session, other, language=other_language)
    told(session, text, language=language)
    assert titles(session, engine, typed, locale="en")[0] == text


def test_a_latin_word_matches_khmer_by_its_sound_only_for_readers_of_khmer(session: Session, engine: Engine) -> None:
    told(session, "បុំបៃ", language="km")
    assert (titles(session, engine, "bombay", locale="en"), titles(session, engine, "bombay", locale="km")) == (
        [],
        ["បុំបៃ"],
    )


def test_a_phonetic_match_in_a_title_comes_before_one_in_a_text(session: Session, engine: Engine) -> None:
    factories.published(session, title="सुबह", typed="कहानी कहानी", language="hi")
    factories.published(session, title="कहानी", typed="सुबह की चाय और फिर शाम", language="hi")
    assert titles(session, engine, "kahani", locale="en") == ["कहानी", "सुबह"]


def test_words_matched_by_their_sound_are_named(session: Session, engine: Engine) -> None:
    told(session, "एक कहानी और चाय", language="hi")
    assert found(session, engine, "kahani tea", locale="en").phonetic_words == ("kahani",)
    assert found(session, engine, "कहानी", locale="en").phonetic_words == ()


def test_spaces_that_a_reader_types_part_khmer_words() -> None:
    together, apart = ([word.forms[0].terms[0] for word in parse(text).words] for text in ("ម្តាយកូន", "ម្តាយ កូន"))
    assert set(apart) < set(together)
    assert len(apart) == len(together) - 1


def test_a_question_in_chinese_asks_for_what_it_is_about() -> None:
    assert [word.forms[0].terms for word in parse("飞机怎么飞").words] == [("飞机",)]


@pytest.mark.parametrize(("typed", "text"), [("1974", "In 1914 they came."), ("lahore", "They laboured. لاہور")])
def test_a_year_and_a_phonetic_match_are_no_typing_errors(
    session: Session, engine: Engine, typed: str, text: str
) -> None:
    told(session, text, "They laboured and belabored.")
    assert found(session, engine, typed, locale="en").did_you_mean is None
