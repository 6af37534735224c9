"""Letters: where they land, in which language, and what never stands in them."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import factories as make
import pages
import pytest
from flask import Flask
from sqlalchemy.orm import Session

from solidarity import invitations, mail
from stories.models import Role


def letters_in(folder: Path) -> list[EmailMessage]:
    found = sorted(folder.glob("*.eml")) if folder.exists() else []
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in found]  # type: ignore[misc]


@pytest.fixture
def mailbox(app: Flask) -> Path:
    return Path(app.config["SETTINGS"].instance_path) / "mail"


@pytest.fixture
def lani(site: Session) -> mail.Receiver:
    return pages.account(site, make.person(site, Role.LEADER, name="Lani Kekoa"), "lani@example.org")


def test_a_letter_lands_as_a_file_that_only_its_owner_can_read(
    site: Session, lani: mail.Receiver, mailbox: Path
) -> None:
    mail.send(lani, invitations.INVITATION, link="http://site.example/en/x", days=7)
    [letter] = letters_in(mailbox)
    [path] = mailbox.iterdir()
    assert (path.stat().st_mode & 0o777, mailbox.stat().st_mode & 0o777) == (0o600, 0o700)
    assert path.name.startswith("20")
    assert (letter["To"], letter["Subject"]) == (
        "Lani Kekoa <lani@example.org>",
        "You are invited to Solidarity Stories",
    )
    assert "http://site.example/en/x" in letter.get_content().splitlines()


def test_a_name_with_line_breaks_adds_no_header(site: Session, lani: mail.Receiver, mailbox: Path) -> None:
    lani.person.name = "Lani\r\nBcc: everybody@example.org"
    mail.send(lani, invitations.INVITATION, link="http://site.example/", days=7)
    [letter] = letters_in(mailbox)
    assert letter["Bcc"] is None
    assert letter["To"].addresses[0].display_name == "Lani Bcc: everybody@example.org"


def test_a_link_is_in_the_language_of_the_receiver_and_at_the_address_of_the_site(
    site: Session, lani: mail.Receiver
) -> None:
    lani.locale = "ur"
    assert mail.link(lani, "security.login") == "http://127.0.0.1:5000/ur/account/sign-in"


def test_a_letter_says_in_which_language_it_is(site: Session, lani: mail.Receiver) -> None:
    lani.locale = "ur"
    letter = mail.write(lani, invitations.INVITATION, link="x", days=7)
    assert letter["Content-Language"] == "ur"


def test_a_link_stays_in_one_piece(site: Session, lani: mail.Receiver) -> None:
    link = "http://127.0.0.1:5000/en/account/password/" + "x" * 300
    assert link.encode() in mail.write(lani, invitations.INVITATION, link=link, days=7).as_bytes()


def test_somebody_without_an_account_gets_no_letter(site: Session, lani: mail.Receiver) -> None:
    assert mail.account_of(make.person(site)) is None
    assert mail.account_of(lani.person) is lani


class _Server(socketserver.StreamRequestHandler):
    """As little of a mail server as a letter needs."""

    def handle(self) -> None:
        self.wfile.write(b"220 ready\r\n")
        data = False
        for line in self.rfile:
            if data:
                self.server.letter.append(line)  # type: ignore[attr-defined]
                data = line != b".\r\n"
                answer = b"" if data else b"250 taken\r\n"
            else:
                data = line.upper().startswith(b"DATA")
                answer = b"354 go on\r\n" if data else b"250-here\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"
                answer = answer if line.upper().startswith((b"DATA", b"EHLO")) else b"250 fine\r\n"
            self.wfile.write(answer)


@pytest.fixture
def server() -> Iterator[socketserver.TCPServer]:
    with socketserver.TCPServer(("127.0.0.1", 0), _Server) as server:
        server.letter = []  # type: ignore[attr-defined]
        threading.Thread(target=server.handle_request).start()
        yield server


def _wait_for_letters() -> None:
    for thread in threading.enumerate():
        if thread.name.startswith("letter"):
            thread.join(10)


def test_a_letter_goes_to_the_mail_server_that_the_settings_name(
    app: Flask, site: Session, lani: mail.Receiver, server: socketserver.TCPServer
) -> None:
    address = f"smtp://127.0.0.1:{server.server_address[1]}"
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], mail_url=address)
    mail.send(lani, invitations.INVITATION, link="http://site.example/", days=7)
    _wait_for_letters()
    assert b"To: Lani Kekoa <lani@example.org>\r\n" in server.letter  # type: ignore[attr-defined]


def test_a_mail_server_that_does_not_answer_stops_nobody(
    app: Flask, site: Session, lani: mail.Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], mail_url="smtp://127.0.0.1:9")
    mail.send(lani, invitations.INVITATION, link="http://site.example/", days=7)
    _wait_for_letters()
    assert [record.getMessage() for record in caplog.records] == [
        "a letter could not be delivered: ConnectionRefusedError"
    ]
