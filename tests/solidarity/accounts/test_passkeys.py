"""Passkeys: made, shown as the second factor or alone, and refused wherever something does not fit."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pages
import pytest
from authenticators import Key, options_on
from factories import person
from flask import Flask
from flask.testing import FlaskClient
from rivals import at_once
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from solidarity.accounts.models import Account
from solidarity.config import Settings
from solidarity.second_factors import changes
from solidarity.second_factors.models import Passkey
from solidarity.second_factors.passkeys import Obstacle, RelyingParty
from solidarity.web.clock import now
from solidarity.web.db import db
from stories.models import Role

PASSWORD = "a long enough password"
HOME = "http://localhost:5000"
SIGN_IN = "/en/account/sign-in"
STEP = "/en/account/sign-in/second-step"
ALONE = "/en/account/sign-in/passkey"
MINE = "/en/account/second-factor"
NEW = f"{MINE}/passkeys"

Subjects = Callable[[], list[tuple[str, str]]]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, base_url=HOME)


def enter(client: FlaskClient, email: str = "lani@example.org", **more: str) -> TestResponse:
    client.delete_cookie("desk")
    return pages.send(client, SIGN_IN, email=email, password=PASSWORD, **more)


def is_in(client: FlaskClient) -> bool:
    return client.get("/en/workspace").status_code == 303


def made(client: FlaskClient, key: Key, name: str = "my phone", origin: str = HOME) -> TestResponse:
    """Have `key` make a passkey for whoever is signed in, and send it."""
    page = client.get(NEW).text
    answer = sent(client, page, NEW, name=name, credential=key.create(options_on(page), origin))
    db.session.rollback()  # what was looked at here so far is out of date
    return answer


def shown(client: FlaskClient, path: str, key: Key, origin: str = HOME, **changed: str) -> TestResponse:
    """Show a passkey on the page at `path`."""
    page = client.get(path).text
    return sent(client, page, path, credential=key.get(options_on(page), origin, **changed))


def sent(client: FlaskClient, page: str, to: str, **fields: str) -> TestResponse:
    token = page.partition('name="csrf_token" type="hidden" value="')[2].partition('"')[0]
    return client.post(to, data={"csrf_token": token, **fields})


@pytest.fixture
def key(client: FlaskClient, lani: Account) -> Key:
    """A key that holds a passkey of Lani's; she is signed in still."""
    key = Key()
    pages.sign_in(client, lani)
    assert "The passkey is added." in made(client, key).text
    return key


# --- making one


def test_a_passkey_is_added_with_recovery_codes_and_a_letter(
    client: FlaskClient, site: Session, lani: Account, subjects: Subjects
) -> None:
    pages.sign_in(client, lani)
    key = Key()
    answer = made(client, key, "  my \n phone ")
    assert (answer.status_code, answer.text.count("</li>") >= 10) == (200, True)
    [passkey] = site.scalars(select(Passkey))
    assert (passkey.account_id, passkey.name, passkey.credential_id) == (lani.id, "my phone", key.id)
    assert (passkey.transports, passkey.used_at) == (["internal"], None)
    assert subjects() == [("lani@example.org", "How you sign in to Solidarity Stories was changed")] * 2


def test_a_second_one_leads_back_and_leaves_the_recovery_codes(client: FlaskClient, key: Key, lani: Account) -> None:
    answer = made(client, Key(), "blue key")
    assert (answer.status_code, answer.location) == (303, MINE)
    page = client.get(MINE).text
    assert all(name in page for name in ("<bdi>my phone</bdi>", "<bdi>blue key</bdi>", "10 codes are left."))


def test_one_account_is_known_by_one_handle_and_two_by_two(client: FlaskClient, site: Session, key: Key) -> None:
    second, other = Key(), Key()
    made(client, second, "blue key")
    pages.signed_in(site, client, person(site, Role.LEADER), "other@example.org")
    made(client, other)
    assert key.user_handle == second.user_handle != other.user_handle


