"""What the database says reaches people as a page they can do something with; a form comes back with every word."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import factories as make
import pages
import pytest
from databases import on_postgres
from fields import fields
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from solidarity.config import Settings
from solidarity.web.db import db
from solidarity.web.form_recovery import resendable
from stories.models import Guide, Person, Role, Story, Theme

NEW = "/en/my/stories/new"
TYPED = {"title": "The <b>Bell</b> & “the” boat", "body": "One.\r\n\r\nTwo & three.", "language": "en", "whose": "own"}


def kept(page: str) -> list[str]:
    """The typed texts that stand on the page."""
    text = html.unescape(page).replace("\r\n", "\n")
    return [typed for typed in TYPED.values() if typed.replace("\r\n", "\n") in text]


# --- out of reach


@pytest.fixture
def cut_off(settings: Settings, make_app: Callable[[Settings], Flask]) -> Flask:
    """The site, with its database out of reach."""
    nowhere = (
        "postgresql+psycopg://nobody@127.0.0.1:1/nothing" if on_postgres() else "sqlite:////no/such/folder/x.sqlite"
    )
    return make_app(replace(settings, database_url=nowhere))


def somebody(app: Flask) -> FlaskClient:
    """A visitor whose cookie says that they have signed in."""
    client = app.test_client()
    with client.session_transaction() as session:
        session.update(_user_id="somebody", _fresh=True, fs_cc="set", desk="a key")
    return client


@pytest.mark.parametrize("path", ["/en/stories", "/en/my/stories", "/ur/search?q=rice", "/en/stories/a-story"])
def test_a_page_says_so_when_the_database_is_out_of_reach(cut_off: Flask, path: str) -> None:
    answer = somebody(cut_off).get(path)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "<h1>" in answer.text


def test_the_api_says_so_in_json(cut_off: Flask) -> None:
    answer = cut_off.test_client().get("/api/v1/stories")

    assert (answer.status_code, list(answer.get_json())) == (503, ["error"])


def test_a_form_comes_back_when_the_database_is_out_of_reach(cut_off: Flask) -> None:
    answer = somebody(cut_off).post(NEW, data=TYPED)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert kept(answer.text) == list(TYPED.values())


def test_whoever_watches_is_told(cut_off: Flask) -> None:
    client = cut_off.test_client()

    assert (client.get("/healthz").status_code, client.get("/readyz").status_code) == (200, 503)
    assert client.get("/readyz").get_json()["problems"]["database"] == "cannot be reached"


# --- somebody was faster


@pytest.fixture
def leader_app(app: Flask) -> Flask:
    """The site with addresses that ask the database for what it refuses."""

    def twice() -> str:
        for _ in range(2):
            db.session.execute(insert(Theme).values(slug="a", name="A", names={}, about="", abouts={}))
        return ""

    def vast() -> str:
        return str(db.session.get(Person, 10**20))

    def nul() -> str:
        return str(db.session.scalar(select(Theme).where(Theme.slug == "a\0b")) or "nothing")

    for view in (twice, vast, nul):
        named = resendable("Save")(view)
        app.add_url_rule(f"/<locale>/{view.__name__}", view.__name__, named, methods=["GET", "POST"])
    return app


def send(client: FlaskClient, path: str) -> Any:
    return client.post(path, data={"csrf_token": pages.token(client, "/en/account/sign-in"), **TYPED})


def test_what_somebody_else_took_first_is_a_conflict_that_keeps_the_form(leader_app: Flask) -> None:
    answer = send(leader_app.test_client(), "/en/twice")

    assert (answer.status_code, kept(answer.text)) == (409, list(TYPED.values()))


def test_a_number_that_no_column_holds_is_not_found_and_a_form_with_it_comes_back(leader_app: Flask) -> None:
    client = leader_app.test_client()
    answer = send(client, "/en/vast")

    assert (client.get("/en/vast").status_code, answer.status_code, kept(answer.text)) == (404, 422, [*TYPED.values()])


@pytest.mark.postgresql("SQLite asks for a NUL and finds nothing")
def test_a_text_that_no_column_holds_is_not_found_and_a_form_with_it_comes_back(leader_app: Flask) -> None:
    client = leader_app.test_client()
    answer = send(client, "/en/nul")

    assert (client.get("/en/nul").status_code, answer.status_code, kept(answer.text)) == (404, 422, [*TYPED.values()])


@pytest.mark.parametrize(("path", "of"), [(NEW, Story), ("/en/my/guides/new", Guide)])
def test_a_form_that_is_sent_twice_at_the_same_moment_makes_one(
    app: Flask, site: Session, path: str, of: type[Any]
) -> None:
    person = make.person(site, Role.LEADER, Role.EDUCATOR)
    clients = [app.test_client(), app.test_client()]
    account = pages.account(site, person)
    for client in clients:
        pages.sign_in(client, account)
    site.commit()
    forms = [
        fields(client.get(path)) | TYPED | {"form_key": "k" * 24, "teller_naming": "anonymous"} for client in clients
    ]
    site.rollback()

    with ThreadPoolExecutor() as pool:
        sent = [pool.submit(client.post, path, data=form) for client, form in zip(clients, forms, strict=True)]
        statuses = {answer.result().status_code for answer in sent}

    assert statuses in ({303}, {303, 409})
    assert site.scalar(select(func.count()).select_from(of)) == 1


# --- what no database holds


NOT_ASKED = {"static", "retired_locale", "security.reset_password"}  # a file, another address, a signature


def filled(rule: Rule) -> list[str]:
    """The address with something in its variable parts that no database holds."""
    variables = re.findall(r"<(?:([a-z]+)(?:\([^)]*\))?:)?([a-z_]+)>", rule.rule)
    addresses = [rule.rule]
    for converter, name in variables:
        given = {"row": ["1" + "0" * 20], "": ["a\0b", "\0", "\x1fa"], "path": ["a\0b"]}.get(converter, [])
        given = ["en"] if name == "locale" else given
        shown = re.compile(rf"<(?:[a-z]+(?:\([^)]*\))?:)?{name}>")
        addresses = [shown.sub(quote(text), address) for address in addresses for text in given]
    return addresses if variables and {name for _, name in variables} != {"locale"} else []


def test_an_address_with_something_no_database_holds_is_not_found(
    app: Flask, client: FlaskClient, site: Session
) -> None:
    pages.sign_in(client, pages.account(site, make.person(site, *Role)))
    site.commit()
    addresses = {
        address
        for rule in app.url_map.iter_rules()
        for address in filled(rule)
        if "GET" in (rule.methods or ()) and rule.endpoint not in NOT_ASKED
    }

    assert len(addresses) > 20
    assert {address: client.get(address).status_code for address in addresses} == dict.fromkeys(addresses, 404)


@pytest.mark.parametrize("path", ["/en/stories", "/en/search", "/en/guides", "/api/v1/search", "/api/v1/suggestions"])
def test_a_parameter_with_something_no_database_holds_is_no_error(client: FlaskClient, path: str) -> None:
    names = ("q", "page", "per_page", "theme", "organisation", "language", "minutes", "kind", "place", "sort")

    for text in ("a\0b", "\0", "1" + "0" * 20, "-1", "\ud800".encode("utf-8", "surrogatepass")):
        query = "&".join(f"{name}={quote(text)}" for name in names)
        assert client.get(f"{path}?{query}").status_code in {200, 400, 404}, text
