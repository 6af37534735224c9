"""Signing in by a letter: for whoever forgot the password, or is slowed down by the wrong tries of a stranger."""

from __future__ import annotations

from time import monotonic, sleep
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from solidarity.accounts import second_factors, sign_in_limits, sign_in_links
from solidarity.accounts.blueprint import blueprint
from solidarity.accounts.forms import SignInLetterForm
from solidarity.letters import compose, invitations, outbox
from solidarity.letters.models import Kind
from solidarity.web import db
from solidarity.web.clock import now
from solidarity.web.form_recovery import not_resendable
from solidarity.web.forms import Form
from solidarity.web.rate_limits import LETTERS, limiter

LEAST = 0.1  # seconds that every answer takes: how long it takes tells nothing of who has an account


@blueprint.route("/account/letter", methods=["GET", "POST"])
@limiter.limit(LETTERS, methods=["POST"])
@not_resendable(_l("Ask for a letter to sign in"))
def sign_in_letter() -> Any:
    """Ask for the letter. Whether there is an account with the address, nobody learns."""
    form = SignInLetterForm()
    if not form.validate_on_submit():
        page = render_template("accounts/sign-in-letter.html", form=form)
        return page, 422 if form.is_submitted() else 200
    began = monotonic()
    _send(form.email.data)
    sleep(max(0.0, began + LEAST - monotonic()))
    flash(_("If this address has an account here, a letter is on its way to it."), "info")
    return redirect(url_for("account.sign_in_letter"), 303)


def _send(email: str) -> None:
    """Send one, but not two within five minutes: then the one that was sent stays valid."""
    is_due = sign_in_limits.may_send_letter("to sign in", email)
    account = invitations.with_address(db.session(), email)
    if account is None or not account.active or not is_due:
        return
    if account.password is None:
        invitations.send(account)
    else:
        token = sign_in_links.make(db.session(), account, at=now())
        compose.send(account, Kind.SIGN_IN_LINK, link=compose.link(account, "account.sign_in_by_letter", token=token))
    db.commit()
    outbox.hand_over()


@blueprint.route("/account/letter/<token>", methods=["GET", "POST"])
@not_resendable(_l("Sign in by a letter"))
def sign_in_by_letter(token: str) -> Any:
    """What the link opens: a button, so that a program which looks into letters signs nobody in."""
    find = sign_in_links.use if request.method == "POST" else sign_in_links.account_for
    account = find(db.session(), token, at=now())
    if account is None:
        flash(_("This link was used already, or it is too old. Give your e-mail address to get a new one."), "error")
        return redirect(url_for("account.sign_in_letter"), 303)
    if request.method == "GET":
        return render_template("accounts/sign-in-by-letter.html", account=account, form=Form())
    db.commit()
    return second_factors.enter(account, "letter")
