"""Search as readers use it."""

from __future__ import annotations

import html
import re
import shutil
from pathlib import Path

import factories as make
import pytest
from flask import Flask
from flask.testing import FlaskClient

from solidarity import search_engine
from solidarity.config import Settings
from solidarity.web.db import db
from stories import editorial
from stories.editorial import Scope
from stories.models import Story


@pytest.fixture
def library(app: Flask) -> dict[str, Story]:
    """Four stories that can be found."""
    with app.app_context():
        water, harbor = make.theme(db.session, "Water", "water"), make.organisation(db.session, "Harbor", "harbor")
        told = {
            "net": make.published(db.session, title="The Net Shed", typed="Boats tied up.", themes=(water,)),
            "canoe": make.published(db.session, title="The Canoe", typed="Boats & <b>paddles</b>", organisation=harbor),
            "urdu": make.published(db.session, title="کشتی", typed="کشتی پانی میں", language="ur", themes=(water,)),
        }
        told["network"] = make.published(db.session, title="নৌকা", typed="জাল", language="bn", original=told["net"])
        db.session.commit()
        search_engine.catch_up()
    return told


def page(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def titles(client: FlaskClient, path: str) -> list[str]:
    found = re.findall(r'<h2 class="entry__title[^>]*><a href="[^"]+">(.*?)</a>', page(client, path))
    return [html.unescape(re.sub(r"</?mark>", "", title)) for title in found]


def test_a_word_of_a_story_finds_it_and_is_marked(client: FlaskClient, library: dict[str, Story]) -> None:
    found = page(client, "/en/search?q=paddles")

    assert titles(client, "/en/search?q=paddles") == ["The Canoe"]
    assert "Boats &amp; <mark>paddles</mark>" in found
    assert f'href="/en/stories/{library["canoe"].slug}"' in found
    assert "1 result" in found


def test_a_translation_is_offered_with_the_story_it_belongs_to(client: FlaskClient, library: dict[str, Story]) -> None:
    found = page(client, "/en/search?q=net+shed")

    assert f'<a href="/bn/stories/{library["network"].slug}" hreflang="bn"><bdi>বাংলা</bdi></a>' in found


def test_a_page_says_that_a_word_was_found_by_its_sound(client: FlaskClient, library: dict[str, Story]) -> None:
    assert titles(client, "/en/search?q=kashti") == ["کشتی"]
    said = "Nothing has the word <bdi>kashti</bdi> as you typed it. These have a word that sounds like it."
    assert said in page(client, "/en/search?q=kashti")
    assert "sounds like" not in page(client, "/en/search?q=boats")


def test_without_words_everything_is_listed(client: FlaskClient, library: dict[str, Story]) -> None:
    assert sorted(titles(client, "/en/search")) == ["The Canoe", "The Net Shed", "کشتی"]
    assert sorted(titles(client, "/en/search?q=+++")) == ["The Canoe", "The Net Shed", "کشتی"]


def test_choices_narrow_a_search_and_are_removed_one_by_one(client: FlaskClient, library: dict[str, Story]) -> None:
    assert titles(client, "/en/search?q=boats&theme=water") == ["The Net Shed"]
    assert titles(client, "/en/search?q=boats&organisation=harbor") == ["The Canoe"]
    assert titles(client, "/en/search?language=ur&theme=water") == ["کشتی"]

    found = html.unescape(page(client, "/en/search?q=boats&theme=water&language=en"))
    assert 'class="chip" href="/en/search?q=boats&language=en"' in found
    assert 'class="chip" href="/en/search?q=boats&theme=water"' in found
    assert 'class="chip chip--clear" href="/en/search?q=boats"' in found
    assert '<input type="hidden" name="theme" value="water">' in found


def test_an_empty_result_offers_a_way_on(client: FlaskClient, library: dict[str, Story]) -> None:
    found = html.unescape(page(client, "/en/search?q=boats&language=ur&theme=water"))

    assert "Nothing was found" in found
    assert 'href="/en/search?q=boats"' in found
    assert 'href="/en/search?q=boats&language=en"' in found
    assert 'href="/en/search?theme=water"' in found
    assert 'href="/en/stories"' in found


def test_what_was_withdrawn_is_never_shown_though_the_index_still_has_it(
    app: Flask, client: FlaskClient, library: dict[str, Story]
) -> None:
    with app.app_context():
        story = db.session.get_one(Story, library["canoe"].id)
        editorial.withdraw(story, Scope.HIDE, by=story.submitter, at=make.NOW)
        db.session.commit()

    assert titles(client, "/en/search?q=paddles") == []
    assert "paddles</mark>" not in page(client, "/en/search?q=paddles")


def test_words_come_back_into_the_box_escaped(client: FlaskClient, library: dict[str, Story]) -> None:
    found = page(client, "/en/search?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&theme=%3Cb%3E")

    assert 'value="&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"' in found
    assert "<script>alert" not in found
    assert "<b>" not in found


def test_a_page_past_the_end_says_so_and_leads_back(client: FlaskClient, library: dict[str, Story]) -> None:
    found = page(client, "/en/search?page=900&q=boats")

    assert "The list ends before this page" in found
    assert 'href="/en/search?q=boats"' in found


def test_a_broken_index_is_a_page_of_its_own_and_the_stories_stay_readable(
    client: FlaskClient, library: dict[str, Story], settings: Settings
) -> None:
    shutil.rmtree(Path(settings.search_url.removeprefix("whoosh:")))

    answer = client.get("/en/search?q=boats")

    assert answer.status_code in {200, 503}
    assert client.get("/en/stories").status_code == 200
    assert client.get(f"/en/stories/{library['net'].slug}").status_code == 200


def test_a_choice_that_finds_nothing_speaks_of_no_words_where_there_are_none(
    client: FlaskClient, library: dict[str, Story]
) -> None:
    found = page(client, "/en/search?theme=none")
    assert "Without your choices" in found
    assert "The same words" not in found
    assert "one word instead of several" not in found
    assert "The same words" in page(client, "/en/search?q=boats&theme=none")


def test_one_word_of_a_script_without_spaces_is_not_called_several(client: FlaskClient, app: Flask) -> None:
    with app.app_context():
        for title in ("ភ្នំភ្លើង", "ភ្លើង", "ភ្នំ"):
            make.published(db.session, title=title, typed=title, language="km")
        db.session.commit()
        search_engine.catch_up()
    assert "every word" not in page(client, "/en/search?q=ភ្នំភ្លើងធំ")


@pytest.mark.parametrize("sort", ["", "newest", "shortest"])
def test_how_many_have_every_word_is_said_in_any_order(
    client: FlaskClient, library: dict[str, Story], sort: str
) -> None:
    found = page(client, f"/en/search?q=boats+paddles+kayaks&sort={sort}")
    assert "none holds every word" in found


def test_a_printed_search_says_its_whole_address(client: FlaskClient, library: dict[str, Story]) -> None:
    found = page(client, "/ur/search?q=پانی&theme=water")
    assert 'print-address">http://127.0.0.1:5000/ur/search?q=پانی&amp;theme=water</p>' in found
