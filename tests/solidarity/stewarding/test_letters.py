"""The stewards' page about letters: whose did not arrive and why, never what stands in them, and trying again."""

from __future__ import annotations

import re
from datetime import timedelta

import factories as make
import pages
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from solidarity.accounts.models import Account
from solidarity.letters import compose
from solidarity.letters.models import Failure, Kind, Letter
from solidarity.stewarding import letters as desk
from solidarity.web.clock import now
from stories.models import Person, Role

PAGE = "/en/stewarding/letters"
SECRET = "http://127.0.0.1:5000/en/account/password/secret-token"


@pytest.fixture
def sam(site: Session, client: FlaskClient) -> Person:
    """A steward, signed in."""
    return pages.signed_in(site, client, make.person(site, Role.STEWARD, name="Sam Lee"), "sam@example.org")


@pytest.fixture
def lani(site: Session) -> Account:
    return pages.account(site, make.person(site, Role.LEADER, name="Lani Kekoa"), "lani@example.org")


def failed(
    site: Session, to: Account, failure: Failure = Failure.REFUSED, answer: str = "550 5.1.1",
    kind: Kind = Kind.INVITATION, age: timedelta = timedelta(hours=1),
) -> Letter:  # fmt: skip
    """A letter that did not arrive."""
    compose.send(to, kind, link=SECRET, days=7, subject="A subject", text="A text:")
    letter = site.scalars(select(Letter).order_by(Letter.id.desc())).first()
    assert letter is not None
    letter.written_at = now() - age
    letter.begin(letter.written_at)
    letter.fail(failure, answer, letter.written_at)
    site.commit()
    return letter


def words_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.partition("<main")[2]).split())


def test_a_desk_without_trouble_says_so(client: FlaskClient, sam: Person) -> None:
    assert "No letter is stuck 0 letters are on their way." in words_of(client.get(PAGE).text)


def test_the_page_says_whose_letter_did_not_arrive_since_when_and_why(
    client: FlaskClient, site: Session, sam: Person, lani: Account
) -> None:
    failed(site, lani)
    failed(site, lani, Failure.LATER, "452 4.2.2", Kind.STORY_NEWS)
    words = words_of(client.get(PAGE).text)
    assert "Waiting to be tried again 1 Given up 1 The oldest waits since" in words
    assert "Invitation Lani Kekoa · l…@example.org The mail server refuses this letter for good." in words
    assert "(550 5.1.1) Written" in words
    assert "News of a story Lani Kekoa · l…@example.org The mail server asks to try again later. (452 4.2.2)" in words
    assert "tried 1 time · given up" in words
    assert "tried 1 time · next try" in words
    assert "After 3 days the site gives it up." in words


def test_every_page_of_the_desk_says_how_many_letters_are_stuck(
    client: FlaskClient, site: Session, sam: Person, lani: Account
) -> None:
    for path in (f"/en/stewarding/{name}" for name in ("people", "themes", "organisations", "searches", "letters")):
        assert "Letters</a>" in client.get(path).text
    failed(site, lani)
    for path in (f"/en/stewarding/{name}" for name in ("people", "themes", "organisations", "searches", "letters")):
        assert "Letters (1)</a>" in client.get(path).text


@pytest.mark.parametrize("kind", Kind)
def test_nothing_that_stands_in_a_letter_can_be_read_on_the_desk(
    client: FlaskClient, site: Session, sam: Person, lani: Account, kind: Kind
) -> None:
    failed(site, lani, kind=kind)
    page = client.get(PAGE).text
    assert not [secret for secret in ("secret-token", "lani@example.org", "A subject", "A text") if secret in page]


@pytest.mark.parametrize("failure", Failure)
def test_every_failure_is_told_in_words(
    client: FlaskClient, site: Session, sam: Person, lani: Account, failure: Failure
) -> None:
    failed(site, lani, failure)
    assert str(desk.WHY[failure]) in client.get(PAGE).text


def test_every_kind_of_letter_has_a_name() -> None:
    assert set(desk.KINDS) == set(Kind)


def test_a_letter_that_nobody_tries_says_that_nobody_carries_letters(
    client: FlaskClient, site: Session, sam: Person, lani: Account
) -> None:
    compose.send(lani, Kind.PASSWORD_CHOSEN, link=SECRET)
    [letter] = site.scalars(select(Letter))
    site.commit()
    assert "1 letter is on its way." in words_of(client.get(PAGE).text)
    letter.due_at = now() - timedelta(minutes=11)
    site.commit()
    assert "Nobody has tried yet" in words_of(client.get(PAGE).text)


def test_one_letter_is_tried_again(client: FlaskClient, app: Flask, site: Session, sam: Person, lani: Account) -> None:
    letter = failed(site, lani)
    other = failed(site, lani)
    answer = pages.send(client, PAGE, f"{PAGE}/{letter.id}/delivery")
    assert (answer.status_code, answer.location) == (303, PAGE)
    assert "The letter is tried again." in client.get(PAGE).text
    site.rollback()
    assert [row.id for row in site.scalars(select(Letter))] == [other.id]


def test_all_letters_are_tried_again(client: FlaskClient, site: Session, sam: Person, lani: Account) -> None:
    failed(site, lani)
    failed(site, lani, Failure.UNREACHABLE, "")
    pages.send(client, PAGE, f"{PAGE}/delivery")
    assert "2 letters are tried again." in client.get(PAGE).text
    site.rollback()
    assert site.scalars(select(Letter)).all() == []


def test_a_letter_whose_link_no_longer_works_is_not_tried_again(
    client: FlaskClient, site: Session, sam: Person, lani: Account
) -> None:
    letter = failed(site, lani, kind=Kind.LOST_PASSWORD, age=timedelta(days=2))
    page = client.get(PAGE).text
    assert f"{PAGE}/{letter.id}/delivery" not in page
    assert "The link in it no longer works" in page
    pages.send(client, PAGE, f"{PAGE}/{letter.id}/delivery")
    assert "The link in this letter no longer works." in client.get(PAGE).text


def test_a_letter_is_thrown_away(client: FlaskClient, site: Session, sam: Person, lani: Account) -> None:
    letter = failed(site, lani)
    assert pages.send(client, PAGE, f"{PAGE}/{letter.id}/removal").status_code == 303
    assert client.post(f"{PAGE}/{letter.id}/removal", data={"csrf_token": pages.token(client, PAGE)}).status_code == 404
    site.rollback()
    assert site.scalars(select(Letter)).all() == []


def test_a_page_of_many_letters_stays_a_page(
    client: FlaskClient, site: Session, sam: Person, lani: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "MOST", 2)
    for _ in range(3):
        failed(site, lani)
    page = client.get(PAGE).text
    assert page.count('class="desk-item"') == 2
    assert "These are the oldest." in page
