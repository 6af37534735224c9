"""Letters on their way: stored with what they tell of, handed over afterwards, tried again until they arrive.

See docs/decisions/letters.md.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import delete, func, or_, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from solidarity.letters import compose, transport
from solidarity.letters.models import KEPT, Failure, Letter
from solidarity.letters.transport import NotDelivered, Transport
from solidarity.web.clock import now
from solidarity.web.db import db
from stories import database
from stories.text.email_addresses import NotAnAddress

MOST = 20  # letters in one round
ROUND_SECONDS = 30  # after which a round ends, so that whoever tends the site comes to its other work
OVERDUE = timedelta(minutes=10)  # a letter that nobody tried for so long says that nobody carries letters
log = logging.getLogger(__name__)


# --- carrying letters


def hand_over() -> None:
    """After a commit: what goes into a folder lands there at once; a mail server is left to `flask tend`.

    So nobody waits for a mail server, and how long an answer takes says nothing about whom it has letters for.
    """
    if not _settings().mail_url.startswith("file:"):
        return
    try:
        deliver_due(now())
    except SQLAlchemyError:  # what the letter tells of has been done; the letter waits for `flask tend`
        log.exception("letters wait for the next round")


def deliver_due(at: datetime) -> int:
    """Deliver what is due at `at`, as far as it can be; returns how many letters arrived."""
    waiting = _begun(at)
    if not waiting:
        return 0
    arrived, end = 0, time.monotonic() + ROUND_SECONDS
    with transport.connected(_settings().mail_url, _settings().mail_sender) as way:
        while waiting and time.monotonic() < end:
            letter = waiting.pop(0)
            failed = _carry(letter, way)
            if failed is None:
                _remove(letter)
                arrived += 1
            elif failed.failure.is_of_server:
                _write_down(failed, [letter, *waiting], at)
                return arrived
            else:
                _write_down(failed, [letter], at)
    _put_back(waiting, at)
    return arrived


def _begun(at: datetime) -> list[Letter]:
    """The letters to try now. Each is put off first, so that no other process tries it at the same time."""
    is_due = Letter.given_up_at.is_(None) & (Letter.due_at <= at)
    is_old = Letter.given_up_at < at - KEPT
    with Session(db.engine) as session:
        if session.scalar(select(Letter.id).where(is_due | is_old).limit(1)) is None:
            return []
    due = select(Letter).where(is_due).order_by(Letter.due_at, Letter.id).limit(MOST)
    with database.writing(), Session(db.engine, expire_on_commit=False) as session, session.begin():
        session.execute(delete(Letter).where(is_old))
        letters = session.scalars(due.with_for_update(skip_locked=True)).all()
        for letter in letters:
            letter.begin(at)
            if letter.link_is_dead(at):
                letter.fail(Failure.EXPIRED, "", at)
        return [letter for letter in letters if letter.given_up_at is None]


def _carry(letter: Letter, way: Transport) -> NotDelivered | None:
    """Take one letter where it goes; whatever is wrong with it is returned, and stays with it."""
    try:
        way.deliver(letter.message or _written_now(letter), letter.address)
    except NotDelivered as failed:
        log.warning("a letter (%s) was not delivered: %s %s", letter.kind, failed.failure, failed.answer)
        return failed
    except NotAnAddress:
        log.warning("a letter (%s) was not delivered: %s", letter.kind, Failure.ADDRESS)
        return NotDelivered(Failure.ADDRESS)
    except Exception as error:  # noqa: BLE001 - one bad letter must not hold up another
        log.error("a letter (%s) was not delivered: %s", letter.kind, compose.place_of(error))  # noqa: TRY400 - no words
        return NotDelivered(Failure.FAULT)
    return None


def _written_now(letter: Letter) -> bytes:
    """A letter that could not be written when it should have been."""
    with Session(db.engine) as session:
        model = current_app.extensions["security"].datastore.user_model
        account = session.get_one(model, letter.account_id)
        values = letter.unwritten or {}
        return compose.write(account, letter.kind, at=letter.written_at, address=letter.address, **values)


def _remove(letter: Letter) -> None:
    """The letter has arrived. Who is killed before this delivers it once more: rather twice than never."""
    with database.writing(), Session(db.engine) as session, session.begin():
        session.execute(delete(Letter).where(Letter.id == letter.id))


def _write_down(failed: NotDelivered, letters: Sequence[Letter], at: datetime) -> None:
    with database.writing(), Session(db.engine) as session, session.begin():
        for row in _rows(session, letters):
            row.fail(failed.failure, failed.answer, at)


def _put_back(letters: Sequence[Letter], at: datetime) -> None:
    """The round was too short for these: they are due in the next one."""
    if letters:
        with database.writing(), Session(db.engine) as session, session.begin():
            for row in _rows(session, letters):
                row.tries -= 1
                row.due_at = at


def _rows(session: Session, letters: Sequence[Letter]) -> Sequence[Letter]:
    return session.scalars(select(Letter).where(Letter.id.in_([letter.id for letter in letters]))).all()


def _settings() -> Any:
    return current_app.config["SETTINGS"]


# --- what a steward sees and does


@dataclass(frozen=True)
class Tally:
    """How many letters are where. `since`: when the oldest that waits was written."""

    on_their_way: int
    waiting: int
    given_up: int
    since: datetime | None

    @property
    def stuck(self) -> int:
        """How many need somebody's eye."""
        return self.waiting + self.given_up


def tally(session: Session, at: datetime) -> Tally:
    """The letters by how they stand at `at`."""
    given_up = Letter.given_up_at.is_not(None)
    counts = select(
        func.count(),
        func.count().filter(given_up),
        func.count().filter(~given_up, _in_trouble(at)),
        func.min(Letter.written_at).filter(~given_up, _in_trouble(at)),
    ).select_from(Letter)
    everything, lost, waiting, since = session.execute(counts).one()
    return Tally(everything - lost - waiting, waiting, lost, since)


def stuck(session: Session, at: datetime, *, limit: int) -> list[tuple[Letter, Any]]:
    """The letters that did not arrive, each with the account it goes to, if any; the oldest first."""
    model = current_app.extensions["security"].datastore.user_model
    wanted = select(Letter, model).outerjoin(model, model.id == Letter.account_id)
    wanted = wanted.where(_is_stuck(at))
    found = session.execute(wanted.order_by(Letter.written_at, Letter.id).limit(limit))
    return [(letter, account) for letter, account in found]


def _is_stuck(at: datetime) -> Any:
    return or_(Letter.given_up_at.is_not(None), _in_trouble(at))


def _in_trouble(at: datetime) -> Any:
    """Tried in vain, or not tried although it was due long ago."""
    return Letter.failure.is_not(None) | (Letter.due_at < at - OVERDUE)


def try_again(session: Session, at: datetime) -> int:
    """Make every letter that did not arrive due now; returns how many: links that no longer work are not sent."""
    return sum(letter.try_again(at) for letter in session.scalars(select(Letter).where(_is_stuck(at))))
