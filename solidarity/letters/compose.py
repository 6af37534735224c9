"""Writes letters to people, in the receiver's language: what happened and where to look, never the words of a story.

A letter is written in the transaction of what it tells of; how it gets there is the business of `letters.outbox`.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from email.utils import format_datetime, make_msgid
from typing import Any, Protocol

from flask import current_app, g
from flask_babel import force_locale
from sqlalchemy.exc import SQLAlchemyError

from solidarity.letters import mime
from solidarity.letters.models import PATIENCE, Kind, Letter
from solidarity.web import clock, locales, urls
from solidarity.web.db import db
from stories.models import Person
from stories.text import email_addresses, prose

HTML = "letters/letter.html"
LONGEST_NAME = 60  # characters of a name
_LINK = re.compile(r"://|www\.", re.IGNORECASE)
log = logging.getLogger(__name__)


class Receiver(Protocol):
    """Somebody with an account: where letters go, in which language, and whether they came in and want some."""

    id: Any
    email: Any
    locale: Any
    person: Any
    password: Any
    queue_letters: Any


def send(to: Receiver, kind: Kind, *, address: str = "", **values: Any) -> None:
    """Write a letter and put it into the outbox, in the caller's transaction.

    It goes to `address`, or else to that of the account. `values` are what the template needs, as JSON takes it: a
    `link`, and `unsubscribe`, the page where such letters can be turned off, if they can. A letter that cannot be
    written does not undo what it tells of: it waits until it can.
    """
    at = clock.now()
    letter = Letter(kind=kind, account_id=to.id, address=address or to.email, written_at=at, due_at=at)
    letter.send_until = at + min(PATIENCE, kind.link_works_for or PATIENCE)
    try:
        letter.message = write(to, kind, at=at, address=letter.address, **values)
    except SQLAlchemyError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever is wrong with a letter stays with the letter
        log.error("a letter (%s) could not be written: %s", kind, place_of(error))  # noqa: TRY400 - no words of it
        letter.unwritten = values
    db.session.add(letter)


def account_of(person: Person) -> Receiver | None:
    """How a person is reached; None for somebody without an account, or whose account is closed."""
    account: Any = current_app.extensions["security"].datastore.find_user(person_id=person.id)
    return account if account is not None and account.active else None


def link(to: Receiver, endpoint: str, **values: Any) -> str:
    """The whole address of a page of this site, in the language of `to`; works outside a request too."""
    path = current_app.url_map.bind("letters").build(endpoint, {"locale": to.locale, **values})
    return urls.absolute_url(path)


def write(to: Receiver, kind: Kind, *, at: datetime, address: str = "", **values: Any) -> bytes:
    """The letter of a kind to `to` at `address`, whole. Its template begins with `Subject: …`; paragraphs follow."""
    with _speaking(to.locale):
        subject, *paragraphs = _drawn(kind, name=name_in_letters(to.person.name), **values)
        subject = prose.plain(subject.removeprefix("Subject:"))
        html = current_app.jinja_env.get_template(HTML).render(
            subject=subject, paragraphs=paragraphs, link=values["link"], locale=locales.current()
        )
        headers = {"Subject": mime.words("Subject", subject), **_headers(to, address or to.email, at, values)}
    return mime.new_message(headers, "\n\n".join(paragraphs) + "\n", html).as_bytes()


def name_in_letters(name: str) -> str:
    """How a letter addresses somebody. Some letters go to strangers: a name is no place for a message or a link."""
    words = " ".join(word for word in prose.plain(name).split() if not _LINK.search(word))
    return words[:LONGEST_NAME].rstrip() or "…"


def _drawn(kind: Kind, **values: Any) -> list[str]:
    """The paragraphs of a letter, each in one line, the subject first."""
    text = current_app.jinja_env.get_template(f"letters/{kind.value}.txt").render(**values)
    return [prose.plain(paragraph) for paragraph in re.split(r"\n\s*\n", text.strip())]


def _headers(to: Receiver, address: str, at: datetime, values: Mapping[str, Any]) -> dict[str, str]:
    settings = current_app.config["SETTINGS"]
    sender = email_addresses.for_mail_servers(settings.mail_sender)
    headers = {
        "From": mime.mailbox("From", prose.plain(settings.site_name), sender),
        "To": mime.mailbox("To", name_in_letters(to.person.name), email_addresses.for_mail_servers(address)),
        "Date": format_datetime(at),
        "Message-ID": make_msgid(domain=sender.rpartition("@")[2]),  # stays the same however often the letter is tried
        "Auto-Submitted": "auto-generated",
        "Content-Language": locales.current().tag,
    }
    if values.get("unsubscribe"):
        headers["List-Unsubscribe"] = f"<{values['unsubscribe']}>"
    return headers


def place_of(error: Exception) -> str:
    """What kind of fault it was and where, without the words that were being written."""
    frames = traceback.extract_tb(error.__traceback__)
    return (
        f"{type(error).__name__} in {frames[-1].filename}, line {frames[-1].lineno}" if frames else type(error).__name__
    )


@contextmanager
def _speaking(tag: str) -> Iterator[None]:
    """Words and dates inside are in the language `tag`, or in English as long as the site has no words in it."""
    before = g.get("locale", locales.DEFAULT)
    name = locales.BABEL_NAMES.get(tag, tag)
    has_words = name in map(str, locales.babel.list_translations())
    g.locale = tag if has_words else locales.DEFAULT
    try:
        with force_locale(name if has_words else locales.DEFAULT):
            yield
    finally:
        g.locale = before
