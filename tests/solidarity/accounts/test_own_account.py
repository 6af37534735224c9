"""A person's own account: name, letters, address, password; and what a steward corrects. Each change is a letter."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from email import policy
from urllib.parse import urlsplit

import factories as make
import pages
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from solidarity.accounts.models import Account
from solidarity.config import Settings
from stories.models import Event, EventKind, Role

PASSWORD, NEW = "a long enough password", "nine rivers and a kettle"
ACCOUNT, PEOPLE = "/en/account", "/en/stewarding/people"
Letters = Callable[[], list[tuple[str, str]]]


@pytest.fixture
def ana(site: Session, client: FlaskClient) -> Account:
    """A leader, signed in."""
    account = pages.account(site, make.person(site, Role.LEADER, name="Ana Reyes"), "ana@example.org", PASSWORD)
    pages.sign_in(client, account)
    return account


@pytest.fixture
def steward(app: Flask, site: Session) -> FlaskClient:
    browser = app.test_client()
    pages.sign_in(browser, pages.account(site, make.person(site, Role.STEWARD), "sam@example.org"))
    return browser


@pytest.fixture
def letters(app: Flask) -> Letters:
    """Every letter: to whom, and its subject."""
    return lambda: pages.subjects(app)


def link_in_last_letter(app: Flask) -> str:
    text = pages.text_of(pages.letters(app)[-1])
    found = re.search(r"http://\S+", text)
    assert found
    return urlsplit(found[0]).path


def enters(app: Flask, email: str, password: str = PASSWORD) -> bool:
    return pages.send(app.test_client(), "/en/account/sign-in", email=email, password=password).status_code == 303


def test_the_name_at_the_desk_leads_to_the_account(client: FlaskClient, ana: Account) -> None:
    assert '<a href="/en/account"><bdi>Ana Reyes</bdi></a>' in client.get("/en/my/stories").text
    page = client.get(ACCOUNT).text
    for words in ("Ana Reyes", "ana@example.org", "1 browser", "English"):
        assert words in page


def test_name_and_language_of_letters_are_changed(client: FlaskClient, site: Session, ana: Account) -> None:
    page = client.get(f"{ACCOUNT}/profile").text
    assert "Write to me when a story arrives" not in page
    assert pages.send(client, f"{ACCOUNT}/profile", name=" Ana  María ", locale="ur").location == ACCOUNT
    site.rollback()
    assert (ana.person.name, ana.locale, ana.queue_letters) == ("Ana María", "ur", True)


def test_a_moderator_chooses_letters_about_the_queue_here_too(client: FlaskClient, site: Session, ana: Account) -> None:
    ana.person.grant(Role.MODERATOR)
    site.commit()
    pages.send(client, f"{ACCOUNT}/profile", name="Ana", locale="en")
    site.rollback()
    assert ana.queue_letters is False


@pytest.mark.parametrize(("name", "locale"), [("", "en"), ("\u200b", "en"), ("n" * 501, "en"), ("Ana", "xx")])
def test_a_name_that_will_not_do_stays_on_the_page(
    client: FlaskClient, site: Session, ana: Account, name: str, locale: str
) -> None:
    assert pages.send(client, f"{ACCOUNT}/profile", name=name, locale=locale).status_code == 422
    site.rollback()
    assert ana.person.name == "Ana Reyes"


def test_the_letter_about_roles_says_which_they_are_now(app: Flask, ana: Account, steward: FlaskClient) -> None:
    page = f"/en/stewarding/people/{ana.id}"
    for roles in (["leader", "moderator"], []):
        pages.send(steward, page, f"{page}/roles", roles=roles)
    said = [pages.text_of(letter) for letter in pages.letters(app)]
    assert "Your roles are now: Leader, Moderator." in said[0].replace("\n", " ")
    assert "You have no role any more." in said[1].replace("\n", " ")


# --- the password


def test_a_new_password_ends_every_other_session_and_is_a_letter(
    app: Flask, client: FlaskClient, site: Session, ana: Account, letters: Letters
) -> None:
    other = app.test_client()
    pages.sign_in(other, ana)
    thief = app.test_client()
    thief.set_cookie("desk", client.get_cookie("desk").value)
    page = f"{ACCOUNT}/new-password"
    answer = pages.send(client, page, current_password=PASSWORD, password=NEW, password_confirm=NEW)
    assert (answer.status_code, answer.location) == (303, ACCOUNT)
    assert [browser.get(ACCOUNT).status_code for browser in (client, other, thief)] == [200, 302, 302]
    assert (enters(app, "ana@example.org"), enters(app, "ana@example.org", NEW)) == (False, True)
    assert letters() == [("ana@example.org", "Your password for Solidarity Stories was chosen")]


@pytest.mark.parametrize(
    ("current", "password", "again", "said"),
    [
        ("", NEW, NEW, "Please write your password."),
        ("not this one", NEW, NEW, "This is not your password."),
        (PASSWORD, NEW, "another one entirely", "The two passwords differ."),
        (PASSWORD, "short", "short", "10 to 128 characters"),
        (PASSWORD, "Ana Reyes Ana", "Ana Reyes Ana", "easy to guess"),
        (PASSWORD, "1234567890", "1234567890", "stolen elsewhere"),
        (PASSWORD, "", "", "10 to 128 characters"),
    ],
)
def test_a_password_is_changed_by_who_knows_the_old_one_and_only_to_one_that_will_do(
    app: Flask, client: FlaskClient, ana: Account, current: str, password: str, again: str, said: str
) -> None:
    fields = {"current_password": current, "password": password, "password_confirm": again}
    answer = pages.send(client, f"{ACCOUNT}/new-password", **fields)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert "Nothing you wrote is lost." not in answer.text, "all three fields come back empty"
    assert enters(app, "ana@example.org")


# --- the address


def test_the_address_changes_when_the_letter_to_the_new_one_is_answered(
    app: Flask, client: FlaskClient, site: Session, ana: Account, letters: Letters
) -> None:
    other = app.test_client()
    pages.sign_in(other, ana)
    assert pages.send(client, f"{ACCOUNT}/address", email="Ana@new.example").location == ACCOUNT
    assert letters() == [("ana@new.example", "Confirm your new address for Solidarity Stories")]
    link = link_in_last_letter(app)
    assert "ana@new.example" in client.get(link).text
    assert enters(app, "ana@example.org"), "opening the link changes nothing yet"
    assert pages.send(client, link).location == ACCOUNT
    assert letters()[1:] == [
        (to, "Your e-mail address at Solidarity Stories was changed") for to in ("ana@example.org", "ana@new.example")
    ]
    assert (client.get(ACCOUNT).status_code, other.get(ACCOUNT).status_code) == (200, 302)
    assert (enters(app, "ana@example.org"), enters(app, "ana@new.example")) == (False, True)
    assert client.get(link).status_code == 410, "a link works once"


def test_whoever_reads_the_mailbox_of_before_does_not_learn_where_somebody_is_now(
    app: Flask, client: FlaskClient, ana: Account
) -> None:
    pages.send(client, f"{ACCOUNT}/address", email="ana@new.example")
    pages.send(client, link_in_last_letter(app))
    to_old, to_new = (letter.as_bytes(policy=policy.default) for letter in pages.letters(app)[-2:])
    assert [b"new.example" in letter for letter in (to_old, to_new)] == [False, True]


def test_the_link_works_on_another_device_and_leads_to_signing_in(
    app: Flask, client: FlaskClient, ana: Account
) -> None:
    pages.send(client, f"{ACCOUNT}/address", email="ana@new.example")
    phone = app.test_client()
    assert pages.send(phone, link_in_last_letter(app)).location == "/en/account/sign-in"
    assert enters(app, "ana@new.example")


def test_an_address_that_was_left_again_is_not_taken_up_by_the_old_link(
    app: Flask, client: FlaskClient, site: Session, ana: Account
) -> None:
    pages.send(client, f"{ACCOUNT}/address", email="ana@new.example")
    link = link_in_last_letter(app)
    pages.send(client, link)
    site.rollback()
    ana.email = "ana@example.org"
    site.commit()
    assert client.get(link).status_code == 410


@pytest.mark.parametrize("token", ["x", "a.b.c", "x" * 3_000])
def test_a_broken_link_says_so(client: FlaskClient, token: str) -> None:
    assert client.get(f"{ACCOUNT}/address/{token}").status_code == 410


def test_whoever_asks_for_an_address_of_somebody_else_hears_the_same_and_the_owner_is_told(
    app: Flask, client: FlaskClient, site: Session, ana: Account, letters: Letters
) -> None:
    pages.account(site, make.person(site), "bo@example.org")
    site.commit()
    answer = pages.send(client, f"{ACCOUNT}/address", email="bo@example.org")
    assert (answer.status_code, answer.location) == (303, ACCOUNT)
    assert letters() == [("bo@example.org", "This address has an account at Solidarity Stories already")]


@pytest.mark.parametrize(
    "email", ["", "nobody", "ana\x00@example.org", "ANA@example.org", "x" * 5_000 + "@example.org"]
)
def test_an_address_that_will_not_do_stays_on_the_page(
    client: FlaskClient, ana: Account, letters: Letters, email: str
) -> None:
    assert pages.send(client, f"{ACCOUNT}/address", email=email).status_code == 422
    assert letters() == []


# --- what stewards do


def test_a_steward_corrects_a_name_and_an_address_and_both_addresses_are_told(
    client: FlaskClient, steward: FlaskClient, site: Session, ana: Account, letters: Letters
) -> None:
    page = f"{PEOPLE}/{ana.id}"
    answer = pages.send(steward, page, f"{page}/details", name="Ana María Reyes", email="reyes@example.org")
    site.rollback()
    assert (answer.status_code, ana.person.name, ana.email) == (303, "Ana María Reyes", "reyes@example.org")
    assert {to for to, _ in letters()} == {"ana@example.org", "reyes@example.org"}
    assert client.get(ACCOUNT).status_code == 302


def test_correcting_a_name_alone_signs_nobody_out(client: FlaskClient, steward: FlaskClient, ana: Account) -> None:
    page = f"{PEOPLE}/{ana.id}"
    pages.send(steward, page, f"{page}/details", name="Ana María", email="ana@example.org")
    assert client.get(ACCOUNT).status_code == 200


def test_somebody_invited_at_a_wrong_address_gets_the_invitation_at_the_right_one(
    steward: FlaskClient, site: Session, ana: Account, letters: Letters
) -> None:
    ana.password = None
    site.commit()
    page = f"{PEOPLE}/{ana.id}"
    pages.send(steward, page, f"{page}/details", name="Ana Reyes", email="ana@right.example")
    assert letters() == [("ana@right.example", "You are invited to Solidarity Stories")]


@pytest.mark.parametrize(
    ("name", "email", "said"),
    [
        ("", "ana@example.org", "Please write something here."),
        ("Ana", "nobody", "such as name@example.org"),
        ("Ana", "SAM@example.org", "There is an account with this address already"),
    ],
)
def test_a_correction_that_will_not_do_changes_nothing(
    steward: FlaskClient, site: Session, ana: Account, name: str, email: str, said: str
) -> None:
    page = f"{PEOPLE}/{ana.id}"
    answer = pages.send(steward, page, f"{page}/details", name=name, email=email)
    assert (answer.status_code, said in answer.text) == (422, True)
    site.rollback()
    assert (ana.person.name, ana.email) == ("Ana Reyes", "ana@example.org")


def test_roles_closing_and_opening_are_each_a_letter_in_the_persons_language(
    steward: FlaskClient, site: Session, ana: Account, letters: Letters
) -> None:
    page = f"{PEOPLE}/{ana.id}"
    for step, fields in (
        ("roles", {"roles": "leader"}),
        ("roles", {"roles": "educator"}),
        ("closure", {}),
        ("reopening", {}),
    ):
        pages.send(steward, page, f"{page}/{step}", **fields)
    assert letters() == [
        ("ana@example.org", "What you may do at Solidarity Stories was changed"),
        ("ana@example.org", "Your account at Solidarity Stories is closed"),
        ("ana@example.org", "Your account at Solidarity Stories is open again"),
    ]


def test_whoever_changes_their_name_over_and_over_is_stopped_and_not_when_they_change_something_else(
    settings: Settings, make_app: Callable[[Settings], Flask], site: Session, ana: Account
) -> None:
    browser = make_app(replace(settings, rate_limits=True)).test_client()
    pages.sign_in(browser, ana)
    page = "/en/account/profile"
    answers = [pages.send(browser, page, name=f"Ana {number}", locale="en") for number in range(11)]
    same = pages.send(browser, page, name="Ana 9", locale="ur")

    assert [answer.status_code for answer in answers] == [303] * 10 + [422]
    assert "You have changed your name very often today." in answers[-1].text
    assert same.status_code == 303
    site.rollback()
    assert len(site.scalars(select(Event.id).where(Event.kind == EventKind.NAME_CORRECTED)).all()) == 10


def test_whoever_takes_their_data_over_and_over_is_stopped(
    settings: Settings, make_app: Callable[[Settings], Flask], ana: Account
) -> None:
    browser = make_app(replace(settings, rate_limits=True)).test_client()
    pages.sign_in(browser, ana)

    assert [pages.send(browser, "/en/account/data").status_code for _ in range(6)] == [200] * 5 + [429]
