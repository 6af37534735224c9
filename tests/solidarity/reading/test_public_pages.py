"""What holds for every public page: no cookie, the same bytes for everyone, kept by caches that ask again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import quote

import factories as make
import pytest
from conftest import shared
from flask import Flask
from flask.testing import FlaskClient
from pages import account, sign_in

from solidarity import search_engine
from solidarity.web.db import db
from stories import editorial
from stories.models import Role, Story

PAGES = (
    "/en/", "/ur/", "/en/stories", "/ur/stories?theme=labour&page=2", "/en/stories/{slug}", "/km/stories/{slug}",
    "/en/themes", "/en/themes/labour", "/en/organisations", "/en/organisations/harbor", "/en/search",
    "/en/search?q=water", "/en/how-to-use", "/en/about", "/en/privacy", "/en/concern", "/robots.txt", "/sitemap.xml",
    "/sitemap-pages.xml", "/sitemap-stories-1.xml",
    "/api/v1/stories", "/api/v1/stories/{slug}", "/api/v1/search?q=water", "/api/v1/guides",
)  # fmt: skip


@pytest.fixture
def story(app: Flask) -> Iterator[Story]:
    with app.app_context():
        labour, harbor = make.theme(db.session, "Labour", "labour"), make.organisation(db.session, "Harbor", "harbor")
        story = make.published(db.session, themes=(labour,), organisation=harbor)
        db.session.commit()
        search_engine.catch_up()
        db.session.refresh(story)
        db.session.expunge(story)
    return story


def test_public_pages_set_no_cookie_and_are_the_same_bytes_for_somebody_who_is_signed_in(
    app: Flask, story: Story
) -> None:
    anonymous, moderator = app.test_client(), app.test_client()
    with app.app_context():
        someone = account(db.session, make.person(db.session, Role.MODERATOR, Role.LEADER))
        db.session.commit()
        sign_in(moderator, someone)

    for path in PAGES:
        address = path.format(slug=story.slug)
        for_everyone, for_moderator = anonymous.get(address), moderator.get(address)
        assert for_everyone.status_code == 200, address
        assert for_everyone.data == for_moderator.data, address
        for answer in (for_everyone, for_moderator):
            assert "Set-Cookie" not in answer.headers, address
            assert "Vary" not in answer.headers, address


def test_public_pages_may_be_kept_by_any_cache_which_must_ask_again(client: FlaskClient, story: Story) -> None:
    for path in PAGES:
        address = path.format(slug=story.slug)
        first = client.get(address)
        assert first.headers["Cache-Control"] == "public, max-age=0, must-revalidate", address
        again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b""), address


def test_a_page_changes_its_tag_with_its_words(app: Flask, client: FlaskClient, story: Story) -> None:
    path = f"/en/stories/{story.slug}"
    before = client.get(path).headers["ETag"]
    with app.app_context():
        row = db.session.get_one(Story, story.id)
        editorial.archive(row, by=make.person(db.session, Role.MODERATOR), at=make.NOW, note="Old")
        db.session.commit()

    assert client.get(path, headers={"If-None-Match": before}).status_code == 200


def test_pages_that_are_not_there_set_no_cookie_either(client: FlaskClient) -> None:
    for path in ("/en/stories/nowhere", "/en/nowhere", "/xx/stories", "/en/themes/nowhere", "/api/v1/stories/nowhere"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers.get("Set-Cookie")) == (404, None)


def test_an_address_that_leads_nowhere_says_so_in_the_language_of_its_path(client: FlaskClient) -> None:
    pages = [client.get(path).text for path in ("/ur/nowhere", "/xx/nowhere", "/nowhere/")]
    assert [re.search(r'<html lang="(\w+)"', page)[1] for page in pages] == ["ur", "en", "en"]  # type: ignore[index]


def test_the_front_door_leads_to_the_readers_language(client: FlaskClient) -> None:
    answer = client.get("/", headers={"Accept-Language": "ur-PK,ur;q=0.9,en;q=0.5"})

    assert (answer.status_code, answer.headers["Location"]) == (302, "/ur/")
    assert "Accept-Language" in answer.headers["Vary"]


@pytest.mark.parametrize(
    "path", ["/search?q=rice%26salt&theme=water", "/stories/the-net?x=1", "/guides", "/account/sign-in"]
)
def test_an_address_without_a_language_leads_to_the_readers(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"Accept-Language": "ur-PK,ur;q=0.9,en;q=0.5"})

    assert (answer.status_code, answer.headers["Location"]) == (302, f"/ur{path}")
    assert "Accept-Language" in answer.headers["Vary"]
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/nowhere", "/xx/search", "/api/v1/nowhere", "/static/none.css"])
def test_an_address_that_lacks_more_than_a_language_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(path, follow_redirects=True).status_code == 404
    assert client.post("/stories/the-net").status_code in {404, 405}


def test_addresses_under_zh_lead_to_the_simplified_script(client: FlaskClient) -> None:
    answer = client.get("/zh/search?q=%E6%B0%B4")

    assert (answer.status_code, answer.headers["Location"]) == (301, "/zh-Hans/search?q=%E6%B0%B4")


def test_machines_are_told_where_the_stories_are(client: FlaskClient, story: Story) -> None:
    assert "Sitemap: http://127.0.0.1:5000/sitemap.xml" in client.get("/robots.txt").get_data(as_text=True)
    parts = re.findall(r"<loc>http://127.0.0.1:5000(.+?)</loc>", client.get("/sitemap.xml").text)
    assert parts == ["/sitemap-pages.xml", "/sitemap-stories-1.xml"]
    assert "<loc>http://127.0.0.1:5000/ur/how-to-use</loc>" in client.get(parts[0]).text
    sitemap = client.get(parts[1]).text
    assert f"<loc>http://127.0.0.1:5000/en/stories/{story.slug}</loc>" in sitemap


def test_a_parameter_named_like_one_of_our_own_breaks_nothing(client: FlaskClient) -> None:
    query = "endpoint=x&_external=1&_scheme=a&_anchor=q&_method=z&slug=1&locale=ur&values=q&self=1"

    for path in ("/en/stories", "/en/search", "/en/"):
        assert client.get(f"{path}?{query}").status_code == 200


@pytest.mark.parametrize(
    "path", ["/en/search?q={}", "/en/stories?theme={}&language={}", "/en/stories/{}", "/api/v1/search?q={}&theme={}"]
)
def test_hostile_text_in_an_address_is_never_an_error_of_ours(client: FlaskClient, story: Story, path: str) -> None:
    one_of_each_category = {row["category"]: row["text"] for row in _hostile()}
    for text in (*one_of_each_category.values(), *LONG, "\x00", "\ud800"):
        assert _status(client, path, text) < 500, ascii(text[:80])


@pytest.mark.long
@pytest.mark.parametrize("path", ["/en/search?q={}", "/en/stories/{}", "/api/v1/search?q={}&language={}"])
def test_no_hostile_text_at_all_in_an_address_is_an_error_of_ours(client: FlaskClient, story: Story, path: str) -> None:
    for row in _hostile():
        assert _status(client, path, row["text"]) < 500, row["id"]


LONG = [letter * 10_000 for letter in ("x", "(", '"', "*", "-", "\u0300", "क्", "AND ", "%")]


def _status(client: FlaskClient, path: str, text: str) -> int:
    written = quote(text.encode("utf-8", "surrogatepass"), safe="")
    return client.get(path.replace("{}", written)).status_code


def _hostile() -> list[dict[str, str]]:
    rows = (json.loads(line) for line in shared("hostile_text", "strings.jsonl").read_text("utf-8").splitlines())
    return [row for row in rows if "text" in row]