def test_a_key_that_has_one_is_not_asked_for_another(client: FlaskClient, key: Key) -> None:
    [excluded] = options_on(client.get(NEW).text)["excludeCredentials"]
    assert excluded == {"id": json.loads(key.get({"rpId": "localhost", "challenge": ""}))["id"], "type": "public-key",
                        "transports": ["internal"]}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("my phone", "You have a passkey of this name."),
        ("", "Please write something here."),
        ("\u200b", "Please write something here."),
        ("x" * 61, "characters too long"),
    ],
)
def test_a_name_that_will_not_do_is_said_beside_it(client: FlaskClient, key: Key, name: str, said: str) -> None:
    answer = made(client, Key(), name)
    assert (answer.status_code, said in answer.text, f'value="{name}"' in answer.text) == (422, True, True)
    assert options_on(answer.text)["challenge"]


def test_a_passkey_of_somebody_else_is_not_added(client: FlaskClient, site: Session, key: Key) -> None:
    pages.signed_in(site, client, person(site, Role.LEADER), "other@example.org")
    answer = made(client, key)
    assert (answer.status_code, "This passkey was added before." in answer.text) == (422, True)
    assert len(site.scalars(select(Passkey)).all()) == 1


def test_nobody_needs_more_than_twenty(client: FlaskClient, site: Session, lani: Account) -> None:
    for number in range(20):
        pages.add_passkey(lani, f"key {number}")
    pages.sign_in(client, lani)
    site.commit()
    assert "You have many passkeys." in made(client, Key()).text


@pytest.mark.parametrize("origin", ["http://127.0.0.1:5000", "https://localhost:5000", "http://evil.example"])
def test_a_passkey_made_elsewhere_is_not_added(client: FlaskClient, site: Session, lani: Account, origin: str) -> None:
    pages.sign_in(client, lani)
    assert made(client, Key(), origin=origin).status_code == 422
    assert site.scalars(select(Passkey)).all() == []


HOSTILE = [
    "", "{}", "[]", "null", "1", '"text"', "{", "\x00", "[" * 5_000, '{"id": 1}', '{"id": "a", "rawId": "a"}',
    '{"id":"YQ","rawId":"YQ","type":"public-key","response":{}}',
    '{"id":"YQ","rawId":"YQ","type":"public-key","response":{"clientDataJSON":"YQ","attestationObject":"YQ"}}',
    '{"id":"YQ","rawId":"YQ","type":"public-key","response":{"clientDataJSON":"é","attestationObject":"%%"}}',
    '{"id":"YQ","rawId":"YQ","type":"public-key","response":{"clientDataJSON":"W10","authenticatorData":"","signature":""}}',
    '{"id":"YQ","rawId":"YQ","type":"public-key","response":{"clientDataJSON":"e30","authenticatorData":"YQ","signature":"YQ",'
    '"userHandle":"/"}}',
]  # fmt: skip


@pytest.mark.parametrize("credential", HOSTILE)
def test_whatever_else_is_sent_makes_no_passkey(client: FlaskClient, key: Key, credential: str) -> None:
    page = client.get(NEW).text
    answer = sent(client, page, NEW, name="another", credential=credential)
    assert (answer.status_code, 'value="another"' in answer.text) == (422, True)


def test_a_page_without_script_says_why_nothing_happened(client: FlaskClient, lani: Account) -> None:
    pages.sign_in(client, lani)
    page = client.get(NEW)
    assert "<p>Passkeys need JavaScript and a browser that knows them." in page.text
    answer = sent(client, page.text, NEW, name="my phone")
    assert (answer.status_code, "The browser made no passkey. It needs JavaScript" in answer.text) == (422, True)


# --- as the second factor


@pytest.mark.parametrize("verifies", [True, False])
def test_a_passkey_is_the_second_step_even_one_that_only_wants_a_touch(
    client: FlaskClient, site: Session, lani: Account, verifies: bool
) -> None:
    key = Key(verifies=verifies)
    pages.sign_in(client, lani)
    made(client, key)
    answer = enter(client, next="/en/my/stories")
    assert (answer.location, is_in(client)) == (f"{STEP}?next=/en/my/stories", False)
    assert shown(client, answer.location, key).location == "/en/my/stories"
    assert is_in(client)
    site.rollback()
    [passkey] = site.scalars(select(Passkey))
    assert (passkey.sign_count, passkey.used_at is not None) == (2, True)


