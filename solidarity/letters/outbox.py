"""Letters on their way: stored with what they tell of, handed over afterwards, tried again until they arrive.

See docs/decisions/letters.md.
"""

from __future__ import annotations

import logging
import os
import secrets
import smtplib
import ssl
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTPUTF8
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from flask import current_app
from sqlalchemy import LargeBinary, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from solidarity.web.clock import now
from solidarity.web.db import db
from stories import database
from stories.models import Base
from stories.models.base import Moment

MOST = 20  # letters in one round
PATIENCE = timedelta(days=3)  # after that nobody waits for a letter any more
LONGEST_PAUSE = timedelta(hours=4)
SECONDS = 15  # how long a mail server may take to answer
log = logging.getLogger(__name__)


class Waiting(Base):
    """A letter that has not arrived yet; the row goes when it has."""

    __tablename__ = "letters"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[bytes] = mapped_column(LargeBinary)
    written_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime] = mapped_column(Moment)
    tries: Mapped[int] = mapped_column(default=0)


def put(letter: EmailMessage) -> None:
    """Keep a letter in the caller's transaction: it goes out if that lasts, and not at all if it does not."""
    db.session.add(Waiting(text=letter.as_bytes(), written_at=now(), due_at=now()))


def hand_over() -> None:
    """After a commit: what goes into a folder lands there at once; a mail server is left to `flask tend`.

    So nobody waits for a mail server, and how long an answer takes says nothing about whom it has letters for.
    """
    if _destination().scheme == "file":
        deliver_due(now())


def deliver_due(at: datetime) -> int:
    """Deliver what is due at `at`, as far as it can be; returns how many letters arrived."""
    arrived = 0
    for number in _carried(_claimed(at)):
        with database.writing(), Session(db.engine) as session, session.begin():
            session.delete(session.get_one(Waiting, number))
        arrived += 1
    return arrived


def _claimed(at: datetime) -> dict[int, bytes]:
    """The letters to try now. Each is put off first, so that no other process tries it at the same time."""
    due = select(Waiting).where(Waiting.due_at <= at).order_by(Waiting.id).limit(MOST)
    with Session(db.engine) as session:
        if session.scalar(due) is None:
            return {}
    with database.writing(), Session(db.engine) as session, session.begin():
        rows = session.scalars(due.with_for_update(skip_locked=True)).all()
        for row in rows:
            _put_off(row, at)
        for row in rows:
            if row.tries > 1 and row.written_at < at - PATIENCE:
                log.warning("a letter was given up; tries: %s", row.tries - 1)
                session.delete(row)
        return {row.id: row.text for row in rows if row not in session.deleted}


def _put_off(row: Waiting, at: datetime) -> None:
    row.tries += 1
    row.due_at = at + min(timedelta(minutes=2 ** min(row.tries, 10)), LONGEST_PAUSE)


def _carried(letters: Mapping[int, bytes]) -> Iterator[int]:
    """Take letters where MAIL_URL says: a folder (`file:…`) or a mail server; yields each that has arrived."""
    if not letters:
        return
    url = _destination()
    try:
        yield from _to_folder(letters, Path(url.path)) if url.scheme == "file" else _to_server(letters, url)
    except (OSError, smtplib.SMTPException) as error:
        _complain(error)


def _destination() -> SplitResult:
    address: str = current_app.config["SETTINGS"].mail_url
    return urlsplit(address)


def _complain(error: Exception) -> None:
    """Write down that a letter did not arrive, without a word of it."""
    log.warning("a letter could not be delivered, and is tried again: %s", type(error).__name__)


def _to_folder(letters: Mapping[int, bytes], folder: Path) -> Iterator[int]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for number, text in letters.items():
        name = f"{now():%Y-%m-%dT%H-%M-%S-%f}-{secrets.token_hex(3)}.eml"
        with os.fdopen(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(text)
        yield number


def _to_server(letters: Mapping[int, bytes], url: SplitResult) -> Iterator[int]:
    with _server(url) as server:
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
        for number, text in letters.items():
            try:
                server.send_message(message_from_bytes(text, policy=SMTPUTF8))
            except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as refused:
                _complain(refused)
            else:
                yield number


def _server(url: SplitResult) -> smtplib.SMTP:
    """A connection to the mail server, encrypted wherever the server can."""
    host, context = url.hostname or "localhost", ssl.create_default_context()
    if url.scheme == "smtps":
        return smtplib.SMTP_SSL(host, url.port or 465, timeout=SECONDS, context=context)
    server = smtplib.SMTP(host, url.port or 25, timeout=SECONDS)
    if server.ehlo()[0] == 250 and server.has_extn("starttls"):
        server.starttls(context=context)
    return server
