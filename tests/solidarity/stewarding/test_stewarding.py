"""What stewards do: letting people in, roles, themes and organisations; and who is turned away."""

from __future__ import annotations

from pathlib import Path

import factories as make
import pages
import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from solidarity.accounts.models import Account
from stories.models import Organisation, Role, Theme

PEOPLE = "/en/stewarding/people"
THEMES = "/en/stewarding/themes"
ORGANISATIONS = "/en/stewarding/organisations"
NO_ADDRESSES = (
    "ana\x00@example.org",
    "ana@example.org\r\nBcc: all@example.org", '"ana reyes"@example.org', "a" * 65 + "@example.org",
    "ana@[127.0.0.1]", "Ana <ana@example.org>", "ana\u202e@example.org", "ana@exa mple.org", f"ana@{'x' * 64}.org",
)  # fmt: skip


@pytest.fixture
def sam(site: Session, client: FlaskClient) -> Account:
    """A steward, signed in."""
    account = pages.account(site, make.person(site, Role.STEWARD, name="Sam Lee"), "sam@example.org")
    pages.sign_in(client, account)
    site.commit()
    return account


def of(account: Account) -> str:
    return f"{PEOPLE}/{account.id}"


def invite(client: FlaskClient, **fields: object) -> TestResponse:
    given = {"name": "Ana Reyes", "email": "ana@example.org", "roles": ["leader", "educator"], "language": "ur"}
    return pages.send(client, PEOPLE, **{**given, **fields})


def letters(app: Flask) -> list[str]:
    folder = Path(app.config["SETTINGS"].instance_path) / "mail"
    return [path.read_text() for path in sorted(folder.glob("*.eml"))] if folder.exists() else []


def accounts(site: Session) -> dict[str, set[Role]]:
    site.rollback()
    site.expire_all()
    return {account.email: set(account.person.roles) for account in site.scalars(select(Account))}


# --- people


def test_an_invitation_makes_a_person_with_roles_and_sends_a_letter(
    client: FlaskClient, app: Flask, site: Session, sam: Account
) -> None:
    answer = invite(client)
    assert answer.status_code == 303
    assert accounts(site) == {"sam@example.org": {Role.STEWARD}, "ana@example.org": {Role.LEADER, Role.EDUCATOR}}
    [letter] = letters(app)
    assert "/ur/account/password/" in letter
    assert "/ur/account/password/" in client.get(answer.location).text


def test_inviting_twice_invites_once(client: FlaskClient, app: Flask, site: Session, sam: Account) -> None:
    answers = [invite(client) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert (len(accounts(site)), len(letters(app))) == (2, 1)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"email": "nobody"}, "such as name@example.org"),
        ({"email": "x" * 5_000 + "@example.org"}, "such as name@example.org"),
        *(({"email": email}, "such as name@example.org") for email in NO_ADDRESSES),
        ({"email": "SAM@example.org"}, "an account with this address already: Sam Lee"),
        ({"name": " \x00 "}, "Please write something here."),
        ({"name": "n" * 501}, "1 characters too long"),
        ({"roles": "king"}, "no longer offered"),
        ({"roles": []}, "Please choose at least one"),
        ({"language": "xx"}, "Please choose one of these."),
    ],
)
def test_an_invitation_that_will_not_do_stays_on_the_page(
    client: FlaskClient, app: Flask, site: Session, sam: Account, fields: dict[str, str], said: str
) -> None:
    answer = invite(client, **fields)
    assert answer.status_code == 422
    if "email" in fields:
        assert f'value="{escape(fields["email"])}"' in answer.text.replace("\r\n", "\n") or "\r" in fields["email"]
    assert said in answer.text
    assert "ana@example.org" in answer.text or "email" in fields
    assert (len(accounts(site)), letters(app)) == (1, [])


def test_an_address_in_other_letters_is_invited_and_kept_as_people_read_it(
    client: FlaskClient, app: Flask, site: Session, sam: Account
) -> None:
    assert invite(client, email="Ana@BÜCHER.example").status_code == 303
    assert invite(client, email="ana@xn--bcher-kva.example", name="Ana").status_code == 422
    assert "ana@bücher.example" in accounts(site)
    assert "<ana@xn--bcher-kva.example>" in letters(app)[0]


def test_an_invitation_is_sent_again_only_to_who_has_not_come_in(
    client: FlaskClient, app: Flask, site: Session, sam: Account
) -> None:
    where = invite(client).location
    pages.send(client, PEOPLE, f"{where}/invitation")
    pages.send(client, PEOPLE, f"{of(sam)}/invitation")
    assert len(letters(app)) == 2


def test_roles_are_set_as_they_were_ticked(client: FlaskClient, site: Session, sam: Account) -> None:
    ana = pages.account(site, make.person(site, Role.LEADER), "ana@example.org")
    site.commit()
    pages.send(client, PEOPLE, f"{of(ana)}/roles", roles=["moderator", "steward"])
    assert accounts(site)["ana@example.org"] == {Role.MODERATOR, Role.STEWARD}
    pages.send(client, PEOPLE, f"{of(ana)}/roles")
    assert accounts(site)["ana@example.org"] == set()


