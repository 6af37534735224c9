"""Who is signed in where: a row for each browser, asked on every request, gone when the session ends.

The cookie holds a random key, and the table its hash: a copy of the cookie is worth nothing once the row is gone, and a
copy of the table opens nothing. A session ends when somebody signs out, ends it from another browser, does not use it
for long (`session_idle`), or has had it for long (`session_lasts`); all of one account end with a new password and when
the account is closed (`Account.end_all_sessions`).

On a disk that is full or read-only no row can be written, and a steward must come in all the same, to see what is
wrong. The cookie itself is good for an hour then, and gets its row with the first request that can write one.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, current_app, g, request, session
from flask_login import current_user, user_logged_in, user_logged_out
from flask_security.utils import set_request_attr
from sqlalchemy import ColumnElement, and_, delete, insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import contains_eager
from werkzeug.wrappers import Response

from solidarity.accounts import browsers
from solidarity.accounts.models import Account, UserSession, hash_of
from solidarity.config import Settings
from solidarity.web import security_log
from solidarity.web.clock import now
from solidarity.web.db import commit, db, rollback, writing
from stories import database
from stories.storage import trouble

KEY = security_log.SESSION_KEY  # in the cookie
WITHOUT_ROW = "desk_since"  # in the cookie, while its row could not be written
LASTS_WITHOUT_ROW = timedelta(hours=1)
NOTED_EVERY = timedelta(minutes=5)  # how exact `last_used_at` is
log = logging.getLogger(__name__)
_KEPT_AT_SIGN_IN = frozenset({"_user_id", "_fresh"})


@dataclass(frozen=True)
class InUse:
    """The session of this request, as it was found."""

    id: int | None  # None: it has no row yet
    last_used_at: datetime
    user_id: str = ""  # whose it is, as the cookie says


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
    row = db.session.scalar(query.where(UserSession.key_hash == hash_of(key), _is_alive(at)))
    account = row.account if row is not None else _account_without_row(user_id, at)
    if account is None or not account.active or not secrets.compare_digest(account.fs_uniquifier, str(user_id)):
        return None
    number, used_at = (row.id, row.last_used_at) if row is not None else (None, at)
    g.session_in_use = InUse(number, used_at, str(user_id))
    set_request_attr("fs_authn_via", "session")  # as Flask-Security's own loader does
    set_request_attr("fs_paa", session.get("fs_paa", 0))
    return account


def _account_without_row(user_id: str, at: datetime) -> Account | None:
    since = _since_without_row()
    if since is None or not timedelta() <= at - since < LASTS_WITHOUT_ROW:
        return None
    return db.session.scalar(select(Account).where(Account.fs_uniquifier == str(user_id)))


def _since_without_row() -> datetime | None:
    since = session.get(WITHOUT_ROW)
    return datetime.fromtimestamp(since, UTC) if since else None


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
    session[KEY], at = secrets.token_urlsafe(32), now()
    row = UserSession(account_id=user.id, last_used_at=at, **_facts(at))
    db.session.add(row)
    if _commit_unless_disk_is_full("security.login"):
        g.session_in_use = InUse(row.id, at)
    else:
        session[WITHOUT_ROW] = at.timestamp()
        g.session_in_use = InUse(None, at)


def _facts(begun_at: datetime) -> dict[str, Any]:
    """What is kept of the session of this browser."""
    browser = browsers.from_user_agent(request.headers.get("User-Agent", ""))
    return {
        "key_hash": hash_of(session[KEY]),
        "begun_at": begun_at,
        "browser": browser.name,
        "system": browser.system,
    }


def _end(_app: Flask, **_user: Any) -> None:
    """Somebody has signed out: the session ends here too, and then the browser keeps no cookie of ours.

    While its row cannot be removed because others write, the cookie stays, so that the button can be pressed again.
    """
    try:
        _remove(session.get(KEY))
        if not _commit_unless_disk_is_full("security.logout"):
            log.warning("somebody signed out, and the end of the session could not be written")
    except SQLAlchemyError:
        _take_up_again(g.get("session_in_use"))
        raise
    session.clear()
    g.pop("session_in_use", None)


def _take_up_again(in_use: InUse | None) -> None:
    """Put back what Flask-Login has taken out of the cookie."""
    if in_use is not None and in_use.user_id:
        session.update(_user_id=in_use.user_id, _fresh=True)


def _remove(key: object) -> None:
    if isinstance(key, str):
        db.session.execute(delete(UserSession).where(UserSession.key_hash == hash_of(key)))


def _commit_unless_disk_is_full(endpoint: str) -> bool:
    """Commit. False where nothing can be saved just now, in a request to `endpoint`, which saves nothing else."""
    try:
        commit()
    except SQLAlchemyError as error:
        if trouble(error) is None or request.endpoint != endpoint:
            raise
        rollback()
        return False
    return True


def _note_use(response: Response) -> Response:
    """Write down that the session was used, every few minutes and only where nobody has to wait for it."""
    in_use, at = g.get("session_in_use"), now()
    if in_use is not None and in_use.id is None and request.endpoint != "security.login":
        _write_row(at)
    elif in_use is not None and at - in_use.last_used_at >= NOTED_EVERY:
        used = update(UserSession).where(UserSession.id == in_use.id).values(last_used_at=at)
        database.write_if_free(db.engine, used)
    return response


def _write_row(at: datetime) -> None:
    """Give a session that began on a full disk its row, if there is room now."""
    row = {"account_id": current_user.id, "last_used_at": at, **_facts(_since_without_row() or at)}
    if database.write_if_free(db.engine, insert(UserSession).values(row)):
        session.pop(WITHOUT_ROW)


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
