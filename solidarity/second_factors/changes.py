"""The verbs of second factors: setting one up, showing one, taking one away.

Each change is a letter to its owner and a line of the security log.

Whatever is good for one use is used up by one statement that finds it unused, so that of two at once only one succeeds.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import CursorResult, Delete, Update, delete, func, select, update
from sqlalchemy.orm import Session

from solidarity.letters import compose
from solidarity.letters.models import Kind
from solidarity.second_factors import recovery_codes
from solidarity.second_factors.models import NAME, AuthenticatorApp, Passkey, RecoveryCode
from solidarity.second_factors.passkeys import NewPasskey
from solidarity.web import security_log
from stories.database import lock
from stories.errors import Refused
from stories.models import EventKind
from stories.text import prose

MOST_PASSKEYS = 20


class Change(StrEnum):
    """What a letter tells of."""

    APP_ADDED = "app added"
    APP_REMOVED = "app removed"
    PASSKEY_ADDED = "passkey added"
    PASSKEY_REMOVED = "passkey removed"
    FIRST_CODES = "first codes"
    NEW_CODES = "new codes"  # in place of others
    REMOVED_BY_STEWARD = "removed by a steward"
    WRONG_CODES = "wrong codes"  # no change, but the same to do about it


_EVENTS = {
    Change.APP_ADDED: EventKind.FACTOR_SET,
    Change.APP_REMOVED: EventKind.FACTOR_REMOVED,
    Change.PASSKEY_ADDED: EventKind.FACTOR_SET,
    Change.PASSKEY_REMOVED: EventKind.FACTOR_REMOVED,
    Change.FIRST_CODES: EventKind.RECOVERY_CODES_MADE,
    Change.NEW_CODES: EventKind.RECOVERY_CODES_MADE,
    Change.REMOVED_BY_STEWARD: EventKind.FACTOR_REMOVED,
}


class NameTaken(Refused):
    """Another passkey of this account has this name."""


class TooManyPasskeys(Refused):
    """Nobody needs that many."""


class KnownPasskey(Refused):
    """This passkey was added before, here or to another account."""


# --- setting up, taking away


def set_app(account: Any, key: str, counter: int, *, at: datetime) -> None:
    """Let codes of the app with this `key` be asked for. `counter`: of the code that showed that it works."""
    lock(account)
    app = account.authenticator_app = account.authenticator_app or AuthenticatorApp()
    app.key, app.last_counter, app.created_at, app.used_at = key, counter, at, None
    _tell(account, Change.APP_ADDED)


def remove_app(account: Any) -> bool:
    """Ask for no codes of an app any more; False where there is none."""
    lock(account)
    if account.authenticator_app is None:
        return False
    account.authenticator_app = None
    _drop_codes_of_nothing(account)
    _tell(account, Change.APP_REMOVED)
    return True


def add_passkey(session: Session, account: Any, new: NewPasskey, *, name: str, handle: bytes, at: datetime) -> None:
    """Let a passkey be used. Raises NameTaken, TooManyPasskeys or KnownPasskey."""
    lock(account)
    name = check_name(account, name)
    if len(account.passkeys) >= MOST_PASSKEYS:
        raise TooManyPasskeys
    if with_credential(session, new.credential_id) is not None:
        raise KnownPasskey
    passkey = Passkey(
        name=name, credential_id=new.credential_id, public_key=new.public_key, sign_count=new.sign_count,
        transports=list(new.transports), user_handle=handle, created_at=at,
    )  # fmt: skip
    account.passkeys.append(passkey)
    _tell(account, Change.PASSKEY_ADDED, name)


def check_name(account: Any, name: str) -> str:
    """The name of a new passkey, tidied. Raises NameTaken."""
    name = prose.plain(name)[:NAME]
    if any(passkey.name == name for passkey in account.passkeys):
        raise NameTaken
    return name


def remove_passkey(account: Any, passkey: Passkey) -> None:
    """Let a passkey be used no more."""
    lock(account)
    account.passkeys.remove(passkey)
    _drop_codes_of_nothing(account)
    _tell(account, Change.PASSKEY_REMOVED, passkey.name)


def make_codes(account: Any, secret: str) -> Sequence[str]:
    """New recovery codes; the old ones are worth nothing any more. Returned once: only hashes are kept."""
    lock(account)
    change = Change.NEW_CODES if account.recovery_codes else Change.FIRST_CODES
    codes = recovery_codes.new()
    account.recovery_codes = [RecoveryCode(digest=recovery_codes.digest(code, secret)) for code in codes]
    _tell(account, change)
    return codes


def remove_all(account: Any) -> bool:
    """Take away everything that somebody lost, so that the password is enough; False where there is nothing."""
    lock(account)
    if not account.has_second_factor and not account.recovery_codes:
        return False
    account.authenticator_app, account.passkeys, account.recovery_codes = None, [], []
    _tell(account, Change.REMOVED_BY_STEWARD)
    return True


def _drop_codes_of_nothing(account: Any) -> None:
    """Without app and passkeys there is nothing that a recovery code could stand in for."""
    if not account.has_second_factor:
        account.recovery_codes = []


def warn(account: Any) -> None:
    """Tell the owner that somebody has the password, and tries codes."""
    _tell(account, Change.WRONG_CODES)


def _tell(account: Any, change: Change, name: str = "") -> None:
    if change in _EVENTS:
        security_log.write(_EVENTS[change], account.person, what=change)
    link = compose.link(account, "security.forgot_password")
    compose.send(account, Kind.SECOND_FACTOR, change=change.value, device=name, link=link)


# --- showing one


def use_app(session: Session, account: Any, counter: int, *, at: datetime) -> bool:
    """Use up the code of the half minute `counter`; False where it, or a later one, was used before."""
    app = account.authenticator_app
    unused = (AuthenticatorApp.id == app.id) & (AuthenticatorApp.last_counter < counter)
    return _one(session, update(AuthenticatorApp).where(unused).values(last_counter=counter, used_at=at))


def use_passkey(session: Session, passkey: Passkey, sign_count: int, *, asked_at: datetime, at: datetime) -> bool:
    """Use up what the passkey signed; False where it was used since it was asked: then somebody sent this twice."""
    unused = (Passkey.id == passkey.id) & (Passkey.used_at.is_(None) | (Passkey.used_at < asked_at))
    return _one(session, update(Passkey).where(unused).values(sign_count=sign_count, used_at=at))


def use_code(session: Session, account: Any, code: str, secret: str) -> int | None:
    """Use up a recovery code and tell its owner; how many are left, or None for one that is not theirs any more."""
    digest = recovery_codes.digest(code, secret)
    mine = RecoveryCode.account_id == account.id
    if not _one(session, delete(RecoveryCode).where(mine, RecoveryCode.digest == digest)):
        return None
    session.expire(account, ["recovery_codes"])
    security_log.write(EventKind.RECOVERY_CODE_USED, account.person, by=account.person)
    left = session.scalar(select(func.count()).select_from(RecoveryCode).where(mine)) or 0
    link = compose.link(account, "security.forgot_password")
    compose.send(account, Kind.RECOVERY_CODE, left=left, link=link)
    return left


def _one(session: Session, statement: Update | Delete) -> bool:
    done = cast(CursorResult[Any], session.execute(statement.execution_options(synchronize_session="fetch")))
    return done.rowcount == 1


def with_credential(session: Session, credential_id: bytes) -> Passkey | None:
    """The passkey of this id, whosever it is."""
    return session.scalar(select(Passkey).where(Passkey.credential_id == credential_id))