def test_a_passkey_that_counts_nothing_works_again_and_again(client: FlaskClient, lani: Account) -> None:
    key = Key(counts=False)
    pages.sign_in(client, lani)
    made(client, key)
    answers = []
    for _ in range(3):
        enter(client)
        answers.append(shown(client, STEP, key).status_code)
    assert answers == [303] * 3


def test_only_ones_own_passkeys_are_asked_for_and_taken(client: FlaskClient, site: Session, key: Key) -> None:
    pages.signed_in(site, client, person(site, Role.LEADER), "other@example.org")
    other = Key()
    made(client, other)
    enter(client, "other@example.org")
    page = client.get(STEP).text
    [allowed] = options_on(page)["allowCredentials"]
    assert allowed["id"] == json.loads(other.get({"rpId": "localhost", "challenge": ""}))["id"]
    assert sent(client, page, STEP, credential=key.get(options_on(page), HOME)).status_code == 422
    assert not is_in(client)


@pytest.mark.parametrize("credential", HOSTILE)
@pytest.mark.parametrize("path", [STEP, ALONE])
def test_whatever_else_is_sent_opens_nothing(client: FlaskClient, key: Key, path: str, credential: str) -> None:
    enter(client)
    answer = sent(client, client.get(path).text, path, credential=credential)
    assert (answer.status_code, is_in(client)) == (422, False)
    assert "No passkey of yours could be checked." in answer.text


@pytest.mark.parametrize("origin", ["http://127.0.0.1:5000", "https://localhost:5000", "http://evil.example"])
def test_a_passkey_shown_elsewhere_opens_nothing(client: FlaskClient, key: Key, origin: str) -> None:
    enter(client)
    assert shown(client, STEP, key, origin).status_code == 422
    assert not is_in(client)


def test_another_key_with_the_same_name_opens_nothing(client: FlaskClient, key: Key) -> None:
    enter(client)
    forged = Key(id=key.id, signs=9, user_handle=key.user_handle)
    assert (shown(client, STEP, forged).status_code, is_in(client)) == (422, False)


def test_a_copy_of_a_key_that_has_signed_less_is_noticed(client: FlaskClient, key: Key) -> None:
    enter(client)
    key.signs = 0
    assert shown(client, STEP, key).status_code == 422


def test_an_answer_for_another_account_opens_nothing(client: FlaskClient, key: Key) -> None:
    enter(client)
    assert shown(client, STEP, key, user_handle="c29tZWJvZHkgZWxzZQ").status_code == 422


@pytest.mark.parametrize("counts", [True, False])
def test_an_answer_that_was_copied_with_its_cookie_opens_nothing(
    app: Flask, client: FlaskClient, lani: Account, counts: bool
) -> None:
    key = Key(counts=counts)
    pages.sign_in(client, lani)
    made(client, key)
    client.delete_cookie("desk")
    page = client.get(ALONE).text
    cookie, answer = client.get_cookie("desk"), key.get(options_on(page), HOME)
    assert cookie
    assert sent(client, page, ALONE, credential=answer).status_code == 303
    thief = app.test_client()
    thief.set_cookie("desk", cookie.value)
    assert (sent(thief, page, ALONE, credential=answer).status_code, is_in(thief)) == (422, False)


def test_of_two_answers_at_once_one_counts(app: Flask, client: FlaskClient, site: Session, key: Key) -> None:
    site.rollback()
    asked, at = now(), now()
    [passkey_id] = site.scalars(select(Passkey.id))

    def show(session: Session) -> Callable[[], bool]:
        passkey = session.get_one(Passkey, passkey_id)
        return lambda: changes.use_passkey(session, passkey, 7, asked_at=asked, at=at)

    assert sorted(at_once(app.config["SETTINGS"].database_url, show, show)) == [False, True]


def test_an_answer_counts_for_what_was_asked_only(client: FlaskClient, key: Key) -> None:
    """A touch that was meant as the second step is no way in without the first."""
    enter(client)
    page = client.get(STEP).text
    answer = key.get(options_on(page), HOME)
    client.get(ALONE)
    assert sent(client, page, ALONE, credential=answer).status_code == 422


