"""Some steps ask for the password once more, where somebody signed in a while ago; and lose nothing over it."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import factories as make
import pages
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from solidarity.accounts.models import Account
from stories.models import Role, Story
from stories.workflow import State, Visibility

PASSWORD = "a long enough password"
PEOPLE = "/en/stewarding/people"
FIELD = 'name="current_password"'
A_WHILE = timedelta(minutes=11)


@pytest.fixture
def sam(site: Session, client: FlaskClient) -> Account:
    """A steward who signed in a while ago."""
    account = pages.account(site, make.person(site, Role.STEWARD, name="Sam Lee"), "sam@example.org", PASSWORD)
    pages.sign_in(client, account, ago=A_WHILE)
    return account


@pytest.fixture
def ana(site: Session) -> Account:
    account = pages.account(site, make.person(site, Role.LEADER, name="Ana Reyes"), "ana@example.org")
    site.commit()
    return account


def roles(site: Session, account: Account) -> set[Role]:
    site.rollback()
    return set(account.person.roles)


def test_roles_are_given_only_with_the_password_and_nothing_that_was_ticked_is_lost(
    client: FlaskClient, site: Session, sam: Account, ana: Account
) -> None:
    page = f"{PEOPLE}/{ana.id}"
    asked = pages.send(client, page, f"{page}/roles", roles=["leader", "moderator"])
    wrong = pages.send(client, page, f"{page}/roles", roles=["leader", "moderator"], current_password="not this one")
    for answer, said in ((asked, "Please write your password."), (wrong, "This is not your password.")):
        assert (answer.status_code, FIELD in answer.text, said in answer.text) == (422, True, True)
        ticked = {box for box in re.findall(r"<input[^>]*>", answer.text) if re.search(r"\bchecked\b", box)}
        assert {value for box in ticked for value in re.findall(r'value="(\w+)"', box)} == {"leader", "moderator"}
        assert "not this one" not in answer.text
    assert roles(site, ana) == {Role.LEADER}
    right = pages.send(client, page, f"{page}/roles", roles=["leader", "moderator"], current_password=PASSWORD)
    assert (right.status_code, roles(site, ana)) == (303, {Role.LEADER, Role.MODERATOR})


def test_the_right_password_is_enough_for_ten_minutes(client: FlaskClient, sam: Account, ana: Account) -> None:
    page = f"{PEOPLE}/{ana.id}"
    assert FIELD in client.get(page).text
    pages.send(client, page, f"{page}/closure", current_password=PASSWORD)
    assert FIELD not in client.get(page).text
    assert pages.send(client, page, f"{page}/reopening").status_code == 303


def test_whoever_has_a_passkey_hears_that_it_will_do_too(
    client: FlaskClient, site: Session, sam: Account, ana: Account
) -> None:
    said = "sign in again with your passkey"
    assert said not in client.get(f"{PEOPLE}/{ana.id}").text
    pages.add_passkey(sam)
    site.commit()
    assert said in client.get(f"{PEOPLE}/{ana.id}").text


def test_who_has_just_signed_in_is_not_asked(app: Flask, site: Session, sam: Account, ana: Account) -> None:
    fresh = app.test_client()
    pages.sign_in(fresh, sam, ago=timedelta(minutes=9))
    page = f"{PEOPLE}/{ana.id}"
    assert FIELD not in fresh.get(page).text
    assert pages.send(fresh, page, f"{page}/roles", roles=["educator"]).status_code == 303


@pytest.mark.parametrize("role", ["leader", "educator", "moderator", "steward"])
def test_an_invitation_asks_whatever_role_it_gives(client: FlaskClient, sam: Account, role: str) -> None:
    fields = {"name": "Bo", "email": "bo@example.org", "roles": role, "language": "en"}
    answer = pages.send(client, PEOPLE, **fields)
    assert (answer.status_code, FIELD in answer.text, 'value="bo@example.org"' in answer.text) == (422, True, True)
    assert pages.send(client, PEOPLE, **fields, current_password=PASSWORD).status_code == 303


def test_the_link_of_an_invitation_is_not_for_whoever_finds_a_screen_open(
    client: FlaskClient, app: Flask, site: Session, sam: Account, ana: Account
) -> None:
    ana.password = None
    site.commit()
    page = f"{PEOPLE}/{ana.id}"
    seen = [client.get(page), *(pages.send(client, page, f"{page}/invitation", **more) for more in ({}, {"show": "y"}))]
    assert [(answer.status_code, "/account/password/" in answer.text) for answer in seen] == [
        (200, False), (422, False), (422, False),
    ]  # fmt: skip
    assert pages.send(client, page, f"{page}/invitation", show="y", current_password=PASSWORD).status_code == 303
    assert "/account/password/" in client.get(page).text
    assert list((Path(app.config["SETTINGS"].instance_path) / "mail").glob("*.eml")) == []


@pytest.fixture
def story(site: Session, client: FlaskClient) -> Story:
    """A published story whose teller signed in a while ago."""
    told = make.story_in(site, State.PUBLISHED)
    pages.sign_in(client, pages.account(site, told.submitter, password=PASSWORD), ago=A_WHILE)
    return told


def test_a_story_is_hidden_at_once_and_deleted_with_the_password(
    client: FlaskClient, site: Session, story: Story
) -> None:
    page = f"/en/my/stories/{story.id}/withdrawal"
    assert FIELD not in client.get(page).text
    asked = pages.send(client, page, scope="delete", tombstone="Taken down by its teller.")
    assert (asked.status_code, FIELD in asked.text, "Taken down by its teller." in asked.text) == (422, True, True)
    site.rollback()
    assert story.visibility is Visibility.PUBLIC
    assert pages.send(client, page, scope="delete", current_password=PASSWORD).status_code == 303
    site.rollback()
    assert (story.visibility, story.newest_revision.body) == (Visibility.WITHDRAWN, "")


def test_hiding_a_story_waits_for_no_password(client: FlaskClient, site: Session, story: Story) -> None:
    assert pages.send(client, f"/en/my/stories/{story.id}/withdrawal", scope="hide").status_code == 303
    site.rollback()
    assert story.visibility is Visibility.WITHDRAWN


def test_the_page_of_flask_security_asks_in_our_words_and_leads_on(client: FlaskClient, sam: Account) -> None:
    where = "/en/account/verify?next=/en/stewarding/people"
    assert "Your password, to be sure it is you" in client.get(where).text
    wrong = pages.send(client, where, "/en/account/verify", password="not this one", next="/en/stewarding/people")
    assert (wrong.status_code, "This is not the password." in wrong.text) == (422, True)
    right = pages.send(client, where, "/en/account/verify", password=PASSWORD, next="/en/stewarding/people")
    assert (right.status_code, right.location) == (303, "/en/stewarding/people")
    assert FIELD not in client.get(f"{PEOPLE}/{sam.id}").text


@pytest.mark.parametrize("typed", ["\x00", "x" * 100_000, "ﬁ" * 20, "\ud83d"])
def test_no_password_that_is_typed_breaks_the_page(client: FlaskClient, sam: Account, ana: Account, typed: str) -> None:
    page = f"{PEOPLE}/{ana.id}"
    token = pages.token(client, page)
    data = {"csrf_token": token, "current_password": typed.encode("utf-8", "surrogatepass")}
    assert client.post(f"{page}/closure", data=data).status_code == 422
