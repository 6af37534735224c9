"""The security log as stewards read it: in words, narrowed, page by page, and as a table."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import factories as make
import pages
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from markupsafe import Markup
from sqlalchemy.orm import Session
from tampering import tamper

from solidarity import log_watch
from solidarity.stewarding.event_sentences import SENTENCES, sentence
from solidarity.web.clock import now
from solidarity.web.labels import NAMES
from stories import audit
from stories.models import Event, EventKind, Person, Role
from stories.queries.events import OF_STORIES
from stories.workflow import State

PAGE = "/en/stewarding/events"


@pytest.fixture
def rosa(site: Session, client: FlaskClient) -> Person:
    return pages.signed_in(site, client, make.person(site, Role.STEWARD, name="Rosa"), "rosa@example.org")


@pytest.fixture
def ana(site: Session) -> Person:
    person = make.person(site, Role.LEADER, name="Ana")
    pages.account(site, person, "ana@example.org")
    site.commit()
    return person


def happened(page: str) -> list[str]:
    """The sentences of the page, without their tags."""
    return [re.sub(r"<[^>]+>", "", words) for words in re.findall(r"timeline__what[^>]*>(.*?)</p>", page)]


def record(site: Session, kind: EventKind, by: Person | None, about: Person | None, **facts: object) -> None:
    audit.record(site, kind, by=by, at=now(), about=about, **facts)
    site.commit()


def test_every_kind_has_a_name_and_a_sentence() -> None:
    assert set(NAMES[EventKind]) == set(SENTENCES) == set(EventKind)


def test_where_one_session_was_kept_it_says_that_the_others_ended(
    client: FlaskClient, site: Session, rosa: Person, ana: Person
) -> None:
    for kept in (False, True):
        record(site, EventKind.SESSIONS_ENDED, ana, ana, **({"but_one": True} if kept else {}))
    told = [line for line in happened(client.get(PAGE).text) if "sessions" in line]
    assert told == ["All other sessions of Ana were ended.", "All sessions of Ana were ended."]


@pytest.mark.parametrize("locale", ["en", "ur"])
@pytest.mark.parametrize("kind", EventKind)
def test_every_sentence_can_be_said_whatever_is_known(app: Flask, locale: str, kind: EventKind) -> None:
    with app.test_request_context(f"/{locale}/"), force_locale(locale):
        told = [
            sentence(Event(kind=kind, by_id=by, person_id=about, story_id=3, details=facts), {1: "Ana", 2: "<Mo>"})
            for by, about in ((1, 2), (1, 1), (None, 2), (None, None), (7, 8))
            for facts in (
                {},
                {"role": "moderator", "verb": "approve", "purpose": "publish", "names": ["a"]},
                {"role": "x"},
            )
        ]

    assert all(isinstance(words, Markup) and "%(" not in words and "<Mo>" not in words for words, _ in told)


def test_it_says_who_did_what_to_whom_the_newest_first(
    client: FlaskClient, site: Session, rosa: Person, ana: Person
) -> None:
    record(site, EventKind.SIGNED_IN, ana, ana, session_mark="a1b2c3")
    record(site, EventKind.ROLE_GRANTED, rosa, ana, role=Role.MODERATOR)
    record(site, EventKind.ACCOUNT_CLOSED, rosa, ana)
    record(site, EventKind.SIGN_IN_FAILED, None, None)
    record(site, EventKind.INDEX_PURGED, None, None, from_command=True)
    page = client.get(PAGE).text

    assert happened(page) == [
        "What was withdrawn was removed from the search files.",
        "A sign-in with an address that nobody has here failed.",
        "The account of Ana was closed.",
        "Rosa gave Ana the role “Moderator”.",
        "Ana signed in.",
    ]
    assert re.findall(r"· by <bdi>(.*?)</bdi>", page) == ["the command line", "Rosa"]
    assert 'session <bdi dir="ltr">a1b2c3</bdi>' in page


def test_somebody_who_is_deleted_is_a_number(client: FlaskClient, site: Session, rosa: Person) -> None:
    gone = make.person(site, name="Gone")
    record(site, EventKind.SIGNED_IN, gone, gone)
    number = gone.id
    site.delete(gone)
    site.commit()

    assert happened(client.get(PAGE).text) == [f"Somebody who is no longer here (number {number}) signed in."]


def test_names_are_text(client: FlaskClient, site: Session, rosa: Person) -> None:
    evil = make.person(site, name="<img src=x onerror=alert(1)>%(who)s")
    record(site, EventKind.SIGNED_IN, evil, evil)
    page = client.get(PAGE).text

    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;%(who)s" in page


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("", ["role granted", "signed in", "signed in"]),
        ("?kind=signed+in", ["signed in", "signed in"]),
        ("?kind=signed+out", []),
        ("?kind=nonsense&days=x&person=9999&before=x&stories=", ["role granted", "signed in", "signed in"]),
        ("?person=ANA", ["role granted", "signed in"]),
        ("?days=1", ["role granted", "signed in"]),
        ("?stories=y", ["role granted", "step taken", "consent recorded", "signed in", "signed in"]),
        ("?kind=step+taken", ["step taken"]),
        ("?before=2", ["signed in"]),
        ("?before=0", []),
        ("?before=99999999999999999999", ["role granted", "signed in", "signed in"]),
    ],
)
def test_it_is_narrowed_by_kind_person_days_and_place(
    client: FlaskClient, site: Session, rosa: Person, ana: Person, query: str, kinds: list[str]
) -> None:
    audit.record(site, EventKind.SIGNED_IN, by=rosa, at=now() - timedelta(days=3), about=rosa)
    audit.record(site, EventKind.SIGNED_IN, by=ana, at=now(), about=ana)
    make.story_in(site, State.SUBMITTED, by=make.person(site, Role.LEADER, name="Other"))
    site.flush()
    record(site, EventKind.ROLE_GRANTED, rosa, ana, role=Role.EDUCATOR)
    page = client.get(PAGE + query.replace("ANA", str(ana.id))).text

    shown = [int(number) for number in re.findall(r'id="line-(\d+)"', page)]
    assert [site.query(Event).filter_by(position=number).one().kind for number in shown] == kinds


def test_it_is_read_page_by_page_to_its_end(client: FlaskClient, site: Session, rosa: Person) -> None:
    for _ in range(120):
        audit.record(site, EventKind.SIGNED_IN, by=rosa, at=now(), about=rosa)
    site.commit()
    shown, address = list[int](), PAGE + "?kind=signed+in"
    sizes = []
    while address:
        page = client.get(address).text
        numbers = [int(number) for number in re.findall(r'id="line-(\d+)"', page)]
        sizes.append(len(numbers))
        shown += numbers
        older = re.search(r'href="([^"]*before=\d+)">Older', page)
        address = older[1].replace("&amp;", "&") if older else ""

    assert sizes == [50, 50, 20]
    assert shown == list(range(120, 0, -1))


def test_it_is_exported_as_a_table_that_no_spreadsheet_calculates_and_that_is_a_line_too(
    client: FlaskClient, site: Session, rosa: Person
) -> None:
    evil = make.person(site, name='=HYPERLINK("http://evil.example")')
    record(site, EventKind.SIGNED_IN, evil, evil, ways=["password"], session_mark="a1b2")
    record(site, EventKind.ROLE_GRANTED, rosa, rosa, role=Role.LEADER)
    answer = pages.send(client, PAGE, f"{PAGE}/export?kind=signed+in")

    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    answer.close()
    at = rows[1][1]
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("text/csv", "no-store")
    assert rows == [
        ["position", "time", "kind", "by", "about", "story", "facts", "session"],
        ["1", at, "signed in", f"'{evil.name}", f"'{evil.name}", "", '{"ways": ["password"]}', "a1b2"],
    ]
    assert happened(client.get(PAGE).text)[0] == "Rosa exported this log."


def test_it_says_whether_the_log_is_whole(client: FlaskClient, site: Session, rosa: Person) -> None:
    record(site, EventKind.SIGNED_IN, rosa, rosa)
    record(site, EventKind.SIGNED_OUT, rosa, rosa)
    before = client.get(PAGE).text
    watch = log_watch.verify()
    whole = client.get(PAGE).text
    tamper(site, "UPDATE events SET by_id = 77 WHERE position = 1")
    log_watch.verify()
    broken = client.get(PAGE).text

    assert "The log has not been looked through yet." in before
    assert "The log is whole: every line was looked at on" in whole
    assert watch.hash[:16] in whole
    assert "One line is not as the site wrote it." in broken
    assert '<li lang="en" dir="ltr">line 1 of the log was changed</li>' in broken


def test_no_line_of_a_story_is_shown_unless_it_is_asked_for(client: FlaskClient, site: Session, rosa: Person) -> None:
    make.published(site, title="A title nobody should see here")
    site.commit()

    assert happened(client.get(PAGE).text) == []
    page = client.get(f"{PAGE}?stories=y").text
    assert len(happened(page)) == len(OF_STORIES) + 3
    assert "A title nobody" not in page
