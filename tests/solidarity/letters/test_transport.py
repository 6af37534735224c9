"""Letters: where they land, in which language, and what never stands in them. How they arrive: test_outbox.py."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import factories as make
import pages
import pytest
from flask import Flask
from sqlalchemy.orm import Session

from solidarity.letters import invitations, outbox, transport
from stories.models import Role


def letters_in(folder: Path) -> list[EmailMessage]:
    found = sorted(folder.glob("*.eml")) if folder.exists() else []
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in found]  # type: ignore[misc]


@pytest.fixture
def mailbox(app: Flask) -> Path:
    return Path(app.config["SETTINGS"].instance_path) / "mail"


@pytest.fixture
def lani(site: Session) -> transport.Receiver:
    return pages.account(site, make.person(site, Role.LEADER, name="Lani Kekoa"), "lani@example.org")


def sent(site: Session, to: transport.Receiver, link: str = "http://site.example/") -> None:
    transport.send(to, invitations.INVITATION, link=link, days=7)
    site.commit()
    outbox.hand_over()


def test_a_letter_lands_as_a_file_that_only_its_owner_can_read(
    site: Session, lani: transport.Receiver, mailbox: Path
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
    assert "http://site.example/en/x" in letter.get_content().splitlines()


def test_a_name_with_line_breaks_adds_no_header(site: Session, lani: transport.Receiver, mailbox: Path) -> None:
    lani.person.name = "Lani\r\nBcc: everybody@example.org"
    sent(site, lani)
    [letter] = letters_in(mailbox)
    assert letter["Bcc"] is None
    assert letter["To"].addresses[0].display_name == "Lani Bcc: everybody@example.org"


def test_a_link_is_in_the_language_of_the_receiver_and_at_the_address_of_the_site(
    site: Session, lani: transport.Receiver
) -> None:
    lani.locale = "ur"
    assert transport.link(lani, "security.login") == "http://127.0.0.1:5000/ur/account/sign-in"


def test_a_letter_says_in_which_language_it_is(site: Session, lani: transport.Receiver) -> None:
    lani.locale = "ur"
    letter = transport.write(lani, invitations.INVITATION, link="x", days=7)
    assert letter["Content-Language"] == "ur"


def test_a_link_stays_in_one_piece(site: Session, lani: transport.Receiver) -> None:
    link = "http://127.0.0.1:5000/en/account/password/" + "x" * 300
    assert link.encode() in transport.write(lani, invitations.INVITATION, link=link, days=7).as_bytes()


def test_somebody_without_an_account_gets_no_letter(site: Session, lani: transport.Receiver) -> None:
    assert transport.account_of(make.person(site)) is None
    assert transport.account_of(lani.person) is lani
