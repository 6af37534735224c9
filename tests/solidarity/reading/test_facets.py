"""Narrowing a search and putting it in order: the address is the saved search."""

from __future__ import annotations

import html
import re

import factories as make
import pytest
from flask import Flask
from flask.testing import FlaskClient

from solidarity import search_engine
from solidarity.web.db import db
from stories import guides
from stories.models import Role


@pytest.fixture
def library(app: Flask) -> None:
    """Three stories and a guide about rice, each different in all that a search can be narrowed to."""
    with app.app_context():
        water, harbor = make.theme(db.session, "Water", "water"), make.organisation(db.session, "Harbor", "harbor")
        make.published(
            db.session, title="Long rice", typed="rice " * 1200, themes=(water,), organisation=harbor, place="Stockton",
            time="1974",
        )  # fmt: skip
        make.published(
            db.session, title="Short rice", typed="rice", place="<Manila>", content_note="Hunger", time="1981"
        )
        make.published(db.session, title="چاول", typed="چاول rice", language="ur", themes=(water,))
        _guide()
        db.session.commit()
        search_engine.catch_up()


def _guide() -> None:
    educator = make.person(db.session, Role.EDUCATOR)
    plan = guides.GuidePlan(
        "Rice together", "en", audiences=("teachers",), settings=("online", "campus"), grade_bands=("9-12",),
        group_min=2, group_max=6, help_note="Call.",
        phases=(guides.PhasePlan("Talk", steps=(guides.StepPlan("Begin", 25),)),),
    )  # fmt: skip
    guides.publish(guides.draft(db.session, plan, by=educator, at=make.NOW), by=educator, at=make.NOW)


def page(client: FlaskClient, query: str) -> str:
    answer = client.get(f"/en/search?{query}")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def titles(client: FlaskClient, query: str) -> list[str]:
    found = re.findall(r'<h2 class="entry__title[^>]*><a href="[^"]+">(.*?)</a>', page(client, query))
    return [html.unescape(re.sub(r"</?mark>", "", title)) for title in found]


def offered(client: FlaskClient, query: str) -> dict[str, dict[str, int]]:
    """The groups of choices on the page: what each choice is called, and the number beside it."""
    groups = re.findall(
        r'<details class="facet"[^>]*>\s*<summary>(.*?)</summary>(.*?)</details>', page(client, query), re.DOTALL
    )
    option = re.compile(r"<bdi>(.*?)</bdi></span> <span class=\"facet__count\">(\d+)</span>")
    return {
        html.unescape(title): {html.unescape(label): int(count) for label, count in option.findall(options)}
        for title, options in groups
    }


def test_every_group_in_which_there_is_something_to_choose_is_shown(client: FlaskClient, library: None) -> None:
    assert offered(client, "q=rice") == {
        "Kind": {"Stories": 3, "Conversation guides": 1},
        "Language": {"English": 3, "اردو": 1},
        "Theme": {"Water": 2},
        "Organisation": {"Harbor": 1},
        "Place": {"<Manila>": 1, "Stockton": 1},
        "When it happened": {"1970–1979": 1, "1980–1989": 1},
        "Reading time": {"Up to 3 minutes": 2, "4 to 10 minutes": 1},
        "Content note": {"Without a content note": 3},
        "Where a guide is used": {"Campus": 1, "Online": 1},
        "Size of the group": {"Two people": 1, "3 to 8 people": 1},
    }


def test_counts_stay_right_under_the_other_choices(client: FlaskClient, library: None) -> None:
    found = offered(client, "q=rice&language=en&content_note=no")

    assert found["Language"] == {"English": 2, "اردو": 1}
    assert found["Kind"] == {"Conversation guides": 1, "Stories": 1}
    assert found["Theme"] == {"Water": 1}
    assert found["Content note"] == {"Without a content note": 2}
    assert "Reading time" not in found  # one story is left: there is nothing to choose


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("place=Stockton", ["Long rice"]),
        ("decade=1980s", ["Short rice"]),
        ("length=medium", ["Long rice"]),
        ("format=text&length=short", ["Short rice", "چاول"]),
        ("content_note=no&kind=story", ["Long rice", "چاول"]),
        ("audience=teachers", ["Rice together"]),
        ("setting=online&grade_band=9-12&minutes=30&group_size=small", ["Rice together"]),
        ("minutes=15", []),
        ("decade=none", []),
    ],
)
def test_each_facet_narrows_the_search(client: FlaskClient, library: None, query: str, left: list[str]) -> None:
    assert sorted(titles(client, f"q=rice&{query}")) == left


