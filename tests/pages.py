"""How tests use the website: sign in, fetch a form's token, send it."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Any

from factories import NOW
from flask import Flask, current_app
from flask.testing import FlaskClient
from flask_security.utils import hash_password
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from solidarity.accounts import sessions
from solidarity.accounts.models import Account, UserSession
from solidarity.second_factors.models import Passkey
from solidarity.web import clock
from solidarity.web.db import db
from stories.models import Person


def account(session: Session, person: Person, email: str = "", password: str = "a long enough password") -> Account:
    """An account for `person`. Needs the app's context."""
    row = Account(
        person=person, email=email or f"p{person.id}@example.org",
        password=_hashed(password, current_app.config["SECURITY_PASSWORD_SALT"]),
        fs_uniquifier=secrets.token_hex(16), active=True, created_at=NOW,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


@cache
def _hashed(password: str, _salt: str) -> str:
    """Hashing is slow on purpose; for tests once for each salt is enough."""
    return str(hash_password(password))


def sign_in(client: FlaskClient, account: Account, *, ago: timedelta = timedelta()) -> None:
    """Give the client the session of somebody who signed in so long `ago`. Commits; needs the app's context."""
    db.session.commit()  # what came before, so that this is not the end of a transaction that has read long ago
    key, at = secrets.token_hex(8), clock.now() - ago
    row = UserSession(key_hash=_key_hash(key), begun_at=at, last_used_at=clock.now())
    row.account = account
    db.session.add(row)
    uniquifier = account.fs_uniquifier
    db.session.commit()  # and nothing is read afterwards: the test sees what requests do
    with client.session_transaction() as session:
        session["_user_id"] = uniquifier
        session["_fresh"] = True
        session["fs_cc"] = "set"
        session["fs_paa"] = at.timestamp()
        session[sessions.KEY] = key


def row_of(session: Session, key: str) -> UserSession:
    """The row of the session whose cookie holds `key`."""
    return session.scalars(select(UserSession).where(UserSession.key_hash == _key_hash(key))).one()


def _key_hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def signed_in(session: Session, client: FlaskClient, person: Person, email: str = "") -> Person:
    """`person`, with an account and signed in. Needs the app's context."""
    sign_in(client, account(session, person, email))
    return person


def token(client: FlaskClient, path: str) -> str:
    """The token of the first form on the page at `path`."""
    page = client.get(path).get_data(as_text=True)
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, f"no form with a token at {path}"
    return found[1]


def send(client: FlaskClient, page: str, to: str = "", /, **fields: Any) -> TestResponse:
    """Send a form: the token comes from `page`, the fields go to `to` (or to the page itself)."""
    return client.post(to or page, data={"csrf_token": token(client, page), **fields})


def add_passkey(account: Account, name: str = "my phone") -> Passkey:
    """Give an account a passkey that nobody can use: its key is none."""
    passkey = Passkey(
        name=name, credential_id=secrets.token_bytes(16), public_key=b"no key", user_handle=b"handle", sign_count=0,
        transports=["internal"], created_at=NOW,
    )  # fmt: skip
    account.passkeys.append(passkey)
    return passkey


def letters(app: Flask) -> list[EmailMessage]:
    """Every letter that was sent, the first one first."""
    folder = Path(app.config["SETTINGS"].instance_path) / "mail"
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(folder.glob("*.eml"))]  # type: ignore[misc]


def text_of(letter: EmailMessage) -> str:
    """What it says, as plain text."""
    part = letter.get_body(("plain",))
    assert part
    return str(part.get_content())


def subjects(app: Flask) -> list[tuple[str, str]]:
    """To whom each letter went, and its subject."""
    return [(letter["To"].addresses[0].addr_spec, letter["Subject"]) for letter in letters(app)]
