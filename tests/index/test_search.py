"""What a reader gets for what they type."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from index import engines, sync
from index.engines.base import Engine
from index.results import Alternatives, MatchReason
from index.search import SearchRequest, search
from stories import editorial, guides
from stories.models import Role, Story, Theme
from tests import factories
from tests.factories import NOW


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return engines.open(tmp_path / "index")


def titles(session: Session, engine: Engine, words: str, **choices: object) -> list[str]:
    sync.catch_up(session, engine)
    return [hit.title for hit in search(session, engine, SearchRequest(words, **choices)).hits]  # type: ignore[arg-type]


def story(session: Session, title: str, typed: str = "", **changes: object) -> Story:
    made = factories.published(session, title=title, typed=typed or title, **changes)
    session.commit()
    return made


def guide(session: Session, title: str, themes: list[Theme], minutes: int, **changes: object) -> None:
    step = guides.StepPlan("Talk", minutes)
    plan = guides.GuidePlan(
        title,
        "en",
        help_note="Call.",
        themes=tuple(themes),
        phases=(guides.PhasePlan("Talk", steps=(step,)),),
        **changes,  # type: ignore[arg-type]
    )
    author = factories.person(session, Role.EDUCATOR)
    guides.publish(guides.draft(session, plan, by=author, at=NOW), by=author, at=NOW)


def test_a_word_of_a_story_finds_it_with_the_word_marked(session: Session, engine: Engine) -> None:
    made = story(session, "The Strike", "We shut the cannery down. Nobody <worked>.")
    sync.catch_up(session, engine)
    (hit,) = search(session, engine, SearchRequest("cannery")).hits
    assert (hit.kind, hit.subject_id, hit.slug, hit.language) == ("story", made.id, made.slug, "en")
    assert hit.excerpt.startswith("We shut the <mark>cannery</mark> down. Nobody")
    assert hit.why == ()


def test_a_withdrawn_story_is_not_shown_though_the_index_lags(session: Session, engine: Engine) -> None:
    made = story(session, "The Strike")
    sync.catch_up(session, engine)
    editorial.withdraw(made, editorial.Scope.HIDE, by=made.submitter, at=NOW)
    session.commit()
    assert search(session, engine, SearchRequest("strike")).hits == ()


def test_stories_with_some_of_the_words_follow_when_none_has_all(session: Session, engine: Engine) -> None:
    story(session, "The Strike", "The cannery was shut down by the women.")
    sync.catch_up(session, engine)
    results = search(session, engine, SearchRequest("cannery women bicycle"))
    assert (results.total, results.full_matches, results.relaxed) == (1, 0, True)
    assert results.hits[0].why == (MatchReason("missing", "bicycle"),)


def test_two_words_must_both_be_there_if_any_story_has_both(session: Session, engine: Engine) -> None:
    story(session, "Levi Stratton")
    story(session, "Levi")
    assert titles(session, engine, "levi stratton") == ["Levi Stratton"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ('"brown rice"', ["Brown rice"]),
        ('"rice brown"', []),
        ("rice -brown", ["Rice brought home"]),
        ("-brown", ["Rice brought home"]),
        ("bro*", ["Brown rice", "Rice brought home"]),
        ('rice -"brought home"', ["Brown rice"]),
        ("ricé*", ["Brown rice", "Rice brought home"]),
    ],
)
def test_phrases_exclusions_and_beginnings(session: Session, engine: Engine, words: str, found: list[str]) -> None:
    story(session, "Brown rice")
    story(session, "Rice brought home")
    assert sorted(titles(session, engine, words)) == found


def test_a_whole_title_comes_first_however_long_the_others_dwell_on_its_words(session: Session, engine: Engine) -> None:
    story(session, "The river", "The river. The river! River, river, river.")
    story(session, "Over the river", "The river, the river over the river.")
    assert titles(session, engine, "Over the RIVER")[0] == "Over the river"
    assert titles(session, engine, "the river")[0] == "The river"


def test_a_story_and_its_translations_are_one_result_in_the_readers_language(session: Session, engine: Engine) -> None:
    original = story(session, "Nanay Rosa", language="en")
    story(session, "Si Nanay Rosa", language="tl", original=original)
    sync.catch_up(session, engine)
    results = search(session, engine, SearchRequest("rosa", locale="tl"))
    assert (results.total, [hit.title for hit in results.hits]) == (1, ["Si Nanay Rosa"])
    assert [(each.language, each.title, each.slug) for each in results.hits[0].translations] == [
        ("en", "Nanay Rosa", original.slug)
    ]


def test_the_readers_language_comes_first(session: Session, engine: Engine) -> None:
    story(session, "Rosa Rosa", "Rosa and Rosa", language="en")
    story(session, "Rosa", "Si Rosa ay nagluto ng hapunan para sa lahat", language="tl")
    assert titles(session, engine, "rosa", locale="tl") == ["Rosa", "Rosa Rosa"]


def test_facet_counts_ignore_the_choice_made_in_that_facet(session: Session, engine: Engine) -> None:
    labour, food = (factories.theme(session, name, slug) for name, slug in (("Labour", "labour"), ("Food", "food")))
    story(session, "The strike", themes=[labour], language="en")
    story(session, "The strike kitchen", themes=[labour, food], language="en")
    story(session, "Welga: strike", themes=[food], language="tl")
    sync.catch_up(session, engine)
    results = search(
        session, engine, SearchRequest("strike", selected_facets={"theme": ["labour"], "language": ["en"]})
    )
    assert results.total == 2
    assert dict(results.facets["theme"]) == {"labour": 2, "food": 1}
    assert dict(results.facets["language"]) == {"en": 2}


def test_plain_chinese_means_both_scripts_and_a_tag_means_one(session: Session, engine: Engine) -> None:
    story(session, "图书馆", language="zh-Hans")
    story(session, "圖書館", language="zh-Hant")
    assert sorted(titles(session, engine, "圖書館", selected_facets={"language": ["zh"]})) == ["图书馆", "圖書館"]
    assert titles(session, engine, "圖書館", selected_facets={"language": ["zh-Hant"]}) == ["圖書館"]
    story(session, "圖書館: کتب خانہ", language="ur")
    assert len(titles(session, engine, "圖書館", selected_facets={"language": ["zh-Hant", "ur"]})) == 2
    assert len(titles(session, engine, "圖書館", selected_facets={"language": ["zh", "ur"]})) == 3


def test_no_words_list_everything_and_a_page_past_the_end_is_empty(session: Session, engine: Engine) -> None:
    story(session, "One")
    assert titles(session, engine, "  ") == ["One"]
    assert titles(session, engine, "", page=7) == []


def test_an_empty_result_offers_a_way_on(session: Session, engine: Engine) -> None:
    labour = factories.theme(session, "Labour", "labour")
    story(session, "Welga", themes=[labour], language="tl")
    sync.catch_up(session, engine)
    narrowed = search(session, engine, SearchRequest("welga", selected_facets={"language": ["en"]}))
    assert (narrowed.total, narrowed.alternatives) == (0, Alternatives(1, {"tl": 1}, {"labour": 1}))
    nowhere = search(session, engine, SearchRequest("zzzzqqqq"))
    assert nowhere.alternatives == Alternatives(0, {}, {"labour": 1})
    unheard_of = search(session, engine, SearchRequest("", selected_facets={"organisation": ["none"]}))
    assert unheard_of.alternatives == Alternatives(1, {"tl": 1}, {"labour": 1})


def test_an_empty_result_offers_the_same_theme_and_the_spelling_that_finds_more_without_the_choices(
    session: Session, engine: Engine
) -> None:
    labour, food = (factories.theme(session, name, slug) for name, slug in (("Labour", "labour"), ("Food", "food")))
    story(session, "Cannery", themes=[labour], language="en")
    story(session, "Rice and rice", themes=[food], language="en")
    sync.catch_up(session, engine)
    results = search(session, engine, SearchRequest("canery", selected_facets={"theme": ["food"]}))
    assert (results.did_you_mean, results.alternatives) == (None, Alternatives(0, {}, {"food": 1}, spelling="cannery"))


def test_every_count_beside_a_choice_is_what_the_choice_brings(session: Session, engine: Engine) -> None:
    labour, food = (factories.theme(session, name, slug) for name, slug in (("Labour", "labour"), ("Food", "food")))
    harbour = factories.organisation(session, "Harbour", "harbour")
    first = story(session, "Rice", "rice " * 900, themes=[labour], organisation=harbour, place="Stockton", time="1974")
    story(session, "Bigas", "rice", language="tl", original=first, themes=[labour], place="Manila", time="1980")
    story(session, "Rice cake", "rice", themes=[food], place="Stockton", content_note="Hunger", time="spring 1975")
    guide(session, "Rice together", [food], minutes=30, audiences=("teachers",), group_min=2, group_max=6)
    guide(session, "More rice", [labour], minutes=100, settings=("online",), grade_bands=("adult", "9-12"))
    session.commit()
    sync.catch_up(session, engine)
    for chosen in ({}, {"theme": ["labour"]}, {"place": ["Stockton"], "kind": ["story"]}, {"content_note": ["no"]}):
        found = search(session, engine, SearchRequest("rice", selected_facets=chosen)).facets
        brought = {
            name: {
                value: search(session, engine, SearchRequest("rice", selected_facets={**chosen, name: [value]})).total
                for value in values
            }
            for name, values in found.items()
        }
        assert brought == {name: dict(values) for name, values in found.items()}
        assert {name for name, values in found.items() if values} >= {"kind", "theme", "language", "content_note"}


@pytest.mark.parametrize(
    ("typed", "meant", "language", "text"),
    [
        ("solidarty", "solidarity", "en", "Solidarity is a long table."),
        ("canery strike", "cannery strike", "en", "The cannery strike lasted."),
        ("कहनी", "कहानी", "hi", "यह एक कहानी है।"),
        ("nguơì", None, "vi", "Một người đi qua cầu."),
    ],
)
def test_a_misspelt_word_brings_the_right_one_when_that_finds_more(
    session: Session, engine: Engine, typed: str, meant: str | None, language: str, text: str
) -> None:
    story(session, "A story", text, language=language)
    sync.catch_up(session, engine)
    assert search(session, engine, SearchRequest(typed)).did_you_mean == meant


def test_why_it_matched_is_said_when_it_was_not_the_word_typed(session: Session, engine: Engine) -> None:
    story(session, "Qua cầu", "Một người đi qua cầu.", language="vi", place="Little Saigon")
    sync.catch_up(session, engine)
    (hit,) = search(session, engine, SearchRequest("nguoi saigon")).hits
    assert set(hit.why) == {MatchReason("form", "nguoi", "người"), MatchReason("name", "saigon", "Little Saigon")}


def test_the_pieces_of_a_word_have_one_reason_and_a_phrase_is_quoted_as_typed(session: Session, engine: Engine) -> None:
    story(session, "社区图书馆", language="zh-Hans")
    story(session, "Quoted", "Her stories of brown rice.")
    sync.catch_up(session, engine)
    (hit,) = search(session, engine, SearchRequest("社區圖書館")).hits
    assert hit.why == (MatchReason("form", "社區圖書館", "社区图书馆"),)
    (hit,) = search(session, engine, SearchRequest('her "brown rices"')).hits
    assert hit.why == (MatchReason("form", "brown rices", "brown rice"),)


def test_no_reason_is_given_for_a_word_that_the_excerpt_has_no_room_for(session: Session, engine: Engine) -> None:
    story(session, "Three", "The war came. A horse fell. They slept. Soldiers sang.", place="Saigon")
    sync.catch_up(session, engine)
    assert search(session, engine, SearchRequest("horse war soldier")).hits[0].why == ()
    assert search(session, engine, SearchRequest("horse war saigon")).hits[0].why == (
        MatchReason("name", "saigon", "Saigon"),
    )


@pytest.mark.parametrize(
    ("language", "title", "text", "typed"),
    [
        ("en", "Sailing Home", "She sailed away.", "sailing"),
        ("ur", "دادی کے کیلے", "دادی نے کیلوں کے پتے پلٹے۔", "دادی کے کیلے"),
        ("ko", "집으로부터 떠난 날", "우리는 집으로 갔다.", "집으로부터"),
        ("en", "Away", "She sailed. They slept. Home was far. A ship. Sailing was slow.", "home ship sailing"),
    ],
)
def test_no_reason_is_given_for_a_word_that_stands_there_as_typed(
    session: Session, engine: Engine, language: str, title: str, text: str, typed: str
) -> None:
    story(session, title, text, language=language)
    sync.catch_up(session, engine)
    assert search(session, engine, SearchRequest(typed)).hits[0].why == ()


@pytest.mark.parametrize("text", ["她铺上纸桌布。", "她洗了桌布，铺上纸桌布。"])
def test_a_reason_quotes_all_of_what_was_typed_of_it(session: Session, engine: Engine, text: str) -> None:
    story(session, "纸桌布", text, language="zh-Hans")
    sync.catch_up(session, engine)
    (hit,) = search(session, engine, SearchRequest("紙桌布")).hits
    assert hit.why == (MatchReason("form", "紙桌布", "纸桌布"),)


def test_newest_and_shortest_first(session: Session, engine: Engine) -> None:
    story(session, "Long", "rice " * 3000)
    story(session, "Short", "rice")
    assert titles(session, engine, "rice", sort="shortest") == ["Short", "Long"]


def test_sorted_by_date_only_stories_with_every_word_are_listed(session: Session, engine: Engine) -> None:
    story(session, "All", "rice fish salt water fire bread")
    story(session, "Some", "rice and more rice")
    assert titles(session, engine, "rice fish salt water fire bread", sort="newest") == ["All"]
    assert titles(session, engine, "rice fish salt water fire bread") == ["All", "Some"]


@pytest.mark.parametrize("words", ["word", "wor*", '"two words"', "-without", "***"])
def test_an_empty_index_answers_anything_with_nothing(session: Session, engine: Engine, words: str) -> None:
    assert search(session, engine, SearchRequest(words)).total == 0