def test_each_choice_is_named_counted_and_taken_back_by_itself(client: FlaskClient, library: None) -> None:
    found = html.unescape(page(client, "q=rice&place=Stockton&length=medium&decade=1970s&sort=newest"))

    assert 'class="chip" href="/en/search?q=rice&decade=1970s&length=medium&sort=newest"' in found
    assert 'class="chip" href="/en/search?q=rice&place=Stockton&length=medium&sort=newest"' in found
    assert 'class="chip" href="/en/search?q=rice&place=Stockton&decade=1970s&sort=newest"' in found
    assert 'class="chip chip--clear" href="/en/search?q=rice&sort=newest"' in found
    assert re.findall(r"<bdi>(.*?)</bdi> <svg", found) == ["Stockton", "1970–1979", "4 to 10 minutes"]
    assert '<span class="narrowing__chosen">3 chosen</span>' in found
    assert '<input type="hidden" name="sort" value="newest">' in found


def test_a_choice_that_nothing_has_can_still_be_taken_back(client: FlaskClient, library: None) -> None:
    found = page(client, "q=rice&place=%3Cb%3Enowhere")

    assert "&lt;b&gt;nowhere" in found
    assert offered(client, "q=rice&place=nowhere")["Place"] == {"<Manila>": 1, "Stockton": 1, "nowhere": 0}


def test_results_are_put_in_the_order_asked_for(client: FlaskClient, library: None) -> None:
    assert titles(client, "q=rice&kind=story&language=en&sort=shortest") == ["Short rice", "Long rice"]
    assert len(titles(client, "q=rice&sort=newest")) == 4

    found = html.unescape(page(client, "q=rice&sort=shortest&kind=story"))
    assert '<a href="/en/search?q=rice&kind=story">Best match</a>' in found
    assert '<a href="/en/search?q=rice&kind=story&sort=newest">Newest</a>' in found
    assert '<a href="/en/search?q=rice&kind=story&sort=shortest" aria-current="true">Shortest</a>' in found


def test_without_words_the_newest_come_first_and_nothing_matches_best(client: FlaskClient, library: None) -> None:
    found = page(client, "sort=relevance")

    assert "Best match" not in found
    assert '<a href="/en/search" aria-current="true">Newest</a>' in found


def test_an_unknown_order_is_the_usual_one(client: FlaskClient, library: None) -> None:
    assert titles(client, "q=rice&sort=loudest") == titles(client, "q=rice")


def test_nothing_to_choose_leaves_no_empty_margin(client: FlaskClient, library: None) -> None:
    found = page(client, "q=zzzqqqx")

    assert "<aside" not in found.split("<main", 1)[1]
    assert "columns--margin-first" not in found


def test_an_empty_result_offers_the_theme_it_was_narrowed_to_and_the_right_spelling(
    client: FlaskClient, library: None
) -> None:
    found = html.unescape(page(client, "q=togethr&theme=water"))

    assert '<a href="/en/search?q=together"><bdi>together</bdi></a>' in found
    assert (
        '<a class="tag" href="/en/search?theme=water"><bdi>Water</bdi> <span class="tag__count">2</span></a>' in found
    )


def test_the_right_spelling_is_asked_in_the_language_of_the_page_and_escaped(
    client: FlaskClient, library: None
) -> None:
    found = page(client, "q=%3Ctogethr%3E")
    urdu = client.get("/ur/search?q=togethr").get_data(as_text=True)

    assert 'Did you mean <a href="/en/search?q=%3Ctogether%3E"><bdi>&lt;together&gt;</bdi></a>?' in found
    assert 'کیا آپ کا مطلب <a href="/ur/search?q=together"><bdi>together</bdi></a> تھا؟' in urdu
