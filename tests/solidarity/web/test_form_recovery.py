"""What was typed comes back whenever a form cannot be taken for a reason around it."""

from __future__ import annotations

import html
import re
from typing import Any

import factories as make
import pytest
from databases import on_postgres
from flask import Flask, abort
from flask.testing import FlaskClient
from pages import account, send, token
from rivals import writer
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from solidarity.web import form_recovery
from solidarity.web.db import db
from solidarity.web.form_recovery import not_resendable
from solidarity.web.security import csrf
from stories import database, errors
from stories.models import Person, Role, Story
from stories.storage import Trouble
from stories.workflow import State, Verb

NEW = "/en/my/stories/new"
TYPED = {"title": "The <b>Bell</b> & “the” boat", "body": "One.\r\n\r\nTwo & three.", "language": "en", "whose": "own"}


def kept(page: str) -> dict[str, str]:
    """What stands in the fields of the page that gives a form back."""
    areas = re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    inputs = re.findall(r'<input[^>]*name="([^"]+)" value="([^"]*)"', page)
    return {name: html.unescape(text) for name, text in [*areas, *inputs] if name != "csrf_token"}


def press(client: FlaskClient, page: str, **more: str) -> TestResponse:
    """Press the button of the page that gives a form back."""
    fresh = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert fresh
    return client.post(NEW, data={"csrf_token": fresh[1], **kept(page), **more})


def test_an_old_token_gives_the_form_back(client: FlaskClient, leader: Person) -> None:
    answer = client.post(NEW, data={"csrf_token": "old", **TYPED})

    assert (answer.status_code, kept(answer.text)) == (400, TYPED)


def test_what_was_left_empty_takes_no_room(client: FlaskClient, leader: Person) -> None:
    page = client.post(NEW, data={"csrf_token": "old", "title": "Kept", "place": ""}).text
    assert 'type="hidden" name="place" value=""' in page


def test_it_says_to_which_step_the_form_belongs_and_shows_every_field_that_it_will_send(
    client: FlaskClient, leader: Person
) -> None:
    page = client.post(NEW, data={"csrf_token": "old", **TYPED}).text
    seen = re.sub(r"<input type=.hidden.[^>]*>", "", page)

    assert "for this step: Save a new story." in page
    assert all(
        html.escape(text, quote=False).replace("\r\n", "\n") in seen.replace("\r\n", "\n") for text in TYPED.values()
    )


@pytest.mark.parametrize("status", [400, 401, 409, 413, 429, 500, 503])
def test_a_step_that_gives_or_ends_something_begins_again_on_its_own_page(
    app: Flask, client: FlaskClient, leader: Person, status: int
) -> None:
    def closure() -> str:
        raise errors.NotNow(Verb.WITHDRAW, State.DRAFT) if status == 409 else abort(status)

    app.add_url_rule("/<locale>/closure", "closure", not_resendable("Close it")(closure), methods=["POST"])
    csrf.exempt(closure)
    answer = client.post("/en/closure", data={"scope": "delete", "note": "Why"}, headers=FROM_NEW)

    assert (answer.status_code, "<form" in answer.text, "csrf_token" in answer.text) == (status, False, False)
    assert "for this step: Close it." in answer.text
    assert f'href="http://localhost{NEW}">Go to that page' in answer.text
    assert re.search(r"<textarea[^>]*readonly>\nWhy</textarea>", answer.text)


FROM_NEW = {"Sec-Fetch-Site": "same-origin", "Referer": f"http://localhost{NEW}"}


def test_every_form_of_the_site_has_a_step_with_a_name(app: Flask) -> None:
    senders = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}

    with app.test_request_context("/en/"):
        assert {endpoint for endpoint in senders if not str(form_recovery.step_of(endpoint).name)} == set()


def test_only_what_keeps_words_is_ever_sent_again(app: Flask) -> None:
    with app.app_context():
        resendable = {endpoint for endpoint in app.view_functions if form_recovery.step_of(endpoint).resendable}

    assert resendable == {
        "submitting.new_story", "submitting.write", "teaching.begin_guide", "teaching.save_guide",
        "moderating.words", "moderating.correction", "stewarding.new", "stewarding.one", "account.profile",
    }  # fmt: skip


