"""How often one may try to come in: strangers are slowed down, nobody is kept out."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from tempfile import TemporaryDirectory
from typing import Any

import pages
import pytest
from factories import person
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from solidarity.config import Settings
from solidarity.web import rate_limit_storage, rate_limits
from solidarity.web.rate_limit_storage import FileStorage
from stories.models import Role

SIGN_IN = "/en/account/sign-in"
LOST = "/en/account/password"
PASSWORD = "a long enough password"
MO = "mo@example.org"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, rate_limits=True)


@pytest.fixture
def mo(site: Session) -> None:
    pages.account(site, person(site, Role.MODERATOR), MO, PASSWORD)
    site.commit()


@pytest.fixture
def browser(app: Flask) -> Callable[..., Any]:
    """Makes a browser of its own, and a function that tries a password with it from some network."""

    def new(network: str = "203.0.113.1") -> Callable[..., TestResponse]:
        client = app.test_client()

        def enter(password: str = "wrong", email: str = MO, network: str = network) -> TestResponse:
            client.delete_cookie("desk")
            token = pages.token(client, SIGN_IN)
            return client.post(
                SIGN_IN,
                data={"csrf_token": token, "email": email, "password": password},
                environ_overrides={"REMOTE_ADDR": network},
            )

        return enter

    return new


def test_a_stranger_gets_one_letter_in_five_minutes_however_often_somebody_names_their_address(
    app: Flask, client: FlaskClient, site: Session
) -> None:
    pages.signed_in(site, client, person(site, Role.LEADER))
    form = "/en/account/address"
    answers = [pages.send(client, form, email=email).status_code for email in ("bo@b.example", "BO@b.example")]
    assert (answers, len(list((app.config["SETTINGS"].instance_path / "mail").glob("*.eml")))) == ([303, 422], 1)


def statuses(enter: Callable[..., TestResponse], times: int, *typed: str) -> list[int]:
    return [enter(*typed).status_code for _ in range(times)]


def test_ten_wrong_passwords_from_a_network_are_enough_for_a_while(browser: Any, mo: None) -> None:
    enter = browser()
    answers = [enter() for _ in range(11)]

    assert [answer.status_code for answer in answers] == [422] * 10 + [429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 600
    assert enter(PASSWORD).status_code == 429


def test_however_an_address_is_written_its_tries_are_counted_together(browser: Any, mo: None) -> None:
    enter = browser()
    written = ["mo@example.org", "MO@Example.org", " mo@example.org "]
    assert [enter("wrong", written[number % 3]).status_code for number in range(11)] == [422] * 10 + [429]


def test_all_addresses_of_an_ipv6_network_are_one(browser: Any, mo: None) -> None:
    enter = browser()
    answers = [enter(network=f"2001:db8:1:2:{number:x}::1").status_code for number in range(11)]

    assert answers == [422] * 10 + [429]
    assert enter(network="2001:db8:1:3::1").status_code == 422


def test_strangers_from_everywhere_are_slowed_down_together(browser: Any, mo: None) -> None:
    answers = [browser(f"203.0.113.{number}")().status_code for number in range(41)]

    assert answers == [422] * 40 + [429]


def test_wrong_tries_of_strangers_do_not_keep_out_a_browser_that_was_here_before(browser: Any, mo: None) -> None:
    hers = browser("198.51.100.7")
    assert hers(PASSWORD).status_code == 303
    for number in range(41):
        browser(f"203.0.113.{number}")()
    statuses(browser("198.51.100.7"), 11)

    assert hers("a slip").status_code == 422
    assert hers(PASSWORD).status_code == 303


def test_a_browser_that_was_here_before_cannot_guess_for_ever_either(browser: Any, mo: None) -> None:
    hers = browser()
    hers(PASSWORD)

    assert statuses(hers, 21) == [422] * 20 + [429]


def test_having_signed_in_to_one_account_opens_no_allowance_at_another(browser: Any, mo: None, site: Session) -> None:
    pages.account(site, person(site, Role.LEADER), "mallory@example.org", PASSWORD)
    site.commit()
    theirs = browser()
    theirs(PASSWORD, "mallory@example.org")

    assert statuses(theirs, 11) == [422] * 10 + [429]


def test_thirty_people_behind_the_address_of_a_school_are_no_attack(browser: Any, site: Session) -> None:
    emails = [f"teacher{number}@example.org" for number in range(30)]
    for email in emails:
        pages.account(site, person(site, Role.EDUCATOR), email, PASSWORD)
    site.commit()
    answers = []
    for email in emails:
        enter = browser("198.51.100.1")
        answers += [enter("a slip", email).status_code, enter("again", email).status_code]
        answers.append(enter(PASSWORD, email).status_code)

    assert answers == [422, 422, 303] * 30


def test_known_and_unknown_addresses_are_told_the_same(browser: Any, mo: None) -> None:
    told = [
        [(answer.status_code, answer.text.count("wrong tries")) for answer in (enter("no", email) for _ in range(12))]
        for enter, email in ((browser(), MO), (browser(), "nobody@example.org"))
    ]
    assert told[0] == told[1]


def test_the_page_that_asks_for_patience_says_how_long_and_gives_the_address_back(browser: Any, mo: None) -> None:
    enter = browser()
    last = [enter("wrong as can be") for _ in range(11)][-1]

    assert 'value="mo@example.org"' in last.text
    assert "You can try again in 10 minutes." in last.text
    assert "Send me a letter" in last.text
    assert "wrong as can be" not in last.text


def test_a_stranger_who_asks_for_new_passwords_uses_up_no_letter_of_the_owner(
    app: Flask, client: FlaskClient, mo: None
) -> None:
    answers = [pages.send(client, LOST, email=MO).status_code for _ in range(12)]
    hers = pages.send(app.test_client(), LOST, email=MO)

    assert (answers, hers.status_code) == ([200] * 12, 200)
    assert len(list((app.config["SETTINGS"].instance_path / "mail").glob("*.eml"))) == 1  # and it stays valid


def test_a_network_that_asks_for_ever_more_letters_is_told_when_to_come_back(client: FlaskClient, mo: None) -> None:
    token = pages.token(client, LOST)
    answers = [client.post(LOST, data={"csrf_token": token, "email": f"p{number}@example.org"}) for number in range(21)]

    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60


# --- how tries are counted


def test_workers_count_together_and_a_restart_forgets_nothing(
    settings: Settings, make_app: Callable[[Settings], Flask], browser: Any, mo: None
) -> None:
    statuses(browser(), 10)
    another = make_app(settings).test_client()
    token = pages.token(another, SIGN_IN)
    answer = another.post(
        SIGN_IN,
        data={"csrf_token": token, "email": MO, "password": "wrong"},
        environ_overrides={"REMOTE_ADDR": "203.0.113.1"},
    )

    assert answer.status_code == 429


def test_no_address_is_kept_and_nothing_of_yesterday(
    app: Flask, settings: Settings, browser: Any, mo: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser("203.0.113.77")()
    file = settings.instance_path / "limits.sqlite"
    kept = file.read_bytes()
    with sqlite3.connect(file) as connection:
        before = {key for (key,) in connection.execute("SELECT key FROM counts")}
    connection.close()
    monkeypatch.setattr(rate_limit_storage, "today", lambda: 99_999)
    rate_limits.forget_yesterday()

    assert len(before) == 3
    assert not any(word in kept for word in (b"203.0.113", b"mo@example", b"example.org"))
    assert not any(key.encode() in file.read_bytes() for key in before)


def test_names_change_with_the_day(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        first = rate_limits.keyed_hash("203.0.113.1")
        monkeypatch.setattr(rate_limit_storage, "today", lambda: 99_999)

        assert rate_limits.keyed_hash("203.0.113.1") != first


def test_a_file_that_cannot_be_written_keeps_nobody_out_and_limits_go_on(
    settings: Settings, browser: Any, mo: None
) -> None:
    (settings.instance_path / "limits.sqlite").mkdir()
    enter = browser()

    assert enter(PASSWORD).status_code == 303
    assert statuses(browser("203.0.113.2"), 11) == [422] * 10 + [429]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 50), st.integers(0, 40))))
def test_the_file_counts_as_a_dictionary_would(steps: list[tuple[str, int, int]]) -> None:
    now, counts = 1_800_000_000.0, dict[str, tuple[int, float]]()
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as folder:
        storage = FileStorage(f"file:{folder}/limits.sqlite")
        for key, expiry, pause in steps:
            now += pause
            patch.setattr(rate_limit_storage, "time", lambda now=now: now)
            hits, ends = counts.get(key, (0, 0.0))
            counts[key] = (hits + 1, ends) if ends > now else (1, now + expiry)
            assert storage.incr(key, expiry) == counts[key][0]
            assert (storage.get(key), storage.get_expiry(key)) == counts[key]


@pytest.mark.parametrize("form", ["its own", "of Flask-Security"])
def test_guessing_the_password_in_an_open_session_is_slowed_down_too(
    app: Flask, client: FlaskClient, site: Session, form: str
) -> None:
    account = pages.account(site, person(site, Role.LEADER), "ana@example.org", PASSWORD)
    pages.sign_in(client, account, ago=timedelta(hours=1))
    page = "/en/account/address" if form == "its own" else "/en/account/verify"
    name = "current_password" if form == "its own" else "password"
    for _ in range(10):
        assert pages.send(client, page, **{"email": "a@b.example", name: "a guess"}).status_code == 422
    answer = pages.send(client, page, **{"email": "a@b.example", name: PASSWORD})
    assert answer.status_code in {422, 429}
    assert "There were many wrong tries." in answer.text
