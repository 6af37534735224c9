"""Closing one's account, which a steward can undo, and deleting it, which nobody can."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask import session as browser_session
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security.utils import logout_user
from sqlalchemy import delete, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import ObjectDeletedError
from werkzeug.wrappers import Response

from solidarity import search_engine
from solidarity.accounts.account_forms import DeletionForm
from solidarity.accounts.blueprint import blueprint, current_account
from solidarity.accounts.models import Account
from solidarity.letters import account_news, invitations, outbox
from solidarity.letters.invitations import LastSteward
from solidarity.letters.models import Kind, Letter
from solidarity.web import db, security_log
from solidarity.web.clock import now
from solidarity.web.form_recovery import not_resendable
from solidarity.web.fresh_sign_in import SureForm
from solidarity.web.permissions import roles_required
from stories import audit, leaving
from stories.leaving import Farewell
from stories.models import EventKind

DELETED = _l("Your account is deleted. Thank you for what you gave to this place.")
LAST_STEWARD = _l("You are the only steward who can sign in. Make somebody else a steward first.")


@blueprint.get("/account/leaving", endpoint="leaving")
@roles_required()
def leaving_page() -> str:
    """The two ways out, and what each means."""
    return _page()


@blueprint.post("/account/closure")
@roles_required()
@not_resendable(_l("Close your account"))
def closure() -> Any:
    """Close the account: nobody signs in with it until a steward opens it again."""
    form = SureForm()
    if not form.validate():
        return _page(closing=form), 422
    try:
        invitations.close(db.session(), current_account())
    except LastSteward:
        return _page(trouble=str(LAST_STEWARD)), 422
    return _goodbye(_("Your account is closed. A steward of the site can open it again."))


@blueprint.post("/account/deletion")
@roles_required()
@not_resendable(_l("Delete your account"))
def deletion() -> Any:
    """Delete the account, with the name and the address; what was published goes as its teller chooses."""
    form = _deletion_form()
    if not form.validate():
        return _page(deleting=form), 422
    try:
        remove(db.session(), current_account(), form.farewell)
    except LastSteward:
        return _page(trouble=str(LAST_STEWARD)), 422
    except ObjectDeletedError:  # this was sent twice, and the other one was faster
        db.rollback()
        browser_session.clear()
        return _farewell(str(DELETED))
    return _goodbye(str(DELETED))


def remove(session: Session, account: Account, farewell: Farewell) -> None:
    """Delete `account` and what tells who its person was. Raises LastSteward.

    Raises ObjectDeletedError where it was deleted meanwhile.
    """
    invitations.keep_a_steward_without(session, account)
    session.execute(delete(Letter).where(Letter.account_id == account.id))
    account_news.tell(account, Kind.ACCOUNT_DELETED)
    session.flush()
    session.execute(update(Letter).where(Letter.account_id == account.id).values(account_id=None))
    leaving.leave(account.person, farewell, at=now())
    security_log.write(EventKind.ACCOUNT_DELETED, account.person)
    audit.erase_about(session, account.person)
    session.delete(account)
    session.flush()


def _goodbye(message: str) -> Response:
    logout_user()
    db.commit()
    search_engine.catch_up()
    outbox.hand_over()
    return _farewell(message)


def _farewell(message: str) -> Response:
    flash(message, "success")
    return redirect(url_for("security.login"), 303)


def _deletion_form(**more: Any) -> DeletionForm:
    return DeletionForm(has_published=bool(leaving.left_behind_by(current_account().person).published), **more)


def _page(*, closing: SureForm | None = None, deleting: DeletionForm | None = None, trouble: str = "") -> str:
    db.rollback()
    return render_template(
        "accounts/leaving.html",
        closing=closing or SureForm(formdata=None),
        deleting=deleting or _deletion_form(formdata=None),
        left=leaving.left_behind_by(current_account().person),
        trouble=trouble,
    )
