"""The outbox: no letter without what it tells of, and none lost because a mail server would not take it."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import factories as make
import pages
import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from solidarity.letters import invitations, outbox, transport
from solidarity.letters.outbox import Waiting
from solidarity.web.clock import now
from stories.models import Role

NOBODY_THERE = "smtp://127.0.0.1:9"


class _Server(socketserver.StreamRequestHandler):
    """As little of a mail server as a letter needs; it takes none for anybody called full."""

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
                answer = b"450 later\r\n" if line.startswith(b"rcpt TO:<full@") else answer
            self.wfile.write(answer)


@pytest.fixture
def server() -> Iterator[socketserver.ThreadingTCPServer]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Server) as server:
        server.letter = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever).start()
        yield server
        server.shutdown()


@pytest.fixture
def app(app: Flask) -> Flask:
    """The site of a mail server that does not answer."""
    return _through(app, NOBODY_THERE)


def _through(app: Flask, mail_url: str) -> Flask:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], mail_url=mail_url)
    return app


def address_of(server: socketserver.BaseServer) -> str:
    return f"smtp://127.0.0.1:{server.server_address[1]}"  # type: ignore[misc]


def written(site: Session, email: str = "lani@example.org") -> datetime:
    """A letter that waits; returns when."""
    to = pages.account(site, make.person(site, Role.LEADER, name="Lani Kekoa"), email)
    transport.send(to, invitations.INVITATION, link="http://site.example/", days=7)
    site.commit()
    return now()


def waiting(site: Session) -> int:
    site.rollback()
    return site.scalar(select(func.count(Waiting.id))) or 0


def test_a_letter_goes_to_the_mail_server_that_the_settings_name_and_is_kept_no_longer(
    app: Flask, site: Session, server: socketserver.ThreadingTCPServer
) -> None:
    _through(app, address_of(server))
    at = written(site)
    assert (outbox.deliver_due(at), outbox.deliver_due(at + timedelta(days=1)), waiting(site)) == (1, 0, 0)
    assert b"To: Lani Kekoa <lani@example.org>\r\n" in server.letter  # type: ignore[attr-defined]


def test_no_request_waits_for_a_mail_server(app: Flask, site: Session) -> None:
    written(site)
    outbox.hand_over()
    assert [row.tries for row in site.scalars(select(Waiting))] == [0]


def test_a_letter_that_could_not_be_delivered_is_tried_again_later(
    app: Flask, site: Session, server: socketserver.ThreadingTCPServer, caplog: pytest.LogCaptureFixture
) -> None:
    at = written(site)
    assert outbox.deliver_due(at) == 0
    assert [record.getMessage() for record in caplog.records] == [
        "a letter could not be delivered, and is tried again: ConnectionRefusedError"
    ]
    _through(app, address_of(server))
    tries = [outbox.deliver_due(at + timedelta(minutes=minutes)) for minutes in (1, 3, 4)]
    assert (tries, waiting(site)) == ([0, 1, 0], 0)


def test_a_letter_that_the_server_refuses_stops_no_other(
    app: Flask, site: Session, server: socketserver.ThreadingTCPServer
) -> None:
    written(site, "full@example.org")
    at = written(site)
    _through(app, address_of(server))
    assert (outbox.deliver_due(at), waiting(site)) == (1, 1)


def test_a_letter_is_given_up_when_nobody_waits_for_it_any_more(
    app: Flask, site: Session, caplog: pytest.LogCaptureFixture
) -> None:
    at = written(site)
    outbox.deliver_due(at)
    outbox.deliver_due(at + timedelta(days=4))
    assert waiting(site) == 0
    assert caplog.records[-1].getMessage() == "a letter was given up; tries: 1"


def test_what_did_not_happen_makes_no_letter(site: Session) -> None:
    to = pages.account(site, make.person(site))
    transport.send(to, invitations.INVITATION, link="http://site.example/", days=7)
    assert (waiting(site), outbox.deliver_due(now())) == (0, 0)


def test_a_folder_that_cannot_be_written_to_keeps_the_letter_waiting(app: Flask, site: Session, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")
    _through(app, f"file:{tmp_path / 'taken'}")
    written(site)
    outbox.hand_over()
    assert waiting(site) == 1
