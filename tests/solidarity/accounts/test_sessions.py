"""Where somebody is signed in: a row for each browser, and a cookie that is worth what its row is."""

from __future__ import annotations

import sqlite3
import time
from datetime import timedelta
from typing import Any

import pages
import pytest
from factories import person
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as examples
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from rivals import writer
from sqlalchemy import select
from sqlalchemy.orm import Session

from solidarity.accounts.models import Account, UserSession
from solidarity.config import Settings
from solidarity.letters import invitations
from solidarity.web.clock import now
from solidarity.web.db import db
from stories import database
from stories.models import Role

PASSWORD = "a long enough password"
SIGN_IN, SIGN_OUT, SESSIONS = "/en/account/sign-in", "/en/account/sign-out", "/en/account/sessions"
FIREFOX = "Mozilla/5.0 (Android 14; Mobile; rv:128.0) Gecko/128.0 Firefox/128.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Safari/604.1"


@pytest.fixture
def mo(site: Session) -> Account:
    account = pages.account(site, person(site, Role.MODERATOR, Role.STEWARD), "mo@example.org", PASSWORD)
    site.commit()
    return account


def enter(client: FlaskClient, agent: str = FIREFOX) -> None:
    client.environ_base["HTTP_USER_AGENT"] = agent
    assert pages.send(client, SIGN_IN, email="mo@example.org", password=PASSWORD).status_code == 303


def is_in(client: FlaskClient) -> bool:
    return client.get(SESSIONS).status_code == 200


def rows(site: Session) -> list[UserSession]:
    site.rollback()
    return list(site.scalars(select(UserSession).order_by(UserSession.id)))


def pass_time(site: Session, by: timedelta) -> None:
    """Everything that was done is so much longer ago."""
    for row in rows(site):
        row.begun_at -= by
        row.last_used_at -= by
    site.commit()


def copied(client: FlaskClient, app: Flask, name: str = "desk") -> FlaskClient:
    """Another browser with a copy of the cookie."""
    cookie = client.get_cookie(name)
    assert cookie is not None
    thief = app.test_client()
    thief.set_cookie(name, cookie.value)
    return thief


def test_a_copy_of_the_cookie_is_worth_nothing_after_signing_out(app: Flask, client: FlaskClient, mo: Account) -> None:
    enter(client)
    thief = copied(client, app)
    assert is_in(thief)
    client.post(SIGN_OUT, data={"csrf_token": pages.token(client, SESSIONS)})
    assert not is_in(thief)


@pytest.mark.parametrize(("path", "fields"), [(SIGN_OUT, {}), (f"{SESSIONS}/end", {"which": "all"})])
def test_signing_out_while_somebody_writes_is_pressed_again_and_then_no_copy_is_worth_anything(
    app: Flask,
    client: FlaskClient,
    mo: Account,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    fields: dict[str, str],
) -> None:
    enter(client)
    thief, token = copied(client, app), pages.token(client, SESSIONS)
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.1)
    db.engine.dispose()
    with writer(app.config["SETTINGS"].database_url):
        assert client.post(path, data={"csrf_token": token, **fields}).status_code == 503
    assert (is_in(client), is_in(thief)) == (True, True)
    assert pages.send(client, SESSIONS, path, **fields).status_code in {302, 303}
    assert (is_in(client), is_in(thief)) == (False, False)


def test_signing_out_here_leaves_the_other_browser_signed_in(app: Flask, client: FlaskClient, mo: Account) -> None:
    other = app.test_client()
    enter(client)
    enter(other)
    client.post(SIGN_OUT, data={"csrf_token": pages.token(client, SESSIONS)})
    assert (is_in(client), is_in(other)) == (False, True)


def test_of_a_session_the_table_keeps_no_more_than_it_says(client: FlaskClient, site: Session, mo: Account) -> None:
    enter(client)
    [row] = rows(site)
    with client.session_transaction() as session:
        key = session["desk"]
    kept = {column.key: getattr(row, column.key) for column in UserSession.__mapper__.column_attrs}
    assert set(kept) == {"id", "account_id", "key_hash", "begun_at", "last_used_at", "browser", "system"}
    assert (row.browser, row.system, row.account) == ("Firefox", "Android", mo)
    assert (len(key), key in str(kept), "127.0.0.1" in str(kept), "128" in str(kept)) == (43, False, False, False)


