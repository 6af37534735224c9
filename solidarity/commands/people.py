"""`flask people`: invite somebody (the very first steward too) and give them roles."""

from __future__ import annotations

from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from solidarity.letters import invitations, outbox
from solidarity.letters.invitations import AlreadyInvited, Invited
from solidarity.second_factors import changes
from solidarity.web import locales
from solidarity.web.clock import now
from solidarity.web.db import db, writing
from stories.errors import Refused
from stories.models import Role
from stories.text.email_addresses import NotAnAddress
from stories.text.languages import INTERFACE_LANGUAGES

group = AppGroup("people", help="Who may come in, and what they may do.")
_ROLE = click.Choice([role.value for role in Role])


@group.command("invite")
@click.argument("email")
@click.option("--name", required=True, help="How the person is named on the site.")
@click.option(
    "--role", "roles", multiple=True, required=True, type=_ROLE, help="What they may do; may be given more than once."
)
@click.option("--language", type=click.Choice(INTERFACE_LANGUAGES), default="en", help="The language of their letters.")
def invite(email: str, name: str, roles: tuple[str, ...], language: str) -> None:
    """Invite EMAIL by letter; the link to choose a password is printed too."""
    invited = Invited(email, name, tuple(Role(role) for role in roles), language)
    try:
        with writing() as session:
            account = _new_or_waiting(session, invited)
            link = invitations.send(account)
    except Refused as refused:
        raise click.ClickException(_in_words(refused)) from refused
    outbox.hand_over()
    click.echo(f"{account.email} is invited. The link works once, within {invitations.DAYS} days:")
    click.echo(link)


def _new_or_waiting(session: Session, invited: Invited) -> Any:
    try:
        return invitations.invite(session, invited, at=now())
    except AlreadyInvited as already:
        return _invited_before(already.account)


def _invited_before(account: Any) -> Any:
    """Somebody who has not chosen a password yet may be invited once more; nobody else."""
    if account.password is not None:
        raise click.ClickException(f"{account.email} has an account already; `flask people grant` gives it a role.")
    click.echo(f"{account.email} was invited before and has not come in yet; name and roles stay as they were.")
    return account


def _in_words(refused: Refused) -> str:
    return f"That is not an e-mail address: {refused}" if isinstance(refused, NotAnAddress) else str(refused)


@group.command("grant")
@click.argument("email")
@click.argument("role", type=_ROLE)
def grant(email: str, role: str) -> None:
    """Give the person with the address EMAIL the role ROLE."""
    with writing() as session:
        account = invitations.with_address(session, email)
        if account is None:
            raise click.ClickException(f"There is no account for {email}; `flask people invite` makes one.")
        invitations.grant(session, account, Role(role))
    outbox.hand_over()
    click.echo(f"{account.email} is a {role} now.")


@group.command("remove-second-factor")
@click.argument("email")
def remove_second_factor(email: str) -> None:
    """Take away the app, passkeys and recovery codes of EMAIL, who lost them; a letter tells them.

    Stewards do this on the person's page. This is for when the only steward has lost theirs.
    """
    with writing() as session:
        account = invitations.with_address(session, email)
        if account is None:
            raise click.ClickException(f"There is no account for {email}.")
        is_removed = changes.remove_all(account)
    outbox.hand_over()
    what = "signs in with the password alone now" if is_removed else "had no second factor"
    click.echo(f"{account.email} {what}.")


@group.command("list")
def everybody() -> None:
    """List everybody with an account: address, name, roles."""
    for account in invitations.everybody(db.session, locales.DEFAULT):
        standing = " (closed)" if not account.active else "" if account.password else " (invited)"
        roles = ", ".join(sorted(account.person.roles)) or "no role"
        click.echo(f"{account.email}\t{account.person.name}\t{roles}{standing}")
