"""Signing in by a letter: its owner gets in, once, whatever strangers try; and nobody learns who has an account."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pages
import pytest
import rivals
from factories import NOW, person
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from solidarity.accounts import sign_in_letter, sign_in_limits, sign_in_links
from solidarity.accounts.models import Account, SignInLink
from solidarity.config import Settings
from solidarity.letters import corrections
from stories.models import Role

ASK = "/en/account/letter"
SIGN_IN = "/en/account/sign-in"
MO = "mo@example.org"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, rate_limits=True)


@pytest.fixture
def mo(site: Session) -> Account:
    row = pages.account(site, person(site, Role.MODERATOR, name="Mo Tran"), MO)
    site.commit()
    return row


@pytest.fixture
def letters(app: Flask) -> Callable[[], list[str]]:
    return lambda: [pages.text_of(letter) for letter in pages.letters(app)]


def link_in(letter: str) -> str:
    found = re.search(r"http://127\.0\.0\.1:5000(/\S+)", letter)
    assert found, letter
    return found[1]


def test_the_letter_lets_its_owner_in_once(client: FlaskClient, mo: Account, letters: Callable[[], list[str]]) -> None:
    asked = pages.send(client, ASK, email=" MO@example.org ")
    link = link_in(letters()[-1])
    page = client.get(link)
    entered = pages.send(client, link)

    assert (asked.status_code, page.status_code, "As Mo Tran, on this device." in page.text) == (303, 200, True)
    assert (entered.status_code, entered.location) == (303, "/en/workspace")
    assert client.get("/en/moderating").status_code == 200
    client.delete_cookie("desk")
    again = client.post(link, data={"csrf_token": pages.token(client, ASK)})
    assert (again.status_code, again.location) == (303, ASK)
    assert "used already" in client.get(ASK).text
    assert client.get("/en/moderating").status_code == 302


def test_a_program_that_looks_into_letters_signs_nobody_in(
    client: FlaskClient, mo: Account, letters: Callable[[], list[str]]
) -> None:
    pages.send(client, ASK, email=MO)
    link = link_in(letters()[-1])
    assert [client.get(link).status_code for _ in range(3)] == [200] * 3
    assert client.get("/en/moderating").status_code == 302
    assert pages.send(client, link).location == "/en/workspace"


def test_strangers_who_shut_the_password_for_somebody_do_not_shut_the_letter(
    app: Flask, client: FlaskClient, mo: Account, letters: Callable[[], list[str]]
) -> None:
    token = pages.token(client, SIGN_IN)
    wrong = {"csrf_token": token, "email": MO, "password": "wrong"}
    for number in range(41):
        client.post(SIGN_IN, data=wrong, environ_overrides={"REMOTE_ADDR": f"203.0.113.{number}"})
    for _ in range(12):
        pages.send(client, ASK, email=MO)

    hers = app.test_client()
    shut = pages.send(hers, SIGN_IN, email=MO, password="a long enough password")
    assert (shut.status_code, len(letters())) == (429, 1)
    assert pages.send(hers, link_in(letters()[0])).location == "/en/workspace"
    hers.delete_cookie("desk")
    known = pages.send(hers, SIGN_IN, email=MO, password="a long enough password")
    assert known.status_code == 303


@pytest.mark.parametrize("email", ["nobody@example.org", "closed@example.org", MO])
def test_nobody_learns_who_has_an_account(
    client: FlaskClient, site: Session, mo: Account, email: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages.account(site, person(site), "closed@example.org").active = False
    site.commit()
    waited: list[float] = []
    monkeypatch.setattr(sign_in_letter, "sleep", waited.append)
    answer = pages.send(client, ASK, email=email)

    assert (answer.status_code, answer.location) == (303, ASK)
    assert "If this address has an account here" in client.get(ASK).text
    assert len(waited) == 1  # an answer takes as long for everybody


@pytest.mark.parametrize("email", ["", "mo", "mo@", "mo@example.org\x00", "x" * 5_000])
def test_what_is_no_address_is_said_beside_the_field_and_kept(client: FlaskClient, mo: Account, email: str) -> None:
    answer = pages.send(client, ASK, email=email)

    assert (answer.status_code, "Please write an e-mail address" in answer.text) == (422, True)
    assert email.strip("\x00") in answer.text


def test_somebody_invited_gets_the_invitation_again(
    client: FlaskClient, site: Session, mo: Account, letters: Callable[[], list[str]]
) -> None:
    mo.password = None
    site.commit()
    pages.send(client, ASK, email=MO)

    assert "/en/account/password/" in letters()[-1]


@pytest.mark.parametrize("token", ["x", "a.b", "a" * 3_000])
def test_a_broken_link_leads_to_a_new_one(client: FlaskClient, token: str) -> None:
    assert client.get(f"{ASK}/{token}").location == ASK


def test_a_link_is_worth_nothing_after_an_hour_a_newer_one_or_a_closure(site: Session, mo: Account) -> None:
    late, early = NOW + timedelta(hours=1), NOW + timedelta(minutes=59)
    first = sign_in_links.make(site, mo, at=NOW)
    second = sign_in_links.make(site, mo, at=NOW)
    site.flush()
    found = [
        sign_in_links.account_for(site, token, at=at) for token, at in ((first, NOW), (second, late), (second, early))
    ]
    mo.active = False

    assert found == [None, None, mo]
    assert sign_in_links.account_for(site, second, at=NOW) is None


def test_the_token_is_not_kept(site: Session, mo: Account) -> None:
    token = sign_in_links.make(site, mo, at=NOW)
    site.flush()

    assert token not in repr(vars(site.query(SignInLink).one()))


def test_of_two_who_use_a_link_at_the_same_moment_one_gets_in(
    app: Flask, settings: Settings, site: Session, mo: Account
) -> None:
    token = sign_in_links.make(site, mo, at=NOW)
    site.commit()

    def use(session: Session) -> Callable[[], bool]:
        sign_in_links.account_for(session, token, at=NOW)
        return lambda: sign_in_links.use(session, token, at=NOW) is not None

    assert sorted(rivals.at_once(settings.database_url, use, use)) == [False, True]


def test_one_letter_in_five_minutes_whether_the_address_is_known_or_not(app: Flask) -> None:
    with app.test_request_context():
        sent = [sign_in_limits.may_send_letter("a", email) for email in (MO, MO, "n@example.org", "n@example.org")]

    assert sent == [True, False, True, False]


def test_a_letter_to_an_address_that_was_left_lets_nobody_in(
    client: FlaskClient, app: Flask, site: Session, mo: Account, letters: Callable[[], list[str]]
) -> None:
    pages.send(client, ASK, email=MO)
    link = link_in(letters()[-1])
    corrections.change_address(site, mo, "mo@new.example")
    site.commit()
    assert client.get(link).location == ASK
