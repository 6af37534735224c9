"""Choosing a password: by an invitation, or when the old one is lost; and `flask people`."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pages
import pytest
from factories import person
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from itsdangerous import TimestampSigner
from sqlalchemy import select
from sqlalchemy.orm import Session

from solidarity.accounts.models import Account
from stories.models import Person, Role

LOST = "/en/account/password"
NEW = "a brand new password"


@pytest.fixture
def run(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


@pytest.fixture
def letters(app: Flask) -> Callable[[], list[str]]:
    folder = Path(app.config["SETTINGS"].instance_path) / "mail"
    return lambda: [path.read_text() for path in sorted(folder.glob("*.eml"))]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Let time pass for the links that were made so far."""
    real = TimestampSigner.get_timestamp

    def move(by: timedelta) -> None:
        monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda self: real(self) + int(by.total_seconds()))

    return move


def path_in(words: str) -> str:
    found = re.search(r"http://\S+/account/password/\S+", words)
    assert found
    return urlsplit(found[0]).path


def invite(run: FlaskCliRunner, email: str = "mo@example.org", *more: str) -> str:
    result = run.invoke(args=["people", "invite", email, "--name", "Mo Tran", "--role", "moderator", *more])
    assert result.exit_code == 0, result.output
    return path_in(result.output)


def choose(client: FlaskClient, path: str, password: str = NEW, again: str = "") -> int:
    return pages.send(client, path, password=password, password_confirm=again or password).status_code


def enters(client: FlaskClient, password: str = NEW) -> bool:
    client.delete_cookie("desk")
    return pages.send(client, "/en/account/sign-in", email="mo@example.org", password=password).status_code == 303


def test_an_invitation_leads_to_a_password_and_into_the_site(run: FlaskCliRunner, client: FlaskClient) -> None:
    path = invite(run)
    assert choose(client, path) == 303
    assert enters(client)


def test_an_invitation_comes_by_letter_in_the_language_of_the_receiver(
    run: FlaskCliRunner, letters: Callable[[], list[str]]
) -> None:
    path = invite(run, "mo@example.org", "--language", "ur")
    [letter] = letters()
    assert path.startswith("/ur/account/password/")
    assert path_in(letter) == path


def test_a_link_works_once(run: FlaskCliRunner, client: FlaskClient) -> None:
    path = invite(run)
    choose(client, path)
    assert client.get(path).location == LOST
    assert not enters(client, "another new password")


def test_an_invitation_waits_seven_days(
    run: FlaskCliRunner, client: FlaskClient, later: Callable[[timedelta], None]
) -> None:
    path = invite(run)
    later(timedelta(days=6, hours=23))
    assert client.get(path).status_code == 200
    later(timedelta(days=7, hours=1))
    assert client.get(path).location == LOST


def test_a_link_for_a_lost_password_waits_one_day(
    run: FlaskCliRunner, client: FlaskClient, letters: Callable[[], list[str]], later: Callable[[timedelta], None]
) -> None:
    choose(client, invite(run))
    pages.send(client, LOST, email="mo@example.org")
    path = path_in(letters()[-1])
    later(timedelta(hours=23))
    assert client.get(path).status_code == 200
    later(timedelta(hours=25))
    assert client.get(path).location == LOST


def test_a_new_password_signs_out_whoever_was_in_and_tells_the_owner(
    run: FlaskCliRunner, client: FlaskClient, app: Flask, letters: Callable[[], list[str]]
) -> None:
    choose(client, invite(run))
    enters(client)
    other = app.test_client()
    pages.send(other, LOST, email="mo@example.org")
    assert choose(other, path_in(letters()[-1]), "yet another password") == 303
    assert client.get("/en/moderating").status_code == 302
    assert "a new password was just chosen" in letters()[-1]


def test_a_lost_password_is_answered_alike_for_everybody(
    run: FlaskCliRunner, client: FlaskClient, letters: Callable[[], list[str]]
) -> None:
    choose(client, invite(run))
    client.delete_cookie("desk")
    before = len(letters())
    pages_seen = set()
    for email in ("mo@example.org", "no@example.org"):
        answer = pages.send(client, LOST, email=email)
        plain = re.sub(r'name="csrf_token"[^>]*', "", answer.text).replace(email, "")
        pages_seen.add((answer.status_code, plain))
    assert len(pages_seen) == 1
    assert len(letters()) == before + 1


@pytest.mark.parametrize(
    "email",
    [
        "",
        "mo",
        "mo\x00@example.org",
        '"mo"@example.org',
        "m" * 65 + "@example.org",
        "mo@[127.0.0.1]",
        "Mo <mo@example.org>",
    ],
)
def test_what_is_no_address_is_refused_beside_its_field(client: FlaskClient, email: str) -> None:
    answer = pages.send(client, LOST, email=email)
    assert (answer.status_code, answer.text.count("such as name@example.org")) == (422, 2)  # in the summary too
    assert "a letter is on its way" not in answer.text
    assert pages.send(client, "/en/account/sign-in", email=email, password="x").status_code == 422


