"""Signing in and out: who comes in, who is turned away, and what stays in the browser."""

from __future__ import annotations

import pages
import pytest
from factories import person
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from solidarity.accounts.models import Account
from stories.models import Role

PASSWORD = "a long enough password"
SIGN_IN = "/en/account/sign-in"


@pytest.fixture
def mo(site: Session) -> Account:
    account = pages.account(site, person(site, Role.MODERATOR, name="Mo Tran"), "mo@example.org", PASSWORD)
    site.commit()
    return account


def enter(client: FlaskClient, email: str = "mo@example.org", password: str = PASSWORD, **more: str) -> TestResponse:
    return pages.send(client, SIGN_IN, email=email, password=password, **more)


def test_the_right_password_leads_to_the_desk_of_the_role(client: FlaskClient, mo: Account) -> None:
    answer = enter(client, " MO@Example.org ")
    assert (answer.status_code, answer.location) == (303, "/en/workspace")
    assert client.get("/en/workspace").location == "/en/moderating"


def test_the_password_is_kept_as_argon2id_and_nothing_else_about_the_visit(
    client: FlaskClient, site: Session, mo: Account
) -> None:
    enter(client)
    row = site.execute(text("select * from accounts")).mappings().one()
    assert row["password"].startswith("$argon2id$")
    kept = {"id", "person_id", "email", "password", "active", "fs_uniquifier", "locale", "created_at", "queue_letters"}
    assert set(row) == kept


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("mo@example.org", "a wrong password"),
        ("nobody@example.org", PASSWORD),
        ("mo@example.org", "x" * 5_000),
        ("no address at all", PASSWORD),
        ("mo@example.org\x00", PASSWORD),
        ("", ""),
    ],
)
def test_whoever_is_turned_away_hears_the_same_and_keeps_the_address_they_typed(
    client: FlaskClient, mo: Account, email: str, password: str
) -> None:
    answer = enter(client, email, password)
    assert answer.status_code == 422
    assert "do not belong together" in answer.text
    assert not password or password not in answer.text
    assert client.get("/en/workspace").location.startswith(SIGN_IN)


def test_somebody_invited_who_has_no_password_yet_cannot_come_in_with_none(
    client: FlaskClient, site: Session, mo: Account
) -> None:
    mo.password = None
    site.commit()
    assert [enter(client, password=password).status_code for password in ("", "None", PASSWORD)] == [422] * 3


def test_a_closed_account_opens_nothing(client: FlaskClient, site: Session, mo: Account) -> None:
    pages.sign_in(client, mo)
    mo.active = False
    site.commit()
    assert client.get("/en/moderating").status_code == 302
    assert enter(client).status_code == 422


@pytest.mark.parametrize("following", ["/en/moderating?show=all", "/ur/my/stories"])
def test_after_signing_in_one_goes_on_to_where_one_was(client: FlaskClient, mo: Account, following: str) -> None:
    assert enter(client, next=following).location == following


@pytest.mark.parametrize(
    "following",
    [
        "//evil.example/",
        "https://evil.example/",
        "javascript:alert(1)",
        " //evil.example",
        "http:evil.example",
    ],
)
def test_nobody_is_led_to_another_site(client: FlaskClient, mo: Account, following: str) -> None:
    answer = enter(client, next=following)
    assert (answer.status_code, answer.location) == (303, "/en/workspace")


def test_a_session_prepared_by_somebody_else_is_worth_nothing_afterwards(client: FlaskClient, mo: Account) -> None:
    with client.session_transaction() as session:
        session["csrf_token"] = "known to somebody else"
        session["anything"] = "else"
    enter_token = pages.token(client, SIGN_IN)
    client.post(SIGN_IN, data={"csrf_token": enter_token, "email": "mo@example.org", "password": PASSWORD})
    with client.session_transaction() as session:
        assert {"_user_id", "_fresh"} <= set(session)
        assert not {"csrf_token", "anything", "_id"} & set(session)


def test_the_cookie_of_a_session_is_not_for_scripts_or_other_sites(client: FlaskClient, mo: Account) -> None:
    cookies = enter(client).headers.getlist("Set-Cookie")
    assert sorted(cookie.partition("=")[0] for cookie in cookies) == ["browser", "desk"]
    assert all("HttpOnly" in cookie and "SameSite=Lax" in cookie for cookie in cookies)


def test_signing_out_takes_a_token_and_leaves_no_cookie(client: FlaskClient, mo: Account) -> None:
    enter(client)
    assert client.get("/en/account/sign-out").status_code == 405
    assert client.post("/en/account/sign-out").status_code == 400
    token = pages.token(client, "/en/moderating")
    answer = client.post("/en/account/sign-out", data={"csrf_token": token})
    assert (answer.status_code, answer.location) == (303, "/en/")
    assert client.get_cookie("desk") is None


def test_only_pages_of_signing_in_set_a_cookie(client: FlaskClient, mo: Account) -> None:
    setting = {path: "Set-Cookie" in client.get(path).headers for path in ("/en/", "/en/stories", SIGN_IN)}
    assert setting == {"/en/": False, "/en/stories": False, SIGN_IN: True}


def test_whoever_is_signed_in_is_led_from_the_sign_in_page_to_their_desk(client: FlaskClient, mo: Account) -> None:
    enter(client)
    assert client.get(SIGN_IN).location == "/en/workspace"


def test_flask_security_brings_no_other_pages(app: Flask) -> None:
    rules = {rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("security.")}
    assert rules == {
        "/<locale>/account/sign-in",
        "/<locale>/account/sign-out",
        "/<locale>/account/verify",
        "/<locale>/account/password",
        "/<locale>/account/password/<token>",
    }
