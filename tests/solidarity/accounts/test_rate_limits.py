"""How often one may try to come in."""

from __future__ import annotations

from dataclasses import replace

import pages
import pytest
from factories import person
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from solidarity.config import Settings
from stories.models import Role

SIGN_IN = "/en/account/sign-in"
PASSWORD = "a long enough password"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, rate_limits=True)


@pytest.fixture
def mo(site: Session) -> None:
    pages.account(site, person(site, Role.MODERATOR), "mo@example.org", PASSWORD)
    site.commit()


def tries(client: FlaskClient, path: str, times: int, **fields: str) -> list[int]:
    token = pages.token(client, path)
    return [client.post(path, data={"csrf_token": token, **fields}).status_code for _ in range(times)]


def test_ten_wrong_passwords_in_a_minute_are_enough(client: FlaskClient, mo: None) -> None:
    assert tries(client, SIGN_IN, 11, email="mo@example.org", password="wrong") == [422] * 10 + [429]


def test_an_account_is_guarded_from_whatever_address_one_tries(client: FlaskClient, mo: None) -> None:
    token = pages.token(client, SIGN_IN)
    fields = {"csrf_token": token, "email": "mo@example.org", "password": "wrong"}
    answers = [
        client.post(SIGN_IN, data=fields, environ_overrides={"REMOTE_ADDR": f"203.0.113.{number}"}).status_code
        for number in range(11)
    ]
    assert answers == [422] * 10 + [429]


def test_signing_in_does_not_use_up_the_tries_of_a_school(client: FlaskClient, mo: None) -> None:
    answers = []
    for _ in range(12):
        client.delete_cookie("desk")
        answers.append(pages.send(client, SIGN_IN, email="mo@example.org", password=PASSWORD).status_code)
    assert answers == [303] * 12


def test_the_page_that_asks_for_patience_gives_the_address_back_and_not_the_password(
    client: FlaskClient, mo: None
) -> None:
    token = pages.token(client, SIGN_IN)
    fields = {"csrf_token": token, "email": "mo@example.org", "password": "wrong as can be"}
    last = [client.post(SIGN_IN, data=fields) for _ in range(11)][-1]
    assert last.status_code == 429
    assert "mo@example.org" in last.text
    assert "wrong as can be" not in last.text


def test_letters_for_a_lost_password_are_few_whether_the_address_is_known_or_not(client: FlaskClient, mo: None) -> None:
    lost = "/en/account/password"
    assert tries(client, lost, 4, email="mo@example.org") == [200] * 3 + [429]
    token = pages.token(client, lost)
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    fields = {"csrf_token": token, "email": "nobody@example.org"}
    answers = [client.post(lost, data=fields, environ_overrides=elsewhere).status_code for _ in range(4)]
    assert answers == [200] * 3 + [429]