@pytest.mark.parametrize(
    "email",
    [
        "mo",
        "mo\udcff@example.org",
        '"mo"@example.org',
        "m" * 65 + "@example.org",
        "mo@[127.0.0.1]",
        "Mo <mo@example.org>",
    ],
)
def test_inviting_what_is_no_address_says_so_in_a_line(run: FlaskCliRunner, email: str) -> None:
    result = run.invoke(args=["people", "invite", email, "--name", "Mo Tran", "--role", "leader"])
    assert (result.exit_code, isinstance(result.exception, SystemExit)) == (1, True)
    assert result.output.startswith("Error: That is not an e-mail address: ")
    assert len(result.output.splitlines()) == 1


def test_somebody_invited_who_asks_for_a_password_gets_the_invitation_again(
    run: FlaskCliRunner, client: FlaskClient, letters: Callable[[], list[str]]
) -> None:
    invite(run)
    pages.send(client, LOST, email="mo@example.org")
    assert ["You are invited" in letter for letter in letters()] == [True, True]


def test_the_link_in_a_letter_does_not_follow_a_forged_host(
    run: FlaskCliRunner, client: FlaskClient, letters: Callable[[], list[str]]
) -> None:
    choose(client, invite(run))
    token = pages.token(client, LOST)
    client.post(
        LOST, data={"csrf_token": token, "email": "mo@example.org"}, headers={"X-Forwarded-Host": "evil.example"}
    )
    assert "evil.example" not in letters()[-1]
    assert "http://127.0.0.1:5000/en/account/password/" in letters()[-1]


@pytest.mark.parametrize(
    ("password", "again", "said"),
    [
        ("short", "short", "10 to 128 characters"),
        ("a long enough password", "another password", "The two passwords differ"),
        ("x" * 129, "x" * 129, "10 to 128 characters"),
        ("x" * 2_000, "x" * 2_000, "too long to be a password"),
        ("", "", "Please write your password"),
        ("1234567890", "1234567890", "stolen elsewhere"),
        ("PASSWORD1234", "PASSWORD1234", "stolen elsewhere"),
        ("qwertyuiop2026!", "qwertyuiop2026!", "stolen elsewhere"),
        ("mo@example.org", "mo@example.org", "easy to guess"),
        ("Mo Tran Mo Tran", "Mo Tran Mo Tran", "easy to guess"),
        ("example.org 1", "example.org 1", "easy to guess"),
        ("SolidarityStories26", "SolidarityStories26", "easy to guess"),
        *(
            (password, password, "easy to guess")
            for password in (
                "Password2026",
                "steward1234",
                "Summer2026!!",
                "P4ssw0rd2026!",
                "2026-Leader-1",
                "STEWARD١٢٣٤",
                "ñññññññññññ",
                "가나가나가나가나가나가",
                "no!no!no!no!",
            )
        ),
        ("١٢٣٤٥٦٧٨٩٠", "١٢٣٤٥٦٧٨٩٠", "stolen elsewhere"),
        ("٧٧٧٧٧٧٧٧٧٧", "٧٧٧٧٧٧٧٧٧٧", "stolen elsewhere"),
    ],
)
def test_a_password_that_will_not_do_is_refused_beside_its_field(
    run: FlaskCliRunner, client: FlaskClient, password: str, again: str, said: str
) -> None:
    answer = pages.send(client, invite(run), password=password, password_confirm=again)
    assert answer.status_code == 422
    assert said in answer.text


@pytest.mark.parametrize(
    "password",
    [
        "stewards of the tide",
        "summer rain 2026",
        "84712 09355",
        "solidarity of nine rivers",
        "tran quility and rice",
        "ایک لمبا سا جملہ",
        "一个很长的密码啊对不对",
        NEW,
    ],
)
def test_a_password_that_holds_some_of_it_will_do(run: FlaskCliRunner, client: FlaskClient, password: str) -> None:
    assert choose(client, invite(run), password) == 303
    assert enters(client, password)


@pytest.mark.parametrize("name", ["李小龙", "김철수", "फ़ातिमा", "Nguyễn Thị Ánh"])
def test_a_name_in_any_script_is_no_password(run: FlaskCliRunner, client: FlaskClient, name: str) -> None:
    result = run.invoke(args=["people", "invite", "mo@example.org", "--name", name, "--role", "leader"])
    answer = pages.send(client, path_in(result.output), password=f"{name} {name} {name} 1", password_confirm="x")
    assert (
        "easy to guess"
        in pages.send(
            client,
            path_in(result.output),
            password=f"{name} {name} {name} 1",
            password_confirm=f"{name} {name} {name} 1",
        ).text
    )
    assert answer.status_code == 422


