"""One-time links that let people in without their password: written, sent by letter, used up."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from solidarity.accounts.models import Account, SignInLink, hash_of
from solidarity.letters.models import LINKS_WORK_FOR, Kind

LASTS = LINKS_WORK_FOR[Kind.SIGN_IN_LINK]


def make(session: Session, account: Account, *, at: datetime) -> str:
    """The token of a new link for an account; an older one is worth nothing any more."""
    token = secrets.token_urlsafe(32)
    link = session.get(SignInLink, account.id) or SignInLink(account_id=account.id)
    link.token_hash, link.expires_at = hash_of(token), at + LASTS
    session.add(link)
    return token


def account_for(session: Session, token: str, *, at: datetime) -> Account | None:
    """Whose link this is, as long as it is not too old and nobody has used it; nothing is used up."""
    link = session.scalar(select(SignInLink).where(SignInLink.token_hash == hash_of(token)))
    return link.account if link is not None and at < link.expires_at and link.account.active else None


def use(session: Session, token: str, *, at: datetime) -> Account | None:
    """The same, once: of two who use a link at the same moment, one gets in."""
    account = account_for(session, token, at=at)
    used = session.execute(delete(SignInLink).where(SignInLink.token_hash == hash_of(token)))
    return account if used.rowcount else None  # type: ignore[attr-defined] # a DELETE has one
