"""Writes letters to people, in the receiver's language: what happened and where to look, never the words of a story.

A letter is written in the transaction of what it tells of; how it gets there is the business of `letters.outbox`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTPUTF8
from email.utils import format_datetime, make_msgid
from typing import Any, Protocol

from flask import current_app, g
from flask_babel import force_locale

from solidarity.letters import outbox
from solidarity.web import clock, locales, urls
from stories.models import Person
from stories.text import prose

LONGEST_LINE = 990  # bytes; RFC 5322 allows 998


class Receiver(Protocol):
    """Somebody with an account: where letters go, in which language, and whether they came in and want some."""

    email: Any
    locale: Any
    person: Any
    password: Any
    queue_letters: Any


def send(to: Receiver, template: str, **values: Any) -> None:
    """Write a letter and put it into the outbox, in the caller's transaction."""
    outbox.put(write(to, template, **values))


def account_of(person: Person) -> Receiver | None:
    """How a person is reached; None for somebody without an account, or whose account is closed."""
    account: Any = current_app.extensions["security"].datastore.find_user(person_id=person.id)
    return account if account is not None and account.active else None


def link(to: Receiver, endpoint: str, **values: Any) -> str:
    """The whole address of a page of this site, in the language of `to`; works outside a request too."""
    path = current_app.url_map.bind("letters").build(endpoint, {"locale": to.locale, **values})
    return urls.absolute_url(path)


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
