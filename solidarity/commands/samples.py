"""`flask samples`: the sample site, so that a fresh instance has something to show and somebody to sign in as."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from flask_security.utils import hash_password
from sqlalchemy import func, select

from solidarity.accounts.models import Account
from solidarity.web import security_log
from solidarity.web.clock import now
from solidarity.web.db import db, writing
from stories import samples
from stories.models import EventKind, Person, Role, Story

DOMAIN = "sample.example.org"
PEOPLE = {
    Role.LEADER: "Mele Tavana",
    Role.MODERATOR: "Farida Haq",
    Role.EDUCATOR: "Joon Park",
    Role.STEWARD: "Rosa Lim",
}

group = AppGroup("samples", help="The sample site.")


@group.command("load")
def load() -> None:
    """Load the sample stories and guides into this instance, with one account for each role."""
    load_samples(with_accounts=True)
    click.echo(sign_ins())


def is_empty() -> bool:
    """Whether nobody has put anything into this instance yet."""
    return db.session.scalar(select(func.count()).select_from(Story)) == 0 and _people() == 0


def _people() -> int:
    return db.session.scalar(select(func.count()).select_from(Person)) or 0


def load_samples(*, with_accounts: bool) -> None:
    """Make the sample people and everything they wrote, in one transaction."""
    with writing() as session:
        people = {role: _person(role, name) for role, name in PEOPLE.items()}
        samples.load(session, people=people, at=now())
        passwords = {role: _account(person, role) for role, person in people.items()} if with_accounts else {}
        _keep({role: password for role, password in passwords.items() if password})


def allow_accounts(allowed: bool) -> None:
    """Let the sample accounts sign in, or not: on an address that others reach they must be asked for."""
    with writing() as session:
        for account in session.scalars(select(Account).where(Account.email.endswith(f"@{DOMAIN}"))):
            account.active = allowed


def sign_ins() -> str:
    """The kept sign-ins, a line for each role; empty where there are none."""
    path = _path()
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _path() -> Path:
    instance: Path = current_app.config["SETTINGS"].instance_path
    return instance / "sample-sign-ins.txt"


def _email(role: Role) -> str:
    return f"{role.value}@{DOMAIN}"


def _person(role: Role, name: str) -> Person:
    found = db.session.scalar(select(Person).where(Person.name == name))
    if found is None:
        found = Person(name=name, created_at=now())
        db.session.add(found)
    if not found.is_a(role):
        found.grant(role)
        security_log.write(EventKind.ROLE_GRANTED, found, role=role)
    return found


def _account(person: Person, role: Role) -> str:
    """The password of a new account, or nothing where the person has one already."""
    if db.session.scalar(select(Account).where(Account.person_id == person.id)) is not None:
        return ""
    password = secrets.token_urlsafe(9)
    account = Account(
        person=person, email=_email(role), password=hash_password(password),
        fs_uniquifier=secrets.token_hex(32), active=True, created_at=now(),
    )  # fmt: skip
    db.session.add(account)
    return password


def _keep(passwords: dict[Role, str]) -> None:
    if passwords:
        lines = [f"{role.value:10} {_email(role):32} {password}\n" for role, password in passwords.items()]
        handle = os.open(_path(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.writelines(lines)