def test_whoever_chooses_a_password_is_signed_in_and_told_what_is_so(
    run: FlaskCliRunner, client: FlaskClient, letters: Callable[[], list[str]]
) -> None:
    path = invite(run)
    assert "Choose your first password" in client.get(path).text
    answer = pages.send(client, path, password=NEW, password_confirm=NEW)
    assert (answer.status_code, answer.location) == (303, "/en/workspace")
    assert "Your new password is set." in client.get("/en/moderating").text
    assert "your account is ready" in letters()[-1]
    client.delete_cookie("desk")
    pages.send(client, LOST, email="mo@example.org")
    path = path_in(letters()[-1])
    assert "Choose a new password" in client.get(path).text
    assert choose(client, path, "yet another password") == 303
    assert "a new password was just chosen" in letters()[-1]


def test_nobody_is_invited_without_a_role(run: FlaskCliRunner, site: Session) -> None:
    result = run.invoke(args=["people", "invite", "mo@example.org", "--name", "Mo"])
    assert (result.exit_code, "--role" in result.output, site.scalars(select(Person)).all()) == (2, True, [])


@pytest.mark.parametrize("token", ["x", "a.b.c", "%00", "x" * 3_000])
def test_a_broken_link_leads_to_a_new_one(client: FlaskClient, token: str) -> None:
    answer = client.get(f"{LOST}/{token}")
    assert (answer.status_code, answer.location) == (302, LOST)
    assert "did not reach us whole" in client.get(LOST).text


# --- the command line


def test_the_first_steward_of_an_empty_site_is_made_by_the_command(run: FlaskCliRunner, site: Session) -> None:
    result = run.invoke(args=["people", "invite", "St@Example.org", "--name", "Sam  Lee", "--role", "steward"])
    account = site.scalars(select(Account)).one()
    assert result.exit_code == 0
    assert (account.email, account.person.name, account.person.roles, account.password) == (
        "st@example.org",
        "Sam Lee",
        {Role.STEWARD},
        None,
    )


def test_inviting_twice_makes_one_person_and_sends_the_letter_again(
    run: FlaskCliRunner, site: Session, letters: Callable[[], list[str]]
) -> None:
    invite(run)
    invite(run, "MO@example.org")
    assert (len(site.scalars(select(Person)).all()), len(letters())) == (1, 2)


def test_whoever_has_a_password_is_not_invited_again(run: FlaskCliRunner, site: Session) -> None:
    pages.account(site, person(site), "mo@example.org")
    site.commit()
    result = run.invoke(args=["people", "invite", "mo@example.org", "--name", "Mo", "--role", "leader"])
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert "has an account already" in result.output


@pytest.mark.parametrize(
    ("email", "name", "said"),
    [
        ("nobody", "Mo", "not an e-mail address"),
        ("mo@example.org", " ", "name is empty"),
        ("m@e.org", "x" * 501, "longer"),
    ],
)
def test_bad_input_is_refused_in_one_line(run: FlaskCliRunner, site: Session, email: str, name: str, said: str) -> None:
    result = run.invoke(args=["people", "invite", email, "--name", name, "--role", "leader"])
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert said in result.output
    assert site.scalars(select(Person)).all() == []


def test_a_role_is_granted_to_somebody_who_is_here(run: FlaskCliRunner, site: Session) -> None:
    account = pages.account(site, person(site, Role.LEADER), "mo@example.org")
    site.commit()
    results = [run.invoke(args=["people", "grant", "MO@example.org", "steward"]).exit_code for _ in range(2)]
    site.refresh(account.person)
    assert (results, account.person.roles) == ([0, 0], {Role.LEADER, Role.STEWARD})


@pytest.mark.parametrize(
    ("arguments", "code"), [(["x@example.org", "steward"], 1), (["x@example.org", "king"], 2), (["x@example.org"], 2)]
)
def test_a_role_for_nobody_or_of_no_kind_is_refused(run: FlaskCliRunner, arguments: list[str], code: int) -> None:
    assert run.invoke(args=["people", "grant", *arguments]).exit_code == code


def test_everybody_is_listed(run: FlaskCliRunner, site: Session) -> None:
    pages.account(site, person(site, Role.LEADER, Role.EDUCATOR, name="Ana"), "ana@example.org")
    site.commit()
    invite(run)
    assert run.invoke(args=["people", "list"]).output == (
        "ana@example.org\tAna\teducator, leader\nmo@example.org\tMo Tran\tmoderator (invited)\n"
    )
