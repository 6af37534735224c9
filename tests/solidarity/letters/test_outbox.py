"""The outbox: no letter without what it tells of, and none lost because a mail server would not take it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import factories as make
import pages
import pytest
from flask import Flask
from mail_server import DROP, Server
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from solidarity.letters import compose, outbox, transport
from solidarity.letters.models import KEPT, PATIENCE, Failure, Kind, Letter
from solidarity.web.clock import now
from stories.models import Role

NOBODY_THERE = "smtp://127.0.0.1:9"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
Start = Callable[..., Server]


@pytest.fixture
def app(app: Flask) -> Flask:
    """The site of a mail server that does not answer."""
    return _through(app, NOBODY_THERE)


def _through(app: Flask, mail_url: str) -> Flask:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], mail_url=mail_url)
    return app


def written(site: Session, email: str = "lani@example.org", kind: Kind = Kind.INVITATION) -> datetime:
    """A letter that waits; returns when."""
    to = pages.account(site, make.person(site, Role.LEADER, name="Lani Kekoa"), email)
    values = {"subject": "Your story is published", "text": "Everybody can read it now:"} if kind == "news" else {}
    compose.send(to, kind, link="http://site.example/", days=7, **values)
    site.commit()
    return now()


def waiting(site: Session) -> int:
    site.rollback()
    return site.scalar(select(func.count(Letter.id))) or 0


def stuck(site: Session) -> list[tuple[str, str | None, str, bool]]:
    """Who waits for a letter, why, what the server said, and whether it was given up."""
    site.rollback()
    site.expire_all()
    letters = site.scalars(select(Letter).order_by(Letter.id))
    return [(one.address, one.failure, one.answer, one.given_up_at is not None) for one in letters]


def test_a_letter_goes_to_the_mail_server_that_the_settings_name_and_is_kept_no_longer(
    app: Flask, site: Session, start: Start
) -> None:
    server = start()
    _through(app, server.url)
    at = written(site)
    assert (outbox.deliver_due(at), outbox.deliver_due(at + timedelta(days=1)), waiting(site)) == (1, 0, 0)
    assert b"\r\nTo: Lani Kekoa <lani@example.org>\r\n" in server.letters[0].raw


def test_no_request_waits_for_a_mail_server(app: Flask, site: Session) -> None:
    written(site)
    outbox.hand_over()
    assert [row.tries for row in site.scalars(select(Letter))] == [0]


def test_a_letter_that_could_not_be_delivered_is_tried_again_later(
    app: Flask, site: Session, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    at = written(site)
    assert outbox.deliver_due(at) == 0
    assert [record.getMessage() for record in caplog.records] == [
        "a letter (invitation) was not delivered: unreachable "
    ]
    _through(app, start().url)
    tries = [outbox.deliver_due(at + timedelta(minutes=minutes)) for minutes in (1, 3, 4)]
    assert (tries, waiting(site)) == ([0, 1, 0], 0)


def test_a_letter_that_the_server_refuses_stops_no_other(app: Flask, site: Session, start: Start) -> None:
    written(site, "full@example.org")
    at = written(site)
    _through(app, start(answers={"full@example.org": "450 4.2.2 later"}).url)
    assert (outbox.deliver_due(at), waiting(site)) == (1, 1)


def test_whatever_is_wrong_with_a_letter_stays_with_it(app: Flask, site: Session, start: Start) -> None:
    """Ten kinds of bad letters, and a good one after each: every good one arrives in the first round."""
    server = start(
        eight_bit=False, utf8=False,
        answers={
            "full@example.org": "452 4.2.2 full", "gone@example.org": "550 5.1.1 gone", "drop@example.org": DROP,
            "DATA spam@example.org": "554 5.7.1 spam", "DATA cut@example.org": DROP, "TAKEN cut2@example.org": DROP,
        },
    )  # fmt: skip
    bad = ["full", "gone", "drop", "spam", "cut", "cut2", "用户"]
    for number, name in enumerate(bad):
        written(site, f"{name}@example.org")
        written(site, f"good{number}@example.org")
    broken = {"two@example.org,all": "ana@example.org", "header": "b@example.org", "bytes": "c@example.org"}
    for name, email in broken.items():
        at = written(site, email)
        letter = site.scalars(select(Letter).where(Letter.address == email)).one()
        letter.address = name if "@" in name else email
        letter.message = {
            "header": b"\xff\xfe: \r\n\r\n",
            "bytes": b"Content-Type: text/plain; charset=x\r\n\r\n\xff",
        }.get(name, letter.message)
        written(site, f"after-{email}")
    at = now()
    _through(app, server.url)

    arrived = outbox.deliver_due(at)

    good = {f"good{number}@example.org" for number in range(len(bad))} | {f"after-{email}" for email in broken.values()}
    assert good <= {taken.receiver for taken in server.letters}
    assert arrived + waiting(site) == 2 * (len(bad) + len(broken))
    assert [entry for entry in stuck(site) if entry[0] in good] == []
    assert stuck(site)[: len(bad)] == [
        ("full@example.org", "later", "452 4.2.2", False),
        ("gone@example.org", "refused", "550 5.1.1", True),
        ("drop@example.org", "interrupted", "", False),
        ("spam@example.org", "refused", "554 5.7.1", True),
        ("cut@example.org", "interrupted", "", False),
        ("cut2@example.org", "interrupted", "", False),
        ("用户@example.org", "needs-smtputf8", "", True),
    ]
    assert ("two@example.org,all", "address", "", True) in stuck(site)


def test_a_server_that_cannot_be_reached_is_called_once_in_a_round(app: Flask, site: Session) -> None:
    calls = []
    with socket.create_server(("127.0.0.1", 0)) as closing:
        _through(app, f"smtp://127.0.0.1:{closing.getsockname()[1]}")
        for number in range(3):
            written(site, f"p{number}@example.org")
        at = now()
        closing.settimeout(0.2)

        def hang_up() -> None:
            try:
                while True:
                    connection, _ = closing.accept()
                    calls.append(connection)
                    connection.close()
            except OSError:
                return

        thread = threading.Thread(target=hang_up)
        thread.start()
        assert outbox.deliver_due(at) == 0
        thread.join()
    assert len(calls) == 1
    assert [entry[1] for entry in stuck(site)] == ["unreachable"] * 3


def test_pauses_grow_and_a_server_that_is_back_is_not_kept_waiting_for_long(
    app: Flask, site: Session, start: Start
) -> None:
    server = start(answers={"lani@example.org": "451 4.7.1 greylisted"})
    pauses: dict[str, list[int]] = {}
    for url in (NOBODY_THERE, server.url):
        _through(app, url)
        at = written(site, "lani@example.org" if url == server.url else "ana@example.org")
        letter = site.scalars(select(Letter).order_by(Letter.id.desc())).first()
        assert letter is not None
        pauses[url] = []
        for _ in range(10):
            outbox.deliver_due(at)
            site.refresh(letter)
            site.commit()
            pauses[url].append(round((letter.due_at - at) / MINUTE))
            at = letter.due_at
        site.delete(letter)
        site.commit()
    assert pauses == {
        NOBODY_THERE: [2, 4, 8, 15, 15, 15, 15, 15, 15, 15],
        server.url: [2, 4, 8, 16, 32, 64, 128, 240, 240, 240],
    }


def test_a_letter_is_given_up_when_nobody_waits_for_it_any_more(
    app: Flask, site: Session, caplog: pytest.LogCaptureFixture
) -> None:
    at = written(site)
    outbox.deliver_due(at)
    assert stuck(site) == [("lani@example.org", "unreachable", "", False)]
    outbox.deliver_due(at + timedelta(days=4))
    assert stuck(site) == [("lani@example.org", "unreachable", "", True)]
    assert outbox.deliver_due(at + timedelta(days=5)) == 0
    assert [letter.tries for letter in site.scalars(select(Letter))] == [2]


def test_what_a_server_refuses_for_ever_is_tried_once(app: Flask, site: Session, start: Start) -> None:
    server = start(answers={"lani@example.org": "550 5.1.1 nobody"})
    _through(app, server.url)
    at = written(site)
    for days in range(3):
        outbox.deliver_due(at + days * DAY)
    assert [letter.tries for letter in site.scalars(select(Letter))] == [1]


def test_what_was_given_up_is_forgotten_after_a_while(app: Flask, site: Session, start: Start) -> None:
    _through(app, start(answers={"lani@example.org": "550 5.1.1 nobody"}).url)
    at = written(site)
    outbox.deliver_due(at)
    outbox.deliver_due(at + KEPT)
    assert waiting(site) == 1
    outbox.deliver_due(at + KEPT + MINUTE)
    assert waiting(site) == 0


@pytest.mark.parametrize(("kind", "days"), [(Kind.INVITATION, 7), (Kind.LOST_PASSWORD, 1)])
def test_a_link_that_no_longer_works_is_not_sent(
    app: Flask, site: Session, start: Start, kind: Kind, days: int
) -> None:
    server = start()
    _through(app, server.url)
    at = written(site, kind=kind)
    assert outbox.deliver_due(at + days * DAY) == 0
    assert stuck(site) == [("lani@example.org", "expired", "", True)]
    assert outbox.try_again(site, at + days * DAY) == 0
    assert server.letters == []


def test_a_letter_that_was_given_up_is_sent_when_somebody_asks_for_it(app: Flask, site: Session, start: Start) -> None:
    server = start(answers={"lani@example.org": "550 5.1.1 nobody"})
    _through(app, server.url)
    at = written(site, kind=Kind.STORY_NEWS)
    outbox.deliver_due(at)
    server.answers.clear()
    late = at + 10 * DAY
    assert (outbox.deliver_due(late), outbox.try_again(site, late)) == (0, 1)
    site.commit()
    [letter] = site.scalars(select(Letter))
    assert (letter.due_at, letter.send_until, letter.given_up_at) == (late, late + PATIENCE, None)
    assert outbox.deliver_due(late) == 1


def test_a_letter_that_is_sent_twice_is_the_same_letter(
    app: Flask, site: Session, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker is killed after the server took the letter and before the row is gone."""
    server = start()
    _through(app, server.url)
    at = written(site)
    with monkeypatch.context() as killed:
        killed.setattr(outbox, "_remove", _killed)
        with pytest.raises(KeyboardInterrupt):
            outbox.deliver_due(at)
    assert outbox.deliver_due(at) == 0  # the next round does not hurry after it
    assert outbox.deliver_due(at + 2 * MINUTE) == 1
    first, second = (taken.message["Message-ID"] for taken in server.letters)
    assert (first == second, waiting(site)) == (True, 0)


