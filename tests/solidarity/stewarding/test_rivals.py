"""Two stewards at the same moment: an address gets one account, and the site keeps somebody who lets people in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import factories as make
import pages
from flask import Flask
from rivals import Act, at_once, refusals
from sqlalchemy import select
from sqlalchemy.orm import Session

from solidarity.accounts.models import Account
from solidarity.letters import invitations
from solidarity.letters.invitations import AlreadyInvited, Invited, LastSteward
from stories.models import Role


def inside(app: Flask, do: Callable[[Session], Any]) -> Act:
    """Look at everybody there is, then do it."""

    def look(session: Session) -> Callable[[], Any]:
        everybody = [(account, account.person.roles) for account in session.scalars(select(Account))]

        def step() -> Any:
            with app.app_context():
                do(session)
            return len(everybody)

        return step

    return look


def url(app: Flask) -> str:
    found: str = app.config["SETTINGS"].database_url
    return found


def test_an_address_is_invited_once(app: Flask, site: Session) -> None:
    def invite(session: Session) -> str:
        return str(invitations.invite(session, Invited("ana@example.org", "Ana", (Role.LEADER,)), at=make.NOW).email)

    came = at_once(url(app), *[inside(app, invite)] * 3)

    assert [type(error) for error in refusals(came)] == [AlreadyInvited, AlreadyInvited]
    assert site.scalars(select(Account.email)).all() == ["ana@example.org"]


def test_of_two_stewards_who_send_each_other_away_one_stays(app: Flask, site: Session) -> None:
    stewards = [pages.account(site, make.person(site, Role.STEWARD)).id for _ in range(2)]
    site.commit()

    def close(session: Session) -> None:
        invitations.close(session, session.get_one(Account, stewards[0]))

    def take_role(session: Session) -> None:
        invitations.set_roles(session, session.get_one(Account, stewards[1]), ())

    came = at_once(url(app), inside(app, close), inside(app, take_role))

    assert [type(error) for error in refusals(came)] == [LastSteward]
    site.expire_all()
    assert sum(a.active and a.person.is_a(Role.STEWARD) for a in site.scalars(select(Account))) == 1


def test_a_role_that_two_give_is_given_once(app: Flask, site: Session) -> None:
    account_id = pages.account(site, make.person(site)).id
    site.commit()

    def grant(session: Session) -> None:
        invitations.grant(session, session.get_one(Account, account_id), Role.LEADER)

    came = at_once(url(app), inside(app, grant), inside(app, grant))

    assert (came, site.get_one(Account, account_id, populate_existing=True).person.roles) == ([1, 1], {Role.LEADER})