def test_a_site_always_keeps_a_steward_who_can_sign_in(client: FlaskClient, site: Session, sam: Account) -> None:
    invited = pages.account(site, make.person(site, Role.STEWARD), "invited@example.org")
    invited.password = None
    site.commit()
    answers = [
        pages.send(client, PEOPLE, f"{of(sam)}/roles", roles=["leader"]),
        pages.send(client, PEOPLE, f"{of(sam)}/closure"),
    ]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert accounts(site)["sam@example.org"] == {Role.STEWARD}
    assert sam.active


def test_a_closed_account_signs_out_whoever_is_in_until_it_is_opened_again(
    client: FlaskClient, app: Flask, site: Session, sam: Account
) -> None:
    ana = pages.account(site, make.person(site, Role.LEADER), "ana@example.org")
    site.commit()
    hers = app.test_client()
    pages.sign_in(hers, ana)
    assert hers.get("/en/my/stories").status_code == 200
    pages.send(client, PEOPLE, f"{of(ana)}/closure")
    assert hers.get("/en/my/stories").status_code == 302
    pages.send(client, PEOPLE, f"{of(ana)}/reopening")
    accounts(site)
    assert ana.active


def test_somebody_who_is_not_there_is_not_found(client: FlaskClient, sam: Account) -> None:
    assert [client.get(f"{PEOPLE}/{number}").status_code for number in ("999", "2147483648", "x")] == [404] * 3


# --- themes and organisations


def test_a_theme_is_added_and_named_in_another_language(client: FlaskClient, site: Session, sam: Account) -> None:
    answer = pages.send(
        client, f"{THEMES}/new", name="Shared meals", **{"name_zh-Hans": "一起吃饭", "about_ur": "ایک میز"}
    )
    theme = site.scalars(select(Theme)).one()
    assert answer.location == f"{THEMES}/shared-meals"
    assert (theme.names, theme.abouts) == ({"zh-Hans": "一起吃饭"}, {"ur": "ایک میز"})
    assert "一起吃饭" in client.get(answer.location).text


def test_a_renamed_theme_keeps_its_address_and_readers_find_the_new_name(
    client: FlaskClient, site: Session, sam: Account
) -> None:
    theme = make.theme(site, "Labour", slug="labour")
    make.published(site, themes=(theme,))
    site.commit()
    assert pages.send(client, f"{THEMES}/labour", name="Work and dignity").location == f"{THEMES}/labour"
    assert "Work and dignity" in client.get("/en/themes/labour").text
    assert "The Water We Carried" in client.get("/en/search?q=dignity").text


def test_an_organisation_is_written_whole(client: FlaskClient, site: Session, sam: Account) -> None:
    fields = {"name": "Harbor Lights", "about": "We cook.", "place": "Oakland", "website": "https://harbor.example/"}
    pages.send(client, f"{ORGANISATIONS}/new", **fields)
    row = site.scalars(select(Organisation)).one()
    assert {name: getattr(row, name) for name in fields} == fields


@pytest.mark.parametrize(
    ("page", "fields", "said"),
    [
        (THEMES, {"name": ""}, "Please write something here."),
        (THEMES, {"name": "LABOUR"}, "There is one with this name already."),
        (THEMES, {"name": "x", "about_ur": "a" * 2_001}, "1 characters too long"),
        (ORGANISATIONS, {"name": "x", "website": "javascript:alert(1)"}, "beginning with https://"),
        (ORGANISATIONS, {"name": "x" * 501}, "1 characters too long"),
    ],
)
def test_what_will_not_do_stays_on_the_page_and_nothing_is_added(
    client: FlaskClient, site: Session, sam: Account, page: str, fields: dict[str, str], said: str
) -> None:
    make.theme(site, "Labour")
    site.commit()
    answer = pages.send(client, f"{page}/new", **{"about": "Kept words", **fields})
    assert answer.status_code == 422
    assert said in answer.text
    assert "Kept words" in answer.text
    assert (len(site.scalars(select(Theme)).all()), len(site.scalars(select(Organisation)).all())) == (1, 0)


def test_adding_twice_adds_once(client: FlaskClient, site: Session, sam: Account) -> None:
    answers = [pages.send(client, f"{THEMES}/new", name="Labour").status_code for _ in range(2)]
    assert answers == [303, 422]
    assert len(site.scalars(select(Theme)).all()) == 1


# --- who is turned away


@pytest.mark.parametrize("role", [Role.LEADER, Role.MODERATOR, Role.EDUCATOR])
def test_the_desk_is_open_to_stewards_only(app: Flask, site: Session, role: Role) -> None:
    account = pages.account(site, make.person(site, role))
    site.commit()
    client = app.test_client()
    paths = (PEOPLE, of(account), THEMES, f"{THEMES}/new", ORGANISATIONS)
    assert [client.get(path).status_code for path in paths] == [302] * 5
    pages.sign_in(client, account)
    assert [client.get(path).status_code for path in paths] == [403] * 5
