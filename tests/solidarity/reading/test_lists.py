"""Home, all stories, themes and organisations."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager

import factories as make
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from solidarity import search_engine
from solidarity.web.db import db
from stories.models import Organisation, Theme
from stories.workflow import State

TITLE = re.compile(r'<h\d class="entry__title[^>]*><a href="[^"]+">([^<]+)</a>')


def titles(client: FlaskClient, path: str) -> list[str]:
    answer = client.get(path)
    assert answer.status_code == 200
    return [html.unescape(title) for title in TITLE.findall(answer.get_data(as_text=True))]


@contextmanager
def queries_counted(engine: Engine) -> Iterator[list[str]]:
    """Every question that is put to the database meanwhile."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.startswith("SELECT"):
            sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def test_home_opens_with_a_story_in_the_readers_language_and_shows_three_ways_in(
    client: FlaskClient, site: Session
) -> None:
    make.published(site, language="ur", title="اردو", introduction="ایک", pull_quotes=("دو",))
    make.published(site, title="Newest of all")
    site.commit()

    page = client.get("/ur/").get_data(as_text=True)

    opening = re.search(r'<h2 class="opening__title[^>]*><a href="[^"]+">([^<]+)', page)
    assert opening
    assert opening[1] == "اردو"
    assert "Newest of all" in page
    for address in ('href="/ur/stories"', 'href="/ur/share"', 'href="/ur/guides"'):
        assert address in page


def test_home_does_not_open_with_a_story_that_needs_a_note_first(client: FlaskClient, site: Session) -> None:
    greets = {"introduction": "One.", "pull_quotes": ("Two.",)}
    make.published(site, title="Warm", **greets)
    make.published(site, title="Hard", content_note="A funeral.", **greets)
    site.commit()

    opening = re.search(r'<h2 class="opening__title[^>]*><a href="[^"]+">([^<]+)', client.get("/en/").text)
    assert opening
    assert opening[1] == "Warm"


def test_an_empty_site_still_has_a_home(client: FlaskClient) -> None:
    for path in ("/en/", "/en/stories", "/en/themes", "/en/organisations", "/en/search", "/en/how-to-use"):
        assert client.get(path).status_code == 200


def test_all_stories_are_listed_newest_first_and_only_what_is_public(client: FlaskClient, site: Session) -> None:
    for title in ("First", "Second", "Third"):
        make.published(site, title=title)
    make.story_in(site, State.APPROVED, title="Not yet")
    site.commit()

    assert titles(client, "/en/stories") == ["Third", "Second", "First"]


def test_stories_are_narrowed_by_theme_language_and_organisation_and_choices_can_be_undone(
    client: FlaskClient, site: Session
) -> None:
    labour, harbor = make.theme(site, "Labour", "labour"), make.organisation(site, "Harbor", "harbor")
    make.published(site, title="All three", language="ur", themes=(labour,), organisation=harbor)
    make.published(site, title="Theme only", themes=(labour,))
    make.published(site, title="None")
    site.commit()

    assert titles(client, "/en/stories?theme=labour") == ["Theme only", "All three"]
    assert titles(client, "/en/stories?language=ur") == ["All three"]
    assert titles(client, "/en/stories?organisation=harbor") == ["All three"]
    assert titles(client, "/en/stories?theme=labour&language=en") == ["Theme only"]
    assert titles(client, "/en/stories?theme=nowhere") == []
    page = html.unescape(client.get("/en/stories?theme=labour&language=ur").get_data(as_text=True))
    assert 'class="chip" href="/en/stories?language=ur"' in page
    assert 'class="chip" href="/en/stories?theme=labour"' in page
    assert 'href="/en/stories"><span class="visually-hidden">Remove' not in page


def test_both_scripts_of_chinese_are_found_under_chinese(client: FlaskClient, site: Session) -> None:
    for tag in ("zh", "zh-Hans", "zh-Hant"):
        make.published(site, language=tag, title=tag)
    site.commit()

    assert titles(client, "/en/stories?language=zh") == ["zh-Hant", "zh-Hans", "zh"]


def test_long_lists_are_paged(client: FlaskClient, site: Session) -> None:
    for number in range(23):
        make.published(site, title=f"Story {number:02}")
    site.commit()

    assert titles(client, "/en/stories") == [f"Story {number:02}" for number in range(22, 2, -1)]
    assert titles(client, "/en/stories?page=2") == ["Story 02", "Story 01", "Story 00"]
    assert titles(client, "/en/stories?page=3") == []
    assert 'href="/en/stories?page=2"' in client.get("/en/stories?page=999").get_data(as_text=True)


@pytest.mark.parametrize("page", ["0", "-1", "x", "", "1.5", "٣", "9" * 5000, "%00", "1 OR 1=1"])
def test_a_page_nobody_can_mean_breaks_nothing(client: FlaskClient, site: Session, page: str) -> None:
    make.published(site)
    site.commit()

    for path in ("/en/stories", "/en/search"):
        assert client.get(f"{path}?page={page}").status_code == 200


def test_a_theme_shows_its_name_in_the_readers_language_and_its_stories(client: FlaskClient, site: Session) -> None:
    labour = make.theme(site, "Labour", "labour")
    labour.names = {"ur": "محنت"}
    make.published(site, title="With", themes=(labour,))
    make.published(site, title="Without")
    site.commit()

    assert titles(client, "/ur/themes/labour") == ["With"]
    assert "محنت" in client.get("/ur/themes/labour").get_data(as_text=True)
    assert titles(client, "/ur/themes") == ["محنت"]
    assert client.get("/en/themes/nowhere").status_code == 404


def test_an_organisation_shows_its_stories_and_links_only_to_real_web_addresses(
    client: FlaskClient, site: Session
) -> None:
    harbor = make.organisation(site, "Harbor", "harbor")
    harbor.website = "javascript:alert(1)"
    make.published(site, title="Ours", organisation=harbor)
    site.commit()

    assert titles(client, "/en/organisations/harbor") == ["Ours"]
    assert "javascript:" not in client.get("/en/organisations/harbor").get_data(as_text=True)
    assert titles(client, "/en/organisations") == ["Harbor"]
    assert client.get("/en/organisations/nowhere").status_code == 404


@pytest.mark.parametrize("path", ["/en/", "/en/stories", "/en/themes/labour", "/en/organisations/harbor", "/en/search"])
def test_a_longer_list_asks_no_more_questions(app: Flask, client: FlaskClient, path: str) -> None:
    with app.app_context():
        labour, harbor = make.theme(db.session, "Labour", "labour"), make.organisation(db.session, "Harbor", "harbor")
        add_story(labour, harbor)
        engine = db.engine
    client.get(path)
    with queries_counted(engine) as for_one:
        client.get(path)
    with app.app_context():
        add_story(db.session.merge(labour), db.session.merge(harbor))
        add_story(db.session.merge(labour), db.session.merge(harbor))
    client.get(path)  # what is remembered of a state of the site is worked out
    with queries_counted(engine) as for_three:
        client.get(path)

    assert len(for_three) == len(for_one)
    assert 0 < len(for_one) <= 15


def add_story(theme: Theme, organisation: Organisation) -> None:
    """A story and its translation, findable."""
    story = make.published(db.session, themes=(theme,), organisation=organisation)
    make.published(db.session, language="bn", original=story, themes=(theme,), organisation=organisation)
    db.session.commit()
    search_engine.catch_up()
