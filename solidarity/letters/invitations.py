"""How people come in: a steward invites them, a letter brings a link, and the link lets them choose a password."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app
from flask_security.recoverable import generate_reset_password_token
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from solidarity.letters import account_news, compose
from solidarity.letters.models import LINKS_WORK_FOR, Kind
from solidarity.web import security_log
from stories import database
from stories.database import Lock
from stories.errors import Missing, Refused, TooLong
from stories.models import EventKind, Person, Role
from stories.text import email_addresses, limits, prose
from stories.text.collation import sort_key

INVITATION_LASTS = LINKS_WORK_FOR[Kind.INVITATION]
DAYS = INVITATION_LASTS.days  # how long an invitation waits


class AlreadyInvited(Refused):
    """There is an account with this address."""

    def __init__(self, account: Any) -> None:
        super().__init__("there is an account with this address already")
        self.account = account


class LastSteward(Refused):
    """Nobody would be left who can let people in."""


@dataclass(frozen=True)
class Invited:
    """Who is to come in. `locale` is the language of their letters."""

    email: str
    name: str
    roles: tuple[Role, ...]
    locale: str = "en"


def invite(session: Session, invited: Invited, *, at: datetime) -> Any:
    """A new person with a role, and an account that has no password yet.

    Raises NotAnAddress, AlreadyInvited, Missing or TooLong.
    """
    name = tidied_name(invited.name)
    if not invited.roles:
        raise Missing("roles")
    email = email_addresses.normalize(invited.email)
    database.take_turn(session, Lock.PEOPLE)
    if (account := with_address(session, email)) is not None:
        raise AlreadyInvited(account)
    person = Person(name=name, created_at=at)
    for role in invited.roles:
        person.grant(role)
    account = account_model()(
        person=person,
        email=email,
        locale=invited.locale,
        active=True,
        fs_uniquifier=secrets.token_hex(32),
        created_at=at,
    )
    session.add(account)
    session.flush()
    for role in sorted(person.roles):
        security_log.write(EventKind.ROLE_GRANTED, person, role=role)
    return account


def tidied_name(name: str) -> str:
    """The name of a person as it is kept. Raises Missing or TooLong."""
    tidy = prose.plain(name)
    if not tidy:
        raise Missing("name")
    if len(tidy) > limits.SHORT:
        raise TooLong("name", limits.SHORT)
    return tidy


def account_model() -> Any:
    """The class of accounts, by way of Flask-Security: no audience imports another."""
    return current_app.extensions["security"].datastore.user_model


def everybody(session: Session, language: str) -> list[Any]:
    """Every account, by the name of its person in the alphabet of `language`."""
    accounts = session.scalars(select(account_model()))
    return sorted(accounts, key=lambda account: (sort_key(account.person.name, language), account.id))


def with_address(session: Session, email: str) -> Any | None:
    """The account with this address, however it is written; None for what is no address."""
    model = account_model()
    try:
        return session.scalar(select(model).where(func.lower(model.email) == email_addresses.normalize(email)))
    except email_addresses.NotAnAddress:
        return None


def link_for(account: Any) -> str:
    """The address at which `account` chooses a password. It works once, for seven days before the first password."""
    token = generate_reset_password_token(account)  # type: ignore[no-untyped-call]
    return compose.link(account, "security.reset_password", token=token)


def send(account: Any) -> str:
    """Write the invitation, which goes out with the caller's transaction; returns the link in it."""
    link = link_for(account)
    compose.send(account, Kind.INVITATION, link=link, days=DAYS)
    security_log.write(EventKind.INVITED, account.person)
    return link


# --- what people may do, and whether they may come in


def set_roles(session: Session, account: Any, roles: Collection[Role]) -> None:
    """Give a person exactly these roles. Raises LastSteward."""
    person = _alone(session, account)
    if person.is_a(Role.STEWARD) and Role.STEWARD not in roles:
        _keep_a_steward(session, account)
    before = person.roles
    for role in Role:
        if role in roles:
            _give(person, role)
        elif person.is_a(role):
            person.revoke(role)
            security_log.write(EventKind.ROLE_REVOKED, person, role=role)
    if person.roles != before:
        account_news.tell(account, Kind.ROLES_CHANGED, roles=sorted(person.roles))


def grant(session: Session, account: Any, role: Role) -> None:
    """Give a person one more role."""
    set_roles(session, account, _alone(session, account).roles | {role})


def _give(person: Person, role: Role) -> None:
    if not person.is_a(role):
        person.grant(role)
        security_log.write(EventKind.ROLE_GRANTED, person, role=role)


def close(session: Session, account: Any) -> None:
    """Let nobody in with this account, and sign out whoever is. Raises LastSteward."""
    keep_a_steward_without(session, account)
    if account.active:
        account_news.tell(account, Kind.ACCOUNT_CLOSED)
        security_log.write(EventKind.ACCOUNT_CLOSED, account.person)
    account.active = False
    account.end_all_sessions()


def open_again(account: Any) -> None:
    """Let the person of a closed account in again, with the password they had."""
    if not account.active:
        account_news.tell(account, Kind.ACCOUNT_OPEN)
        security_log.write(EventKind.ACCOUNT_REOPENED, account.person)
    account.active = True


def _alone(session: Session, account: Any) -> Person:
    """The person of an account with the roles they have now, while nobody else gives roles or takes them.

    Raises ObjectDeletedError where the account was deleted meanwhile.
    """
    database.take_turn(session, Lock.PEOPLE)
    database.lock(account)
    person: Person = account.person
    session.refresh(person)
    return person


def keep_a_steward_without(session: Session, account: Any) -> None:
    """Raises LastSteward where nobody could let people in any more without the person of `account`."""
    if _alone(session, account).is_a(Role.STEWARD):
        _keep_a_steward(session, account)


def _keep_a_steward(session: Session, account: Any) -> None:
    model = account_model()
    query = select(model).where(model.id != account.id, model.active, model.password.is_not(None))
    others = session.scalars(query.execution_options(populate_existing=True))
    if not any(other.person.is_a(Role.STEWARD) for other in others):
        raise LastSteward("the site needs a steward")
