"""How tests use the website: sign in, fetch a form's token, send it."""

from __future__ import annotations

import re
import secrets
from functools import cache
from typing import Any

from factories import NOW
from flask import current_app
from flask.testing import FlaskClient
from flask_security.utils import hash_password
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from solidarity.accounts.models import Account
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


def sign_in(client: FlaskClient, account: Account) -> None:
    """Give the client the session of somebody who has signed in."""
    with client.session_transaction() as session:
        session["_user_id"] = account.fs_uniquifier
        session["_fresh"] = True
        session["fs_cc"] = "set"


def signed_in(session: Session, client: FlaskClient, person: Person, email: str = "") -> Person:
    """`person`, with an account and signed in. Needs the app's context."""
    sign_in(client, account(session, person, email))
    session.commit()
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