def test_sending_again_from_that_page_works(client: FlaskClient, leader: Person, site: Session) -> None:
    page = client.post(NEW, data={"csrf_token": "old", **TYPED}).text
    answer = press(client, page, teller_naming="anonymous")

    site.rollback()
    assert answer.status_code == 303
    assert [story.newest_revision.title for story in site.query(Story)] == [TYPED["title"]]


def test_an_expired_sign_in_gives_the_form_back(app: Flask, client: FlaskClient) -> None:
    answer = client.post(NEW, data=TYPED)

    assert (answer.status_code, kept(answer.text)) == (401, TYPED)


def test_after_signing_in_beside_it_the_form_can_be_sent(client: FlaskClient, site: Session) -> None:
    row = account(site, make.person(site, Role.LEADER), "someone@example.org")
    site.commit()
    page = client.post(NEW, data=TYPED).text
    send(client, "/en/account/sign-in", email=row.email, password="a long enough password")
    again = press(client, page)  # signing in made the page's token worthless: the form comes back with a new one
    answer = press(client, again.text, teller_naming="anonymous")

    assert (again.status_code, kept(again.text), answer.status_code) == (400, TYPED, 303)


def test_passwords_are_never_given_back(client: FlaskClient) -> None:
    answer = client.post("/en/account/sign-in", data={"email": "a@example.org", "password": "zanzibar"})

    assert (answer.status_code, "zanzibar" in answer.text, "a@example.org" in answer.text) == (400, False, True)


def test_more_than_fits_gives_the_form_back(client: FlaskClient, leader: Person) -> None:
    long = "word " * 1_400_000
    answer = client.post(NEW, data={"csrf_token": token(client, NEW), "title": "Kept", "body": long})

    assert (answer.status_code, kept(answer.text)) == (413, {"title": "Kept", "body": long})


def test_a_busy_database_gives_the_form_back(
    app: Flask, client: FlaskClient, leader: Person, site: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = token(client, NEW)
    site.rollback()
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.1)
    with app.app_context():
        make_impatient(app)
    with writer(app.config["SETTINGS"].database_url):
        answer = client.post(NEW, data={"csrf_token": fresh, **TYPED, "teller_naming": "anonymous"})

    assert (answer.status_code, kept(answer.text)) == (503, TYPED | {"teller_naming": "anonymous"})
    assert answer.headers["Retry-After"] == "5"


@pytest.mark.parametrize(
    ("trouble", "status", "reason"),
    [
        (Trouble.FULL, 507, "The disk of this site is full."),
        (Trouble.READ_ONLY, 503, "The disk of this site cannot be written to."),
    ],
)
def test_a_disk_that_takes_nothing_gives_the_form_back_and_says_why(
    app: Flask, client: FlaskClient, leader: Person, site: Session, trouble: Trouble, status: int, reason: str
) -> None:
    fresh = token(client, NEW)
    site.rollback()

    with app.app_context():
        break_disk(db.engine, trouble)
    long = {**TYPED, "body": "word " * 10_000}
    answer = client.post(NEW, data={"csrf_token": fresh, **long})

    assert (answer.status_code, kept(answer.text)) == (status, long)
    assert reason in answer.text
    assert answer.headers["Retry-After"] == "300"


BREAK_SQLITE = {Trouble.FULL: "PRAGMA max_page_count = 1", Trouble.READ_ONLY: "PRAGMA query_only = ON"}
BREAK_POSTGRESQL = {
    Trouble.FULL: """
        CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
        CREATE TRIGGER full_disk BEFORE INSERT ON revisions EXECUTE FUNCTION full_disk()""",
    Trouble.READ_ONLY: "SET default_transaction_read_only = on",
}


def break_disk(engine: Engine, trouble: Trouble) -> None:
    """Let the database say what it says when its disk takes nothing."""

    def limit(connection: Any, _: object) -> None:
        connection.execute((BREAK_POSTGRESQL if on_postgres() else BREAK_SQLITE)[trouble])
        connection.commit()

    engine.dispose()
    event.listen(engine, "connect", limit, once=on_postgres() and trouble is Trouble.FULL)


def make_impatient(app: Flask) -> None:
    """Let connections made from now on wait for a tenth of a second only."""
    db.engine.dispose()
