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
from sqlalchemy import select
from sqlalchemy.orm import Session
from tampering import tamper

from solidarity import log_watch
from solidarity.accounts import leaving
from solidarity.accounts.models import Account
from solidarity.letters import corrections
from solidarity.stewarding.chain_faults import told
from solidarity.stewarding.event_sentences import SENTENCES, sentence
from solidarity.web.clock import now
from solidarity.web.labels import NAMES
from stories import audit
from stories.audit import Fault, Finding
from stories.leaving import Farewell
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
    assert told == ["All other sessions of Ana (number 2) were ended.", "All sessions of Ana (number 2) were ended."]


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
        f"The account of Ana (number {ana.id}) was closed.",
        f"Rosa (number {rosa.id}) gave Ana (number {ana.id}) the role “Moderator”.",
        f"Ana (number {ana.id}) signed in.",
    ]
    by = [re.sub(r"<[^>]+>", "", who) for who in re.findall(r"· by (.*?) ·", page)]
    assert by == ["the command line", f"Rosa (number {rosa.id})"]
    assert 'session <bdi dir="ltr">a1b2c3</bdi>' in page


def test_a_refused_page_is_said_in_words_or_by_its_address(
    client: FlaskClient, site: Session, rosa: Person, ana: Person
) -> None:
    for page in ("stewarding.details", "stewarding.person", "stewarding.gone"):
        record(site, EventKind.REFUSED, ana, None, page=page)

    assert [words.rpartition(": ")[2] for words in happened(client.get(PAGE).text)] == [
        "stewarding.gone", "/stewarding/people", "Correct a name or an address",
    ]  # fmt: skip


def test_a_sentence_begins_with_a_capital_whoever_it_names(app: Flask) -> None:
    with app.test_request_context("/en/"):
        words = [
            str(sentence(Event(kind=EventKind.SIGNED_OUT, by_id=2, person_id=about, details={}), {2: ""})[0])
            for about in (2, 7, None)
        ]

    assert [re.sub("<[^>]+>", "", told) for told in words] == [
        "Somebody who is no longer here (number 2) signed out.",
        "Somebody who is no longer here (number 7) signed out.",
        "Somebody signed out.",
    ]


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
        ("?kind=nonsense&days=x&person=&before=x&stories=", ["role granted", "signed in", "signed in"]),
        ("?person=9999", []),
        ("?person=nonsense", []),
        ("?person=99999999999999999999999", []),
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


def test_the_lines_of_somebody_who_left_are_offered_and_found(
    client: FlaskClient, site: Session, rosa: Person, ana: Person
) -> None:
    audit.record(site, EventKind.SIGNED_IN, by=rosa, at=now(), about=rosa)
    record(site, EventKind.SIGNED_IN, ana, ana)
    account = site.scalars(select(Account).where(Account.person_id == ana.id)).one()
    leaving.remove(site, account, Farewell.DELETE)
    gone = make.person(site, name="Gone")
    record(site, EventKind.ROLE_GRANTED, None, gone, role=Role.LEADER)
    number = gone.id
    site.delete(gone)
    site.commit()
    page = client.get(f"{PAGE}?person={ana.id}").text

    options = re.findall(r'<option[^>]*value="(\d+)"[^>]*>([^<]*)</option>', page.partition('id="days"')[0])
    assert [name for value, name in options if value in {str(ana.id), str(number)}] == [
        f"somebody who left (number {ana.id})", f"somebody who left (number {number})",
    ]  # fmt: skip
    assert re.findall(r'<option selected value="(\d+)"', page) == [str(ana.id)]
    assert happened(page)[1:] == [f"Somebody who is no longer here (number {ana.id}) signed in."]


def test_a_person_whom_the_log_does_not_know_has_no_lines_and_that_is_said(
    client: FlaskClient, site: Session, rosa: Person
) -> None:
    record(site, EventKind.SIGNED_IN, rosa, rosa)
    page = client.get(f"{PAGE}?person=9999").text
    answer = pages.send(client, PAGE, f"{PAGE}/export?person=9999")
    exported = answer.text.splitlines()
    answer.close()

    assert "The log knows nobody of this number." in page
    assert (happened(page), len(exported)) == ([], 1)


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
        ["position", "time", "kind", "by number", "by", "about number", "about", "called before", "story", "facts",
         "session"],
        ["1", at, "signed in", *[str(evil.id), f"'{evil.name}"] * 2, "", "", '{"ways": ["password"]}', "a1b2"],
    ]  # fmt: skip
    assert happened(client.get(PAGE).text)[0] == f"Rosa (number {rosa.id}) exported this log."