def _killed(_letter: Letter) -> None:
    raise KeyboardInterrupt


def test_a_round_ends_in_time_and_leaves_the_rest_for_the_next(
    app: Flask, site: Session, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start()
    _through(app, server.url)
    for number in range(3):
        written(site, f"p{number}@example.org")
    at = now()
    monkeypatch.setattr(outbox, "ROUND_SECONDS", 0)
    assert outbox.deliver_due(at) == 0
    assert {(letter.tries, letter.due_at) for letter in site.scalars(select(Letter))} == {(0, at)}
    monkeypatch.undo()
    assert (outbox.deliver_due(at), server.connections) == (3, 1)


def test_a_server_that_falls_silent_holds_up_one_letter_for_so_long_and_no_longer(
    app: Flask, site: Session, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "SECONDS", 0.3)
    server = start(slow={"lani@example.org"})
    _through(app, server.url)
    written(site)
    at = written(site, "ana@example.org")
    assert outbox.deliver_due(at) == 1
    assert stuck(site) == [("lani@example.org", "interrupted", "", False)]


def test_what_did_not_happen_makes_no_letter(site: Session) -> None:
    to = pages.account(site, make.person(site))
    compose.send(to, Kind.INVITATION, link="http://site.example/", days=7)
    assert (waiting(site), outbox.deliver_due(now())) == (0, 0)


def test_a_folder_that_cannot_be_written_to_keeps_the_letter_waiting(app: Flask, site: Session, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")
    _through(app, f"file:{tmp_path / 'taken'}")
    written(site)
    outbox.hand_over()
    assert stuck(site) == [("lani@example.org", Failure.FOLDER, "", False)]


def test_the_tally_tells_apart_what_is_on_its_way_what_waits_and_what_was_given_up(
    app: Flask, site: Session, start: Start
) -> None:
    assert outbox.tally(site, now()) == outbox.Tally(0, 0, 0, None)
    server = start(answers={"gone@example.org": "550 5.1.1 gone", "full@example.org": "452 4.2.2 full"})
    _through(app, server.url)
    written(site, "gone@example.org")
    written(site, "full@example.org")
    outbox.deliver_due(now())
    at = written(site, "new@example.org")
    since = site.scalar(select(Letter.written_at).where(Letter.address == "full@example.org"))
    assert outbox.tally(site, at) == outbox.Tally(on_their_way=1, waiting=1, given_up=1, since=since)
    later = outbox.tally(site, at + HOUR)
    assert (later.on_their_way, later.stuck) == (0, 3)
