"""What another site sends is refused before anything is read of it."""

from __future__ import annotations

from contextvars import Context
from dataclasses import replace

import pages
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from solidarity.config import Settings
from stories.models import Person, Story

NEW = "/en/my/stories/new"
ELSEWHERE = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost:81"},
    {"Origin": "https://localhost"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://[", "Referer": "http://localhost/en/"},
    {"Origin": "https://evil.example", "Referer": "http://localhost/en/"},
    {"Referer": "https://evil.example/http://localhost/"},
]
HERE = [
    {"Sec-Fetch-Site": "same-origin"},
    {"Origin": "http://localhost"},
    {"Origin": "HTTPS://Stories.example"},
    {"Referer": "http://localhost/en/my/stories/new"},
    {"Referer": "https://stories.example/en/"},
]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, base_url="https://stories.example")


def send(client: FlaskClient, path: str, said: dict[str, str], **fields: str) -> tuple[int, list[str], str]:
    answer = client.post(path, data=fields, headers=said)
    return answer.status_code, answer.headers.getlist("Set-Cookie"), answer.text


@pytest.mark.parametrize("said", ELSEWHERE, ids=str)
@pytest.mark.parametrize("path", [NEW, "/en/stewarding/people/1/roles", "/en/account/sign-in", "/en/nowhere"])
def test_another_site_gets_a_bare_refusal_and_leaves_no_trace(
    client: FlaskClient, leader: Person, said: dict[str, str], path: str
) -> None:
    token = pages.token(client, NEW)
    status, cookies, text = send(client, path, said, csrf_token=token, title="Planted", roles="usurper")

    assert (status, cookies) == (403, [])
    assert not any(word in text for word in ("<form", "<input", "csrf_token", "Planted", "usurper", "<textarea"))
    assert client.get(NEW).status_code == 200


@pytest.mark.parametrize("said", HERE, ids=str)
def test_a_page_of_this_site_is_heard_at_whichever_of_its_addresses(
    client: FlaskClient, leader: Person, said: dict[str, str]
) -> None:
    status, _, text = send(client, NEW, said, title="Mine")

    assert (status, "Mine" in text) == (400, True)


def test_signed_out_another_site_plants_nothing_and_sets_no_cookie(client: FlaskClient, site: Session) -> None:
    status, cookies, text = send(client, NEW, {"Origin": "null"}, title="Planted")

    assert (status, cookies, "Planted" in text) == (403, [], False)
    assert list(client._cookies) == []


def test_where_nothing_says_who_sent_it_a_form_needs_its_token_and_is_not_shown_again(
    app: Flask, client: FlaskClient, leader: Person, site: Session
) -> None:
    token = pages.token(client, NEW)
    name = app.config["SESSION_COOKIE_NAME"]
    cookie = client.get_cookie(name)
    assert cookie
    app.test_client_class = FlaskClient  # one that says nothing
    silent = app.test_client()
    silent.set_cookie(name, cookie.value)
    typed = {"title": "Mine", "body": "Words.", "language": "en", "whose": "own", "teller_naming": "anonymous"}
    without, with_token = (Context().run(silent.post, NEW, data=typed | more) for more in ({}, {"csrf_token": token}))

    assert (without.status_code, "Mine" in without.text, "Set-Cookie" in without.headers) == (400, False, False)
    assert with_token.status_code == 303
    assert [story.newest_revision.title for story in site.query(Story)] == ["Mine"]