def test_an_old_question_is_asked_again(client: FlaskClient, key: Key) -> None:
    client.delete_cookie("desk")
    page = client.get(ALONE).text
    with client.session_transaction() as session:
        value, asked = session["passkey first"]
        session["passkey first"] = [value, asked - 600]
    answer = sent(client, page, ALONE, credential=key.get(options_on(page), HOME))
    assert answer.status_code == 422
    assert sent(client, answer.text, ALONE, credential=key.get(options_on(answer.text), HOME)).status_code == 303


# --- alone


def test_a_passkey_that_verifies_its_owner_is_enough(client: FlaskClient, key: Key) -> None:
    client.delete_cookie("desk")
    page = client.get(f"{ALONE}?next=/en/my/stories")
    assert options_on(page.text)["userVerification"] == "required"
    assert options_on(page.text)["allowCredentials"] == []
    answer = shown(client, f"{ALONE}?next=/en/my/stories", key)
    assert (answer.status_code, answer.location, is_in(client)) == (303, "/en/my/stories", True)


def test_a_touch_alone_is_not_enough(client: FlaskClient, key: Key) -> None:
    client.delete_cookie("desk")
    key.verifies = False
    assert (shown(client, ALONE, key).status_code, is_in(client)) == (422, False)


def test_a_closed_account_is_opened_by_no_passkey(client: FlaskClient, site: Session, key: Key, lani: Account) -> None:
    site.rollback()
    lani.active = False
    site.commit()
    client.delete_cookie("desk")
    assert (shown(client, ALONE, key).status_code, is_in(client)) == (422, False)


def test_a_passkey_that_was_removed_opens_nothing(client: FlaskClient, site: Session, key: Key) -> None:
    [passkey_id] = site.scalars(select(Passkey.id))
    answer = pages.send(client, MINE, f"{NEW}/{passkey_id}/removal")
    assert (answer.location, "The passkey is removed." in client.get(MINE).text) == (MINE, True)
    client.delete_cookie("desk")
    assert shown(client, ALONE, key).status_code == 422
    assert enter(client).location == "/en/workspace"


def test_nobody_removes_a_passkey_of_somebody_else(client: FlaskClient, site: Session, key: Key) -> None:
    [passkey_id] = site.scalars(select(Passkey.id))
    pages.signed_in(site, client, person(site, Role.LEADER), "other@example.org")
    assert pages.send(client, MINE, f"{NEW}/{passkey_id}/removal").status_code == 404


# --- where there can be none


@pytest.mark.parametrize(
    ("base_url", "obstacle", "origin"),
    [
        ("https://stories.example", None, "https://stories.example"),
        ("https://stories.example:443/", None, "https://stories.example"),
        ("https://Stories.Example:8443", None, "https://stories.example:8443"),
        ("http://localhost:5000", None, "http://localhost:5000"),
        ("http://stories.localhost", None, "http://stories.localhost"),
        ("http://127.0.0.1:5000", Obstacle.NO_NAME, "http://127.0.0.1:5000"),
        ("https://203.0.113.7", Obstacle.NO_NAME, "https://203.0.113.7"),
        ("http://[::1]:5000", Obstacle.NO_NAME, "http://[::1]:5000"),
        ("http://stories.example", Obstacle.NO_HTTPS, "http://stories.example"),
        ("http://notlocalhost", Obstacle.NO_HTTPS, "http://notlocalhost"),
    ],
)
def test_where_there_can_be_passkeys(base_url: str, obstacle: Obstacle | None, origin: str) -> None:
    site = RelyingParty(base_url, "A site")
    assert (site.obstacle, site.origin) == (obstacle, origin)


@pytest.mark.parametrize(
    ("base_url", "said"),
    [
        ("http://127.0.0.1:5000", "this site has only a number: http://127.0.0.1:5000"),
        ("http://stories.example", "this site is at http://stories.example"),
    ],
)
def test_where_there_can_be_none_every_page_says_so(
    settings: Settings, make_app: Callable[[Settings], Flask], base_url: str, said: str
) -> None:
    app = make_app(replace(settings, base_url=base_url))
    client = app.test_client()
    assert said in client.get(ALONE).text
    with app.app_context():
        account = pages.account(db.session, person(db.session, Role.LEADER), "lani@example.org")
        pages.add_passkey(account)
        db.session.commit()
        enter(client)
        assert said in client.get(STEP).text
        pages.sign_in(client, account)
    assert said in client.get(MINE).text
    assert client.get(NEW).location == MINE