def test_whoever_takes_the_name_of_somebody_else_is_told_from_them_everywhere(
    client: FlaskClient, site: Session, rosa: Person, ana: Person
) -> None:
    record(site, EventKind.REFUSED, ana, None, page="stewarding.events")
    account = site.scalars(select(Account).where(Account.person_id == ana.id)).one()
    corrections.rename(account, "Rosa")
    site.commit()
    page = client.get(PAGE).text
    answer = pages.send(client, PAGE, f"{PAGE}/export")
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    answer.close()

    taken, own = f"Rosa (number {ana.id})", f"Rosa (number {rosa.id})"
    assert happened(page)[0] == f"The name of {taken} was changed: they were called “Ana” before."
    assert happened(page)[1].startswith(f"{taken} was refused")
    options = [
        name.translate({0x2068: None, 0x2069: None})
        for name in re.findall(r"<option[^>]*>(\u2068Rosa[^<]*)</option>", page)
    ]
    assert sorted(options) == sorted([taken, own])
    assert [row[3:8] for row in rows[2:]] == [
        ["", "", str(ana.id), "Rosa", "Ana"], [str(ana.id), "Rosa", "", "", ""],
    ]  # fmt: skip


def test_a_name_cannot_end_in_the_number_of_somebody_else(client: FlaskClient, site: Session, rosa: Person) -> None:
    evil = make.person(site, name=f"Rosa (number {rosa.id})")
    record(site, EventKind.SIGNED_IN, evil, evil)

    assert f"<bdi>Rosa (number {rosa.id})</bdi> (number <bdi>{evil.id}</bdi>)</bdi> signed in." in client.get(PAGE).text


def test_the_name_before_goes_with_its_person(client: FlaskClient, site: Session, rosa: Person, ana: Person) -> None:
    account = site.scalars(select(Account).where(Account.person_id == ana.id)).one()
    corrections.rename(account, "Ana Kealoha")
    leaving.remove(site, account, Farewell.DELETE)
    site.commit()

    assert (
        happened(client.get(PAGE).text)[1]
        == f"The name of somebody who is no longer here (number {ana.id}) was corrected."
    )
    assert set(site.scalars(select(Event.text))) == {""}
    assert list(audit.verify(site)) == []


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
    assert "<li>Line 1 was changed</li>" in broken


@pytest.mark.parametrize(
    ("finding", "english", "urdu"),
    [
        (Finding(Fault.CHANGED, 3, "transition 51"), "Step 51 was changed (line 3 of the log)",
         "قدم 51: بدلا ہوا (روزنامچے کی سطر 3)"),
        (Finding(Fault.MISSING, 3, "consent event 7"), "Answer 7 of a teller is missing (line 3 of the log)",
         "سنانے والے کا جواب 7: غائب (روزنامچے کی سطر 3)"),
        (Finding(Fault.FOREIGN, None, "transition 5"),
         "Step 5 was put there by something else than the site (it has no line in the log)",
         "قدم 5: سائٹ کے سوا کسی اور کا ڈالا ہوا (روزنامچے میں اس کی کوئی سطر نہیں)"),
        (Finding(Fault.FOREIGN, None), "A line without a position was put there by something else than the site",
         "بغیر مقام کی ایک سطر: سائٹ کے سوا کسی اور کا ڈالا ہوا"),
        (Finding(Fault.MISSING, 3, last=3), "Line 3 is missing", "سطر 3: غائب"),
        (Finding(Fault.MISSING, 3, last=9), "Lines 3 to 9 are missing", "سطریں 3 تا 9: غائب"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_chain_is_said_in_the_language_of_the_page(
    app: Flask, finding: Finding, english: str, urdu: str
) -> None:
    with app.test_request_context("/en/"):
        assert told(finding) == english
        with force_locale("ur"):
            assert told(finding) == urdu


def test_no_line_of_a_story_is_shown_unless_it_is_asked_for(client: FlaskClient, site: Session, rosa: Person) -> None:
    make.published(site, title="A title nobody should see here")
    site.commit()

    assert happened(client.get(PAGE).text) == []
    page = client.get(f"{PAGE}?stories=y").text
    assert len(happened(page)) == len(OF_STORIES) + 3
    assert "A title nobody" not in page
