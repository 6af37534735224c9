"""Letters: where they land, in which language, how they look, and what never stands in them."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import factories as make
import pages
import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from solidarity.letters import compose, outbox
from solidarity.letters.models import Kind, Letter
from solidarity.web.clock import now
from stories.models import Role

LINK = "http://127.0.0.1:5000/en/account/password/" + "x" * 300
VALUES: dict[Kind, dict[str, Any]] = {
    Kind.INVITATION: {"days": 7},
    Kind.LOST_PASSWORD: {},
    Kind.SIGN_IN_LINK: {},
    Kind.PASSWORD_CHOSEN: {},
    Kind.STORY_NEWS: {"subject": "Your story was taken down", "text": "The reason stands on your desk:"},
    Kind.STORY_WAITS: {"unsubscribe": "http://127.0.0.1:5000/en/moderating#letters"},
}


def letters_in(folder: Path) -> list[EmailMessage]:
    found = sorted(folder.glob("*.eml")) if folder.exists() else []
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in found]  # type: ignore[misc]


@pytest.fixture
def mailbox(app: Flask) -> Path:
    return Path(app.config["SETTINGS"].instance_path) / "mail"


@pytest.fixture
def lani(site: Session) -> compose.Receiver:
    return pages.account(site, make.person(site, Role.LEADER, name="Lani Kekoa"), "lani@example.org")


def sent(site: Session, to: compose.Receiver, link: str = "http://site.example/") -> None:
    compose.send(to, Kind.INVITATION, link=link, days=7)
    site.commit()
    outbox.hand_over()


def written(to: compose.Receiver, kind: Kind = Kind.INVITATION, link: str = LINK) -> EmailMessage:
    raw = compose.write(to, kind, at=now(), link=link, **VALUES[kind])
    return message_from_bytes(raw, policy=policy.default)  # type: ignore[return-value]


def body(letter: EmailMessage, kind: str = "plain") -> str:
    return letter.get_body((kind,)).get_content()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "addressed"),
    [
        ("Lani Kekoa", "Lani Kekoa"),
        ("Win money at https://evil.example now", "Win money at now"),
        ("WWW.evil.example Lani", "Lani"),
        ("https://evil.example/", "…"),
        ("Lani " * 99, "Lani " * 11 + "Lani"),
    ],
)
def test_a_name_is_no_place_for_a_message_to_strangers(
    site: Session, lani: compose.Receiver, name: str, addressed: str
) -> None:
    lani.person.name = name
    letter = written(lani)
    assert letter["To"].addresses[0].display_name == addressed
    assert body(letter).splitlines()[0] == f"Hello {addressed},"
    assert "evil" not in letter.as_string()


def test_a_letter_lands_as_a_file_that_only_its_owner_can_read(
    site: Session, lani: compose.Receiver, mailbox: Path
) -> None:
    sent(site, lani, "http://site.example/en/x")
    [letter] = letters_in(mailbox)
    [path] = mailbox.iterdir()
    assert (path.stat().st_mode & 0o777, mailbox.stat().st_mode & 0o777) == (0o600, 0o700)
    assert path.name.startswith("20")
    assert (letter["To"], letter["Subject"]) == (
        "Lani Kekoa <lani@example.org>",
        "You are invited to Solidarity Stories",
    )
    assert "http://site.example/en/x" in body(letter).splitlines()


def test_a_name_with_line_breaks_adds_no_header(site: Session, lani: compose.Receiver, mailbox: Path) -> None:
    lani.person.name = "Lani\r\nBcc: everybody@example.org"
    sent(site, lani)
    [letter] = letters_in(mailbox)
    assert letter["Bcc"] is None
    assert letter["To"].addresses[0].display_name == "Lani Bcc: everybody@example.org"


def test_a_name_with_line_breaks_adds_no_paragraph(lani: compose.Receiver) -> None:
    lani.person.name = "Lani\n\nhttps://elsewhere.example/\n\n<b>Press</b>"
    letter = written(lani)
    assert body(letter).splitlines()[0] == "Hello Lani <b>Press</b>,"
    assert "<b>" not in body(letter, "html")


def test_a_link_is_in_the_language_of_the_receiver_and_at_the_address_of_the_site(
    site: Session, lani: compose.Receiver
) -> None:
    lani.locale = "ur"
    assert compose.link(lani, "security.login") == "http://127.0.0.1:5000/ur/account/sign-in"


@pytest.mark.parametrize("kind", VALUES)
def test_a_letter_says_in_which_language_and_direction_it_is(lani: compose.Receiver, kind: Kind) -> None:
    lani.locale = "ur"
    letter = written(lani, kind)
    assert letter["Content-Language"] == "ur"
    assert '<html lang="ur" dir="rtl">' in body(letter, "html")
    assert "direction: rtl" in body(letter, "html")
    assert "text-align: left" not in body(letter, "html")


def test_a_language_without_words_yet_gets_an_english_letter_that_says_so(lani: compose.Receiver) -> None:
    lani.locale = "km"
    letter = written(lani)
    assert (letter["Content-Language"], '<html lang="en" dir="ltr">' in body(letter, "html")) == ("en", True)
    assert compose.link(lani, "security.login").endswith("/km/account/sign-in")


@pytest.mark.parametrize("locale", ["en", "ur"])
@pytest.mark.parametrize("kind", VALUES)
def test_a_link_stays_in_one_piece_in_both_forms(lani: compose.Receiver, kind: Kind, locale: str) -> None:
    lani.locale = locale
    letter = written(lani, kind)
    assert LINK in body(letter).splitlines()
    assert f'href="{LINK}"' in body(letter, "html")
    assert f">{LINK}</a>" in body(letter, "html")


@pytest.mark.parametrize("kind", VALUES)
def test_opening_a_letter_asks_nobody_for_anything(lani: compose.Receiver, kind: Kind) -> None:
    html = body(written(lani, kind), "html")
    assert not [tag for tag in ("<img", "<link", "<script", "<style", "url(", "@import", "background=") if tag in html]
    assert html.count("http") == 3  # the button, the link and its words


def test_a_letter_says_that_a_machine_wrote_it_and_who_sends_it(app: Flask, lani: compose.Receiver) -> None:
    letter = written(lani)
    at = letter["Date"].datetime
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Message-ID"].endswith("@localhost>")
    assert letter["From"] == "Solidarity Stories <stories@localhost>"
    assert abs(now() - at) < timedelta(minutes=1)
    assert letter["List-Unsubscribe"] is None


def test_somebody_without_an_account_gets_no_letter(site: Session, lani: compose.Receiver) -> None:
    assert compose.account_of(make.person(site)) is None
    assert compose.account_of(lani.person) is lani


def test_a_letter_that_cannot_be_written_undoes_nothing_and_waits(
    app: Flask, site: Session, lani: compose.Receiver, mailbox: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault of a template, say after a half-done update."""
    lani.person.name = "Lani of the Hills"
    loader, app.jinja_env.loader = app.jinja_env.loader, None
    app.jinja_env.cache.clear()
    sent(site, lani, "http://site.example/en/x")
    app.jinja_env.loader = loader
    site.rollback()
    [letter] = site.scalars(select(Letter)).all()
    assert (letter.message, letter.failure, letters_in(mailbox)) == (None, "fault", [])
    assert "of the Hills" not in caplog.text
    assert outbox.deliver_due(letter.due_at) == 1
    assert "http://site.example/en/x" in body(letters_in(mailbox)[0])
