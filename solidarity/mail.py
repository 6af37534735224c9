"""Writes letters to people, in the receiver's language: what happened and where to look, never the words of a story.

A letter is first written and then delivered, so that a view can write it before its commit and deliver it after.
"""

from __future__ import annotations

import os
import re
import secrets
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTPUTF8
from email.utils import format_datetime, make_msgid
from pathlib import Path
from threading import Thread
from typing import Any, Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from flask import current_app, g
from flask_babel import force_locale

from solidarity import addresses, clock, locales
from stories import prose
from stories.models import Person

LONGEST_LINE = 990  # bytes; RFC 5322 allows 998
SECONDS = 15  # how long a mail server may take to answer


class Receiver(Protocol):
    """Somebody with an account: where letters go, and in which language."""

    email: Any
    locale: Any
    person: Any


def send(to: Receiver, template: str, **values: Any) -> None:
    """Write a letter and deliver it."""
    deliver(write(to, template, **values))


def account_of(person: Person) -> Receiver | None:
    """How a person is reached; None for somebody without an account, or whose account is closed."""
    account: Any = current_app.extensions["security"].datastore.find_user(person_id=person.id)
    return account if account is not None and account.active else None


def link(to: Receiver, endpoint: str, **values: Any) -> str:
    """The whole address of a page of this site, in the language of `to`; works outside a request too."""
    path = current_app.url_map.bind("letters").build(endpoint, {"locale": to.locale, **values})
    return addresses.absolute(path)


def write(to: Receiver, template: str, **values: Any) -> EmailMessage:
    """A letter to `to` from a template whose first line is `Subject: …`, an empty line after it."""
    with _speaking(to.locale):
        text = current_app.jinja_env.get_template(template).render(person=to.person, **values)
    subject, _, body = text.lstrip().partition("\n")
    letter = EmailMessage(policy=SMTPUTF8)
    settings = current_app.config["SETTINGS"]
    letter["Subject"] = prose.plain(subject.removeprefix("Subject:"))
    letter["From"] = Address(settings.site_name, addr_spec=settings.mail_sender)
    letter["To"] = Address(prose.plain(to.person.name), addr_spec=to.email)
    letter["Date"] = format_datetime(clock.now())
    letter["Message-ID"] = make_msgid(domain=settings.mail_sender.partition("@")[2] or None)
    letter["Auto-Submitted"] = "auto-generated"
    body = re.sub(r"\n{3,}", "\n\n", body).strip() + "\n"
    letter.set_content(body, cte="8bit" if _fits_as_it_is(body) else "quoted-printable")
    letter["Content-Language"] = to.locale
    return letter


def _fits_as_it_is(body: str) -> bool:
    """Whether every line may stand in a letter as it is, so that links stay in one piece."""
    return max(len(line.encode()) for line in body.split("\n")) < LONGEST_LINE


@contextmanager
def _speaking(tag: str) -> Iterator[None]:
    """Words and dates inside are in the language `tag`, whatever the language of the request."""
    before = g.get("locale", locales.DEFAULT)
    g.locale = tag
    try:
        with force_locale(locales.BABEL_NAMES.get(tag, tag)):
            yield
    finally:
        g.locale = before


def deliver(letter: EmailMessage) -> None:
    """Put a letter where MAIL_URL says: a folder (`file:…`), or a mail server (`smtp://…`, `smtps://…`).

    A mail server is spoken to beside the request: nobody waits for it, and how long an answer takes says nothing about
    whether an address is known here. A letter that cannot be delivered is written down in the log, without its words.
    """
    url = urlsplit(current_app.config["SETTINGS"].mail_url)
    if url.scheme == "file":
        _keep(letter, Path(url.path))
    else:
        Thread(target=_hand_over, args=(letter, url, current_app.logger), name="letter").start()


def _keep(letter: EmailMessage, folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{clock.now():%Y-%m-%dT%H-%M-%S-%f}-{secrets.token_hex(3)}.eml"
    with os.fdopen(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(letter.as_bytes())


def _hand_over(letter: EmailMessage, url: SplitResult, log: Any) -> None:
    try:
        with _server(url) as server:
            if url.username:
                server.login(unquote(url.username), unquote(url.password or ""))
            server.send_message(letter)
    except (OSError, smtplib.SMTPException) as error:
        log.warning("a letter could not be delivered: %s", type(error).__name__)


def _server(url: SplitResult) -> smtplib.SMTP:
    """A connection to the mail server, encrypted wherever the server can."""
    host, context = url.hostname or "localhost", ssl.create_default_context()
    if url.scheme == "smtps":
        return smtplib.SMTP_SSL(host, url.port or 465, timeout=SECONDS, context=context)
    server = smtplib.SMTP(host, url.port or 25, timeout=SECONDS)
    if server.ehlo()[0] == 250 and server.has_extn("starttls"):
        server.starttls(context=context)
    return server
