"""Changing one's e-mail address: a letter to the new one brings a link, and the link makes it so.

The link is signed, works for a day and once: it names the account as it stands (`fs_uniquifier`), and changing the
address changes that.
"""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_security import login_user
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from solidarity.accounts import sign_in_limits
from solidarity.accounts.account_forms import AddressForm
from solidarity.accounts.blueprint import blueprint, current_account, done
from solidarity.accounts.models import Account
from solidarity.config import Settings
from solidarity.letters import account_news, compose, corrections, invitations, outbox
from solidarity.letters.invitations import AlreadyInvited
from solidarity.letters.models import Kind
from solidarity.web import db
from solidarity.web.form_recovery import not_resendable
from solidarity.web.forms import Form
from solidarity.web.permissions import roles_required
from solidarity.web.rate_limits import LETTERS, limiter
from stories.text import email_addresses
from stories.text.email_addresses import NotAnAddress


@blueprint.route("/account/address", methods=["GET", "POST"])
@limiter.limit(LETTERS, methods=["POST"])
@roles_required()
@not_resendable(_l("Change your e-mail address"))
def address() -> Any:
    """Ask for another address."""
    form = AddressForm()
    if not form.is_submitted():
        return render_template("accounts/address.html", form=form)
    if not form.validate() or not _asked_for(form):
        return render_template("accounts/address.html", form=form), 422
    return done(_("A letter is on its way to the new address. It holds a link; until you open it, nothing changes."))


def _asked_for(form: AddressForm) -> bool:
    """Whether a letter was written. What is said does not depend on who else has an account."""
    try:
        new = email_addresses.normalize(form.email.data or "")
    except NotAnAddress:
        form.email.errors = [_("Please write an e-mail address, such as name@example.org.")]
        return False
    account = current_account()
    if new == account.email:
        form.email.errors = [_("This is your address already.")]
        return False
    if not sign_in_limits.may_send_letter("new address", new):
        form.email.errors = [_("A letter went to this address a moment ago. Wait five minutes, then try again.")]
        return False
    other = invitations.with_address(db.session(), new)
    if other is not None and other is not account:
        account_news.tell(other, Kind.ADDRESS_TAKEN)
    else:
        link = compose.link(account, "account.confirm_address", token=_tokens().dumps(_value(account, new)))
        compose.send(account, Kind.NEW_ADDRESS, address=new, link=link)
    return True


@blueprint.route("/account/address/<token>", methods=["GET", "POST"])
@not_resendable(_l("Confirm your new e-mail address"))
def confirm_address(token: str) -> Any:
    """What the link in the letter leads to: a button, for mail programs open links by themselves."""
    found = _account_and_address(token)
    if found is None:
        return render_template("accounts/address-link.html", form=None), 410
    account, new = found
    form = Form()
    if not form.is_submitted():
        return render_template("accounts/address-link.html", form=form, email=new, token=token)
    form.validate() or abort(400)
    return _confirm(account, new)


def _confirm(account: Account, new: str) -> Response:
    was_here = current_user == account
    try:
        corrections.change_address(db.session(), account, new)
    except AlreadyInvited:
        flash(_("Meanwhile there is another account with this address. Nothing was changed."), "error")
        return redirect(url_for("security.login"), 303)
    if was_here:
        login_user(account, authn_via=["address"])
    db.commit()
    outbox.hand_over()
    flash(_("Your address is changed. From now on you sign in with %(email)s.", email=new), "success")
    return redirect(url_for("account.overview" if was_here else "security.login"), 303)


def _account_and_address(token: str) -> tuple[Account, str] | None:
    """Whose link it is and to which address; None where it is too old, used or not ours."""
    lasts = Kind.NEW_ADDRESS.link_works_for
    try:
        number, standing, new = _tokens().loads(token, max_age=int(lasts.total_seconds()) if lasts else None)
    except (BadSignature, ValueError, TypeError):
        return None
    account = db.session().get(Account, number)
    if account is None or not account.active or _value(account, new)[1] != standing:
        return None
    return account, new


def _value(account: Account, new: str) -> tuple[int, str, str]:
    """What is signed: the account as it stands, told by a digest, and the address."""
    return account.id, _tokens().signer(_tokens().secret_keys).get_signature(account.fs_uniquifier).decode(), new


def _tokens() -> URLSafeTimedSerializer:
    settings: Settings = current_app.config["SETTINGS"]
    return URLSafeTimedSerializer(settings.secret_key, salt="new address")
