"""A name or an e-mail address that was wrong or is no longer so, corrected by its person or by a steward."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from solidarity.letters import account_news, invitations
from solidarity.letters.invitations import AlreadyInvited
from solidarity.letters.models import Kind
from solidarity.web import security_log
from stories import database
from stories.database import Lock
from stories.models import EventKind
from stories.text import email_addresses


def rename(account: Any, name: str) -> None:
    """Name the person of `account`; the log keeps the name before. Raises Missing or TooLong."""
    tidy = invitations.tidied_name(name)
    if tidy != account.person.name:
        database.lock(account)  # whoever has left meanwhile gets no name again
        before = account.person.name
        account.person.name = tidy
        security_log.write(EventKind.NAME_CORRECTED, account.person, text=before)


def change_address(session: Session, account: Any, email: str) -> bool:
    """Let the person of `account` sign in with `email`, and get letters there; False where it was so already.

    Both addresses hear of it. Every session ends, and every link in an earlier letter. Raises NotAnAddress or
    AlreadyInvited.
    """
    new, old = email_addresses.normalize(email), account.email
    database.take_turn(session, Lock.PEOPLE)
    database.lock(account)
    other = invitations.with_address(session, new)
    if other is not None and other is not account:
        raise AlreadyInvited(other)
    if new == old:
        return False
    account.email = new
    security_log.write(EventKind.ADDRESS_CHANGED, account.person, text=old)
    account.end_all_sessions()
    if account.password is None:
        invitations.send(account)
    account_news.tell(account, Kind.ADDRESS_CHANGED, address=old)  # whoever reads it there is not told where she is now
    account_news.tell(account, Kind.ADDRESS_CHANGED, address=new, new_address=new)
    return True