def test_signing_in_again_in_one_browser_ends_the_session_before(
    app: Flask, client: FlaskClient, site: Session, mo: Account
) -> None:
    enter(client)
    thief = copied(client, app)
    with client.session_transaction() as session:
        session.pop("_user_id")
    enter(client)
    assert (is_in(client), is_in(thief), len(rows(site))) == (True, False, 1)


def test_the_page_names_each_browser_and_marks_this_one(app: Flask, client: FlaskClient, mo: Account) -> None:
    enter(app.test_client(), SAFARI)
    enter(client)
    page = client.get(SESSIONS).text
    assert page.index("Firefox on Android") < page.index("This browser") < page.index("Safari on iPhone")
    assert page.count("Sign out there") == 1


@pytest.mark.parametrize(
    ("which", "left"),
    [("others", [True, False, False]), ("all", [False, False, False]), ("one", [True, False, True])],
)
def test_one_session_is_ended_or_all_others_or_all(
    app: Flask, client: FlaskClient, site: Session, mo: Account, which: str, left: list[bool]
) -> None:
    browsers = [client, app.test_client(), app.test_client()]
    for browser in browsers:
        enter(browser)
    to = f"{SESSIONS}/{rows(site)[1].id}/end" if which == "one" else f"{SESSIONS}/end"
    assert pages.send(client, SESSIONS, to, which=which).status_code == 303
    assert [is_in(browser) for browser in browsers] == left


def test_nobody_ends_the_session_of_somebody_else(client: FlaskClient, app: Flask, site: Session, mo: Account) -> None:
    hers = app.test_client()
    pages.sign_in(hers, pages.account(site, person(site, Role.LEADER)))
    enter(client)
    pages.send(client, SESSIONS, f"{SESSIONS}/{rows(site)[0].id}/end")
    assert is_in(hers)


@pytest.mark.parametrize(
    ("ago", "stays"),
    [
        (timedelta(hours=71), True),
        (timedelta(hours=73), False),
    ],
)
def test_a_session_that_is_not_used_for_long_ends(
    client: FlaskClient, site: Session, mo: Account, ago: timedelta, stays: bool
) -> None:
    enter(client)
    pass_time(site, ago)
    assert is_in(client) is stays


def test_a_session_that_is_used_every_day_ends_after_two_weeks(client: FlaskClient, site: Session, mo: Account) -> None:
    enter(client)
    days = []
    for _ in range(16):
        pass_time(site, timedelta(days=1))
        days.append(is_in(client))
    assert days == [True] * 13 + [False] * 3


def test_when_it_was_last_used_is_written_down_every_few_minutes(
    client: FlaskClient, site: Session, mo: Account
) -> None:
    enter(client)
    noted = []
    for minutes in (4, 6):
        pass_time(site, timedelta(minutes=minutes))
        is_in(client)
        noted.append(now() - rows(site)[0].last_used_at < timedelta(minutes=1))
    assert noted == [False, True]


@pytest.mark.sqlite("one lock for all writers")
def test_no_page_waits_for_somebody_who_writes(
    client: FlaskClient, site: Session, settings: Settings, mo: Account
) -> None:
    enter(client)
    pass_time(site, timedelta(hours=1))
    with sqlite3.connect(settings.database_path, isolation_level=None) as writer:
        writer.execute("BEGIN IMMEDIATE")
        begun = time.monotonic()
        assert is_in(client)
        assert time.monotonic() - begun < 2
        writer.execute("ROLLBACK")
    writer.close()
    assert now() - rows(site)[0].last_used_at > timedelta(minutes=59)
    assert is_in(client)
    assert now() - rows(site)[0].last_used_at < timedelta(minutes=1)


def test_what_has_ended_by_itself_is_removed_by_tend(
    app: Flask, client: FlaskClient, site: Session, mo: Account
) -> None:
    enter(client)
    pass_time(site, timedelta(days=4))
    enter(app.test_client())
    assert app.test_cli_runner().invoke(args=["tend", "--once"]).exit_code == 0
    assert [row.begun_at > now() - timedelta(minutes=1) for row in rows(site)] == [True]


def test_how_long_a_session_lasts_is_a_setting(tmp_path: Any) -> None:
    made = Settings.from_env({"INSTANCE_PATH": str(tmp_path), "SESSION_IDLE_HOURS": "1", "SESSION_DAYS": "2"})
    assert (made.session_idle, made.session_lasts) == (timedelta(hours=1), timedelta(days=2))


