"""Who is signed in where: a row for each browser, asked on every request, gone when the session ends.

The cookie holds a random key, and the table its hash: a copy of the cookie is worth nothing once the row is gone, and a
copy of the table opens nothing. A session ends when somebody signs out, ends it from another browser, does not use it
for long (`session_idle`), or has had it for long (`session_lasts`); all of one account end with a new password and when
the account is closed (`Account.end_all_sessions`).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, after_this_request, current_app, g, request, session
from flask_login import user_logged_in, user_logged_out
from flask_security.utils import set_request_attr
from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.orm import contains_eager
from werkzeug.wrappers import Response

from solidarity.accounts import browsers
from solidarity.accounts.models import Account, UserSession
from solidarity.config import Settings
from solidarity.web.clock import now
from solidarity.web.db import commit, db, writing
from stories import database

KEY = "desk"  # in the cookie
NOTED_EVERY = timedelta(minutes=5)  # how exact `last_used_at` is
_KEPT_AT_SIGN_IN = frozenset({"_user_id", "_fresh"})


@dataclass(frozen=True)
class InUse:
    """The session of this request, as it was found."""

    id: int
    last_used_at: datetime


def init_app(app: Flask) -> None:
    """Ask for the row of every session. Needs Flask-Security."""
    app.extensions["security"].login_manager.user_loader(signed_in_account)
    user_logged_in.connect(_begin, app)
    user_logged_out.connect(_end, app)
    app.after_request(_note_use)


# --- one request


def signed_in_account(user_id: str) -> Account | None:
    """The account whose session the cookie of this request names; None where that has ended."""
    key, at = session.get(KEY), now()
    if not isinstance(key, str):
        return None
    query = select(UserSession).join(UserSession.account).options(contains_eager(UserSession.account))
    row = db.session.scalar(query.where(UserSession.key_hash == _hashed(key), _is_alive(at)))
    if row is None or not row.account.active or not secrets.compare_digest(row.account.fs_uniquifier, str(user_id)):
        return None
    g.session_in_use = InUse(row.id, row.last_used_at)
    set_request_attr("fs_authn_via", "session")  # as Flask-Security's own loader does
    set_request_attr("fs_paa", session.get("fs_paa", 0))
    return row.account


def current_id() -> int | None:
    """The number of the session of this request."""
    in_use: InUse | None = g.get("session_in_use")
    return in_use.id if in_use else None


def _begin(_app: Flask, user: Account) -> None:
    """Somebody has signed in, in whatever way: this browser gets a session of its own.

    Whatever the cookie held before is dropped: a session that somebody else prepared is worth nothing after signing
    in. So is Flask-Login's `_id`, a hash of the browser and its address: no address is kept anywhere.
    """
    _remove(session.get(KEY))
    for name in session.keys() - _KEPT_AT_SIGN_IN:
        session.pop(name)
    session[KEY] = secrets.token_urlsafe(32)
    browser, at = browsers.from_user_agent(request.headers.get("User-Agent", "")), now()
    row = UserSession(account_id=user.id, key_hash=_hashed(session[KEY]), begun_at=at, last_used_at=at)
    row.browser, row.system = browser.name, browser.system
    db.session.add(row)
    db.session.flush()
    g.session_in_use = InUse(row.id, at)
    after_this_request(_keep)


def _end(_app: Flask, **_user: Any) -> None:
    """Somebody has signed out: the session ends here too, and the browser keeps no cookie of ours."""
    key = session.get(KEY)
    session.clear()
    g.pop("session_in_use", None)
    _remove(key)
    after_this_request(_keep)


def _remove(key: object) -> None:
    if isinstance(key, str):
        db.session.execute(delete(UserSession).where(UserSession.key_hash == _hashed(key)))


def _keep(response: Response) -> Response:
    commit()
    return response


def _note_use(response: Response) -> Response:
    """Write down that the session was used, every few minutes and only where nobody has to wait for it."""
    in_use, at = g.get("session_in_use"), now()
    if in_use is not None and at - in_use.last_used_at >= NOTED_EVERY:
        used = update(UserSession).where(UserSession.id == in_use.id).values(last_used_at=at)
        database.write_if_free(db.engine, used)
    return response


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


# --- the sessions of an account


def of(account: Account, at: datetime) -> Sequence[UserSession]:
    """Where `account` is signed in, the one used last first."""
    mine = select(UserSession).where(UserSession.account_id == account.id, _is_alive(at))
    return db.session.scalars(mine.order_by(UserSession.last_used_at.desc(), UserSession.id.desc())).all()


def end(account: Account, session_id: int) -> bool:
    """End one session of `account`; False where it has ended already."""
    return _delete(UserSession.account_id == account.id, UserSession.id == session_id) == 1


def end_others(account: Account) -> int:
    """End every session of `account` but the one of this request; returns how many."""
    return _delete(UserSession.account_id == account.id, UserSession.id != current_id())


def remove_expired() -> None:
    """Remove the rows of sessions that have ended by themselves: `flask tend` does it."""
    ended = ~_is_alive(now())
    if db.session.scalar(select(UserSession.id).where(ended).limit(1)) is None:
        return
    db.session.rollback()
    with writing() as session:
        session.execute(delete(UserSession).where(ended))


def _delete(*which: ColumnElement[bool]) -> int:
    return int(db.session.execute(delete(UserSession).where(*which)).rowcount)  # type: ignore[attr-defined]


def _is_alive(at: datetime) -> ColumnElement[bool]:
    idle, lasts = settings().session_idle, settings().session_lasts
    return and_(UserSession.last_used_at > at - idle, UserSession.begun_at > at - lasts)


def settings() -> Settings:
    """How long a session lasts, among others."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings
