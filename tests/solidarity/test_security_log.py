"""What people do on the site and what operators type is written into the security log."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import factories as make
import pages
import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from rivals import writer
from sqlalchemy import select
from sqlalchemy.orm import Session
from tampering import tamper

from solidarity import log_watch
from solidarity.accounts import leaving
from solidarity.accounts.models import Account
from solidarity.commands import samples, settings_record
from solidarity.config import Settings
from solidarity.letters import corrections, invitations
from solidarity.second_factors import changes
from solidarity.web import security_log
from solidarity.web.clock import now
from stories import audit
from stories.leaving import Farewell
from stories.models import Event, EventKind, Person, Role
from stories.queries.events import OF_STORIES

SIGN_IN, SIGN_OUT = "/en/account/sign-in", "/en/account/sign-out"
PASSWORD = "a long enough password"


def told(site: Session) -> list[tuple[str, int | None, int | None, dict[str, Any]]]:
    """Kind, who, about whom and the facts of each line, in order; those of stories left out."""
    site.rollback()
    query = select(Event).where(Event.kind.not_in(OF_STORIES)).order_by(Event.position)
    return [(line.kind.value, line.by_id, line.person_id, line.details) for line in site.scalars(query)]


@pytest.fixture
def ana(site: Session) -> Person:
    person = make.person(site, Role.LEADER, name="Ana")
    pages.account(site, person, "ana@example.org", PASSWORD)
    site.commit()
    return person


@pytest.fixture
def steward(site: Session, client: FlaskClient) -> Person:
    return pages.signed_in(site, client, make.person(site, Role.STEWARD, name="Rosa"), "rosa@example.org")


def enter(client: FlaskClient, email: str, password: str = PASSWORD) -> int:
    return pages.send(client, SIGN_IN, email=email, password=password).status_code


def test_signing_in_and_out_are_written_with_one_session_and_no_address(
    client: FlaskClient, site: Session, ana: Person
) -> None:
    assert enter(client, "ana@example.org") == 303
    pages.send(client, "/en/my/stories/new", SIGN_OUT)

    assert told(site) == [
        ("signed in", ana.id, ana.id, {"ways": ["password"]}),
        ("signed out", ana.id, ana.id, {}),
    ]
    assert list(audit.verify(site)) == []
    lines = site.execute(select(Event.__table__)).all()
    assert "127.0.0.1" not in str(lines)
    assert "ana@example.org" not in str(lines)


def test_who_failed_to_sign_in_is_written_by_account_and_an_address_that_nobody_has_is_not(
    client: FlaskClient, site: Session, ana: Person
) -> None:
    enter(client, "ana@example.org", "a wrong password")
    enter(client, "eve@example.org", "whatever it is")

    assert told(site) == [
        ("sign-in failed", None, ana.id, {"ways": ["password"], "second": False}),
        ("sign-in failed", None, None, {"ways": ["password"]}),
    ]
    assert "eve@" not in str(site.execute(select(Event.__table__)).all())


def test_an_empty_form_is_no_failed_sign_in(client: FlaskClient, site: Session, ana: Person) -> None:
    enter(client, "", "")
    enter(client, "ana@example.org", "")

    assert told(site) == []


def test_who_asks_for_what_their_roles_do_not_open_is_written(client: FlaskClient, site: Session, ana: Person) -> None:
    client.get("/en/stewarding/events")
    enter(client, "ana@example.org")
    client.get("/en/stewarding/events")
    client.get("/en/my/stories")

    assert told(site)[1:] == [("refused", ana.id, None, {"page": "stewarding.events"})]


@pytest.mark.parametrize("path", [SIGN_OUT, "/en/stewarding/people/1/closure", "/en/account/profile"])
def test_what_another_site_sends_is_no_try_of_whoever_is_signed_in(
    client: FlaskClient, site: Session, steward: Person, path: str
) -> None:
    answer = client.post(path, headers={"Sec-Fetch-Site": "same-site"})

    assert answer.status_code == 403
    assert told(site) == []


def test_whoever_asks_over_and_over_is_written_once_an_hour_for_each_page(
    settings: Settings, make_app: Any, site: Session, ana: Person
) -> None:
    browser = make_app(replace(settings, rate_limits=True)).test_client()
    pages.sign_in(browser, site.scalars(select(Account)).one())
    for path in ("/en/stewarding/events", "/en/stewarding/events?days=1", "/en/moderating", "/en/stewarding/events"):
        assert browser.get(path).status_code == 403

    assert [facts["page"] for _, _, _, facts in told(site)] == ["stewarding.events", "moderating.queue"]


def test_nobody_is_kept_out_because_the_log_cannot_be_written(
    client: FlaskClient,
    site: Session,
    settings: Settings,
    ana: Person,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write = security_log._write

    def write_beside_somebody(lines: list[dict[str, Any]]) -> None:
        with writer(settings.database_url):
            write(lines)

    monkeypatch.setattr(security_log, "_write", write_beside_somebody)
    with caplog.at_level(logging.ERROR):
        answers = [enter(client, "ana@example.org", "a wrong password"), enter(client, "ana@example.org")]

    assert answers == [422, 303]
    assert client.get("/en/my/stories").status_code == 200
    assert f"not written to the security log: sign-in failed (person {ana.id})" in caplog.text
    assert f"not written to the security log: signed in (person {ana.id})" in caplog.text
    assert "ana@" not in caplog.text
    assert told(site) == []


def test_nothing_is_locked_while_a_password_is_looked_at(
    client: FlaskClient, site: Session, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = []
    checked, written = Account.verify_and_update_password, security_log._write
    monkeypatch.setattr(
        Account, "verify_and_update_password", lambda *values: (order.append("checked"), checked(*values))[1]
    )
    monkeypatch.setattr(security_log, "_write", lambda lines: (order.append("written"), written(lines))[1])
    enter(client, "ana@example.org", "a wrong password")

    assert order == ["checked", "written"]


def test_a_new_password_is_written(client: FlaskClient, site: Session, ana: Person) -> None:
    account = site.scalars(select(Account)).one()
    link = invitations.link_for(account).removeprefix("http://127.0.0.1:5000")
    site.commit()
    pages.send(client, link, password="another long password", password_confirm="another long password")

    assert ("password changed", ana.id, ana.id, {"ways": ["letter"]}) in told(site)


def test_what_a_steward_does_to_an_account_is_written(
    client: FlaskClient, site: Session, steward: Person, ana: Person
) -> None:
    number = site.scalars(select(Account.id).where(Account.person_id == ana.id)).one()
    page = f"/en/stewarding/people/{number}"
    pages.send(client, page, f"{page}/roles", roles=["moderator", "educator"])
    pages.send(client, page, f"{page}/roles", roles=["moderator", "educator"])
    pages.send(client, page, f"{page}/closure")
    pages.send(client, page, f"{page}/closure")
    pages.send(client, page, f"{page}/reopening")

    assert told(site) == [
        ("role revoked", steward.id, ana.id, {"role": "leader"}),
        ("role granted", steward.id, ana.id, {"role": "moderator"}),
        ("role granted", steward.id, ana.id, {"role": "educator"}),
        ("account closed", steward.id, ana.id, {}),
        ("account reopened", steward.id, ana.id, {}),
    ]


def test_what_was_refused_or_rolled_back_is_not_written(client: FlaskClient, site: Session, steward: Person) -> None:
    number = site.scalars(select(Account.id)).one()
    page = f"/en/stewarding/people/{number}"

    assert pages.send(client, page, f"{page}/roles", roles=["leader"]).status_code == 422
    assert pages.send(client, page, f"{page}/closure").status_code == 422
    assert told(site) == []


def test_an_invitation_is_written_with_the_roles_that_came_with_it(
    client: FlaskClient, site: Session, steward: Person
) -> None:
    pages.send(
        client, "/en/stewarding/people", name="Mo", email="mo@example.org", roles=["moderator"], language="ur"
    )  # fmt: skip
    mo = site.scalars(select(Person.id).where(Person.name == "Mo")).one()
    assert told(site) == [
        ("role granted", steward.id, mo, {"role": "moderator"}),
        ("invited", steward.id, mo, {}),
    ]


def test_every_role_of_somebody_who_can_sign_in_was_written_when_it_was_given(
    app: Flask, site: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples.load_samples(with_accounts=True)
    runner = app.test_cli_runner()
    runner.invoke(args=["people", "invite", "mo@example.org", "--name", "Mo", "--role", "moderator"])
    runner.invoke(args=["people", "grant", "mo@example.org", "steward"])
    runner.invoke(args=["people", "grant", "mo@example.org", "steward"])

    granted = [(about, facts["role"]) for kind, _, about, facts in told(site) if kind == "role granted"]
    assert sorted(granted) == sorted(
        (account.person_id, role.value) for account in site.scalars(select(Account)) for role in account.person.roles
    )
    assert {facts.get("from_command") for _, _, _, facts in told(site)} == {True}


def test_what_people_change_in_their_accounts_is_written_and_by_whom(site: Session, ana: Person) -> None:
    account = site.scalars(select(Account)).one()
    for _ in range(2):
        corrections.rename(account, "Ana Kealoha")
        corrections.change_address(site, account, "kealoha@example.org")
    changes.set_app(account, "a key", 1, at=now())
    changes.make_codes(account, "a secret of the site")
    changes.remove_all(account)
    site.commit()

    assert [(kind, about, facts.get("what")) for kind, _, about, facts in told(site)] == [
        ("name corrected", ana.id, None), ("address changed", ana.id, None), ("second factor set", ana.id, "app added"),
        ("recovery codes made", ana.id, "first codes"), ("second factor removed", ana.id, "removed by a steward"),
    ]  # fmt: skip
    assert site.scalars(select(Event.text).order_by(Event.position)).all()[:2] == ["Ana", "ana@example.org"]
    assert list(audit.verify(site)) == []


def test_of_somebody_who_left_the_log_keeps_that_it_happened_and_no_word(site: Session, ana: Person) -> None:
    account = site.scalars(select(Account)).one()
    corrections.change_address(site, account, "kealoha@example.org")
    leaving.remove(site, account, Farewell.DELETE)
    site.commit()

    assert [kind for kind, _, _, _ in told(site)] == ["address changed", "account deleted"]
    assert site.scalars(select(Event.text)).all() == ["", ""]
    assert (list(audit.verify(site)), audit.lines_without_words(site)) == ([], 1)


def test_sessions_that_are_ended_and_data_that_is_taken_are_written_with_the_session(
    app: Flask, client: FlaskClient, site: Session, ana: Person
) -> None:
    phone = app.test_client()
    assert (enter(phone, "ana@example.org"), enter(client, "ana@example.org")) == (303, 303)
    pages.send(client, "/en/account/sessions", "/en/account/sessions/end", which="others")
    pages.send(client, "/en/account/data")

    assert [kind for kind, _, _, _ in told(site)] == ["signed in", "signed in", "all sessions ended", "data exported"]
    marks = site.scalars(select(Event.session_mark).order_by(Event.position)).all()
    assert [bool(mark) for mark in marks] == [True] * 4
    assert len(set(marks)) == 2
    assert marks[1:] == [marks[1]] * 3


def test_imports_and_purges_are_written(app: Flask, site: Session, tmp_path: Path) -> None:
    file = tmp_path / "stories.jsonl"
    file.write_text('{"source_id": "a", "language": "en", "title": "T", "body": "B", "attribution": "A", '
                    '"licence": "CC BY 4.0"}\n')  # fmt: skip
    for words in (["stories", "import", str(file)], ["stories", "import", str(file), "--dry-run"], ["index", "purge"]):
        app.test_cli_runner().invoke(args=words)

    assert told(site) == [
        ("stories imported", None, None, {"way": "published", "added": 1, "from_command": True}),
        ("index purged", None, None, {"from_command": True}),
    ]


# --- settings


def test_which_settings_differ_from_the_last_start_is_written_and_no_value(
    site: Session, settings: Settings, make_app: Any
) -> None:
    def start(**changes: Any) -> None:
        with make_app(Settings(**{**vars(settings), **changes})).app_context():
            settings_record.record()

    start()
    start()
    start(site_name="The Harbor", contact="ana@example.org", mail_url="smtp://user:hunter2@mail.example.org")
    start(
        site_name="The Harbor", contact="ana@example.org", mail_url="smtp://user:changed@mail.example.org",
        rate_limits=True,
    )  # fmt: skip

    changed = [(facts["names"], facts["first"]) for _, _, _, facts in told(site)]
    assert [first for _, first in changed] == [True, False, False]
    assert [names for names, _ in changed[1:]] == [["contact", "mail_url", "site_name"], ["rate_limits"]]
    assert not {"secret_key", "password_salt"} & set(changed[0][0])
    lines = str(site.execute(select(Event.__table__)).all())
    assert not [value for value in ("hunter2", "Harbor", "ana@", settings.secret_key) if value in lines]


# --- flask audit, and the watch


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


@pytest.fixture
def lines(site: Session, ana: Person) -> Session:
    """Four lines, of which two are of a story."""
    audit.record(site, EventKind.SIGNED_IN, by=ana, at=now(), about=ana)
    make.story_in(site, make.State.SUBMITTED, by=ana)
    site.flush()
    audit.record(site, EventKind.SIGNED_OUT, by=ana, at=now(), about=ana)
    site.commit()
    return site


def test_verify_says_that_the_log_is_whole(runner: FlaskCliRunner, lines: Session) -> None:
    done = runner.invoke(args=["audit", "verify"])

    assert done.exit_code == 0
    assert done.output.startswith("The log is whole: 4 lines, the last with the hash ")


def test_verify_names_what_was_altered_and_ends_with_1(runner: FlaskCliRunner, lines: Session) -> None:
    tamper(lines, "UPDATE transitions SET verb = 'approve'", "DELETE FROM events WHERE position = 4")
    first = runner.invoke(args=["audit", "verify"])

    assert (first.exit_code, first.output.splitlines()[0]) == (1, "transition 1 was changed (line 3 of the log)")


def test_what_is_cut_off_at_the_end_is_missed_by_the_watch(runner: FlaskCliRunner, lines: Session) -> None:
    assert log_watch.follow() == ""
    tamper(lines, "DELETE FROM events WHERE position = 4")

    assert log_watch.follow() == "1 faults, the first: line 4 of the log is missing"
    assert runner.invoke(args=["audit", "verify"]).exit_code == 1
    assert log_watch.known().position == 4


def test_the_watch_keeps_the_newest_head_and_says_nothing_of_a_log_that_is_whole(site: Session, ana: Person) -> None:
    heads = []
    for _ in range(3):
        audit.record(site, EventKind.SIGNED_IN, by=ana, at=now(), about=ana)
        site.commit()
        assert log_watch.follow() == ""
        heads.append(log_watch.known().position)

    assert heads == [1, 2, 3]
    assert log_watch._path().stat().st_mode & 0o077 == 0


def test_a_copy_that_was_put_back_is_accepted_by_hand_and_that_is_written(
    runner: FlaskCliRunner, lines: Session
) -> None:
    log_watch.follow()
    tamper(lines, "DELETE FROM events WHERE position = 4", "UPDATE consent_events SET granted = false")
    log_watch.verify()
    done = runner.invoke(args=["audit", "accept"])

    assert done.output == "The log is taken as it stands, with 1 faults: 4 lines.\n"
    assert told(lines)[-1] == ("log accepted", None, None, {"kept": 4, "faults": 2, "from_command": True})
    assert (log_watch.follow(), log_watch.verify().faults) == ("", [])
    again = runner.invoke(args=["audit", "verify"])
    assert (again.exit_code, again.output.splitlines()[0]) == (
        0, "consent event 1 was changed (line 2 of the log), which was accepted",
    )  # fmt: skip
    tamper(lines, "UPDATE transitions SET verb = 'approve'")
    assert [str(fault) for fault in log_watch.verify().faults] == ["transition 1 was changed (line 3 of the log)"]


def test_a_log_that_was_altered_is_said_to_stewards_and_to_whoever_watches(
    client: FlaskClient, lines: Session, steward: Person
) -> None:
    log_watch.follow()
    assert client.get("/readyz").json["warnings"] == {}  # type: ignore[index]
    tamper(lines, "UPDATE transitions SET verb = 'approve'")
    log_watch.verify()

    assert client.get("/readyz").json["warnings"] == {"security log": "altered: run flask audit verify"}  # type: ignore[index]
    assert "The security log was altered. The page" in client.get("/en/stewarding/state").text


def test_a_head_file_that_cannot_be_read_is_made_anew(lines: Session) -> None:
    log_watch.follow()
    log_watch._path().write_text("{")

    assert (log_watch.follow(), log_watch.known().position) == ("", 4)


def test_findings_that_were_kept_as_sentences_leave_the_head_and_are_found_anew(lines: Session) -> None:
    log_watch.follow()
    tamper(lines, "UPDATE transitions SET verb = 'approve'")
    found = log_watch.verify().faults
    kept = json.loads(log_watch._path().read_text())
    log_watch._path().write_text(json.dumps({**kept, "found": ["transition 1 was changed (line 3 of the log)"]}))

    assert (log_watch.known().position, log_watch.known().faults) == (4, [])
    assert log_watch.verify().faults == found
    assert log_watch.known().faults == found


@pytest.mark.parametrize(
    ("options", "kinds"),
    [
        ([], ["signed out", "signed in"]),
        (["--steps"], ["signed out", "step taken", "consent recorded", "signed in"]),
        (["--kind", "signed in"], ["signed in"]),
        (["--kind", "step taken"], ["step taken"]),
        (["--person", "ana@example.org"], ["signed out", "signed in"]),
        (["--person", "mo@example.org"], []),
        (["--person", "1"], ["signed out", "signed in"]),
        (["--days", "1"], ["signed out", "signed in"]),
    ],
)
def test_the_log_is_listed_by_kind_person_and_days(
    runner: FlaskCliRunner, lines: Session, options: list[str], kinds: list[str]
) -> None:
    pages.account(lines, make.person(lines), "mo@example.org")
    lines.commit()
    done = runner.invoke(args=["audit", "list", *options])

    assert done.exit_code == 0
    assert [line.split("\t")[2] for line in done.output.splitlines()] == kinds


def test_the_lines_of_somebody_who_left_are_listed_by_number(
    runner: FlaskCliRunner, lines: Session, ana: Person
) -> None:
    leaving.remove(lines, lines.scalars(select(Account)).one(), Farewell.DELETE)
    lines.commit()
    by_number = runner.invoke(args=["audit", "list", "--person", str(ana.id)])
    unknown = runner.invoke(args=["audit", "list", "--person", "77"])

    assert [line.split("\t")[2] for line in by_number.output.splitlines()] == [
        "account deleted", "signed out", "signed in",
    ]  # fmt: skip
    assert (unknown.exit_code, unknown.output) == (1, "Error: The log knows nobody of the number 77.\n")
