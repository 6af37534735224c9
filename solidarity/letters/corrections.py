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
    tidy, before = invitations.tidied_name(name), account.person.name
    if tidy != before:
        account.person.name = tidy
        security_log.write(EventKind.NAME_CORRECTED, account.person, text=before)


def change_address(session: Session, account: Any, email: str) -> bool:
    """Let the person of `account` sign in with `email`, and get letters there; False where it was so already.

    Both addresses hear of it. Every session ends, and every link in an earlier letter. Raises NotAnAddress or
    AlreadyInvited.
    """
    new, old = email_addresses.normalize(email), account.email
    database.take_turn(session, Lock.PEOPLE)
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
    for address in (old, new):
        account_news.tell(account, Kind.ADDRESS_CHANGED, address=address, new_address=new)
    return True