def test_a_cookie_over_https_is_of_this_host_alone(make_app: Any, settings: Settings, tmp_path: Any) -> None:
    env = {"INSTANCE_PATH": str(settings.instance_path), "DATABASE_URL": settings.database_url}
    app = make_app(Settings.from_env({**env, "BASE_URL": "https://stories.example.org"}))
    answer = app.test_client().get(SIGN_IN, base_url="https://stories.example.org")
    [cookie] = answer.headers.getlist("Set-Cookie")
    name, *attributes = cookie.split("; ")
    assert name.startswith("__Host-desk=")
    assert sorted(attributes) == ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"]
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_without_https_nothing_insists_on_it(client: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in client.get(SIGN_IN).headers


# --- whatever happens, in whatever order


class Browsers(RuleBasedStateMachine):
    """Some people sign in and out of several browsers; `lives` is what should hold, told without the site."""

    app: Flask
    site: Session

    def __init__(self) -> None:
        super().__init__()
        self.site.rollback()
        accounts = [pages.account(self.site, person(self.site, Role.LEADER)) for _ in range(2)]
        self.numbers = [account.id for account in accounts]
        self.site.commit()
        self.lives: list[dict[str, Any]] = []  # each with its browser, whose it is, its age, and whether it is alive

    def _account(self, whose: int) -> Account:
        self.site.rollback()
        return self.site.get_one(Account, self.numbers[whose])

    def _living(self, whose: int) -> list[dict[str, Any]]:
        return [one for one in self.lives if one["alive"] and one["whose"] == whose]

    @rule(whose=st.integers(0, 1))
    def sign_in(self, whose: int) -> None:
        account = self._account(whose)
        if account.active:
            browser = self.app.test_client()
            pages.sign_in(browser, account)
            self.lives.append({"browser": browser, "whose": whose, "age": 0, "idle": 0, "alive": True})

    @precondition(lambda self: any(one["alive"] for one in self.lives))
    @rule(data=st.data(), how=st.sampled_from(["sign out", "others", "all", "one"]))
    def end(self, data: st.DataObject, how: str) -> None:
        mine = data.draw(st.sampled_from([one for one in self.lives if one["alive"]]))
        others = [one for one in self._living(mine["whose"]) if one is not mine]
        browser = mine["browser"]
        if how == "sign out":
            pages.send(browser, SESSIONS, SIGN_OUT)
            ended = [mine]
        elif how == "one":
            ended = [data.draw(st.sampled_from([mine, *others]))]
            pages.send(browser, SESSIONS, f"{SESSIONS}/{self._row(ended[0])}/end")
        else:
            pages.send(browser, SESSIONS, f"{SESSIONS}/end", which=how)
            ended = others if how == "others" else [mine, *others]
        mine["idle"] = 0
        for one in ended:
            one["alive"] = False

    def _row(self, one: dict[str, Any]) -> int:
        with one["browser"].session_transaction() as session:
            return pages.row_of(self.site, session["desk"]).id

    @rule(whose=st.integers(0, 1))
    def choose_a_new_password(self, whose: int) -> None:
        self.app.extensions["security"].datastore.set_uniquifier(self._account(whose))
        self.site.commit()
        for one in self._living(whose):
            one["alive"] = False

    @rule(whose=st.integers(0, 1))
    def close_the_account_or_open_it(self, whose: int) -> None:
        account = self._account(whose)
        if account.active:
            invitations.close(self.site, account)
        else:
            invitations.open_again(account)
        self.site.commit()
        for one in self._living(whose):
            one["alive"] = False

    @rule(hours=st.sampled_from([1, 50, 71, 73, 24 * 13]))
    def time_passes(self, hours: int) -> None:
        pass_time(self.site, timedelta(hours=hours))
        for one in self.lives:
            one["age"] += hours
            one["idle"] += hours
            one["alive"] &= one["idle"] < 72 and one["age"] < 14 * 24

    @rule()
    def tend(self) -> None:
        self.app.test_cli_runner().invoke(args=["tend", "--once"])

    @invariant()
    def a_cookie_lets_in_exactly_while_its_session_lives(self) -> None:
        found = [is_in(one["browser"]) for one in self.lives]
        assert found == [one["alive"] for one in self.lives]
        for one in self.lives:
            one["idle"] = 0  # whoever is let in has used it


def test_a_cookie_lets_in_exactly_while_its_session_lives(app: Flask, site: Session) -> None:
    Browsers.app, Browsers.site = app, site
    run_state_machine_as_test(Browsers, settings=examples(max_examples=30, stateful_step_count=20, deadline=None))
