"""The second step of signing in: a code of the app, a passkey or a recovery code. A passkey alone is both steps."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import current_user

from solidarity.accounts import challenges
from solidarity.accounts.blueprint import blueprint
from solidarity.accounts.challenges import Challenge, Purpose
from solidarity.accounts.models import Account
from solidarity.accounts.second_factor_forms import CodeForm, PasskeyForm, RecoveryCodeForm
from solidarity.accounts.second_factors import (
    after_first_factor,
    codes_secret,
    keys,
    let_in,
    relying_party,
)
from solidarity.accounts.second_step_limits import counted, note_wrong
from solidarity.letters import outbox
from solidarity.second_factors import changes, passkeys
from solidarity.second_factors.passkeys import NotVerified
from solidarity.web import db
from solidarity.web.clock import now
from solidarity.web.form_recovery import not_resendable
from solidarity.web.rate_limits import CHOOSINGS, client_key, limiter, was_refused


@blueprint.route("/account/sign-in/second-step", methods=["GET", "POST"])
@counted
@not_resendable(_l("Sign in"))
@after_first_factor
def second_step(account: Account) -> Any:
    """Ask for a code of the app or for a passkey, whichever somebody has."""
    code, passkey = CodeForm(), PasskeyForm()
    if request.method == "GET":
        return _second_step(account, CodeForm(formdata=None), PasskeyForm(formdata=None))
    if "credential" in request.form:
        way, shown = "passkey", _passkey_shown(passkey, Purpose.SECOND_FACTOR, of=account) is not None
        if not shown:
            note_wrong(account, way)
    else:
        way, shown = "code", _code_shown(account, code)
    return let_in(account, way) if shown else (_second_step(account, code, passkey), 422)


def _second_step(account: Account, code: CodeForm, passkey: PasskeyForm) -> str:
    party = relying_party()
    can_use_passkey = bool(account.passkeys) and party.obstacle is None
    challenge = challenges.ask(Purpose.SECOND_FACTOR) if can_use_passkey else b""
    return render_template(
        "accounts/second-step.html",
        account=account,
        form=code,
        passkey=passkey,
        options=party.request_options(challenge, of=account.passkeys) if can_use_passkey else None,
        party=party,
    )


def _code_shown(account: Account, form: CodeForm) -> bool:
    """Whether the code is one of the app's, and was not used before."""
    app = account.authenticator_app
    if app is None or not form.validate():
        return False
    counter = keys().matching(app.key, form.code.data, now(), after=app.last_counter)
    if counter is not None and changes.use_app(db.session(), account, counter, at=now()):
        return True
    note_wrong(account, "code")
    form.code.errors = [
        _("This is not the code that the app shows now, or it was used already. Wait for the next one.")
    ]
    return False


@blueprint.route("/account/sign-in/recovery-code", methods=["GET", "POST"])
@counted
@not_resendable(_l("Sign in"))
@after_first_factor
def recovery_code(account: Account) -> Any:
    """Ask for a code that was written down."""
    form = RecoveryCodeForm()
    if request.method == "GET":
        return render_template("accounts/recovery-code.html", form=RecoveryCodeForm(formdata=None))
    left = changes.use_code(db.session(), account, form.code.data, codes_secret()) if form.validate() else None
    if left is None:
        if not form.code.errors:
            note_wrong(account, "recovery code")
            form.code.errors = [_("This is none of your recovery codes, or it was used already.")]
        return render_template("accounts/recovery-code.html", form=form), 422
    where = let_in(account, "recovery code")
    outbox.hand_over()
    flash(_codes_left(left), "warning")
    return where


def _codes_left(left: int) -> str:
    used = ngettext("You used a recovery code; %(num)s is left.", "You used a recovery code; %(num)s are left.", left)
    return " ".join((used, _("If you lost your app or your passkey, remove it and set up a new one.")))


# --- with a passkey alone


@blueprint.route("/account/sign-in/passkey", methods=["GET", "POST"])
@limiter.limit(CHOOSINGS, key_func=client_key, methods=["POST"], deduct_when=was_refused)
@not_resendable(_l("Sign in"))
def passkey_sign_in() -> Any:
    """Let in whoever has a passkey that made sure it is them, without a password."""
    g.private = True
    if current_user.is_authenticated:
        return redirect(url_for("desks.workspace"), 303)
    form = PasskeyForm()
    if request.method == "GET":
        return _passkey_sign_in(PasskeyForm(formdata=None))
    account = _passkey_shown(form, Purpose.FIRST_FACTOR)
    return let_in(account, "passkey") if account else (_passkey_sign_in(form), 422)


def _passkey_sign_in(form: PasskeyForm) -> str:
    party = relying_party()
    challenge = challenges.ask(Purpose.FIRST_FACTOR) if party.obstacle is None else b""
    return render_template(
        "accounts/passkey-sign-in.html",
        form=form,
        options=party.request_options(challenge, verified=True) if party.obstacle is None else None,
        party=party,
    )


def _passkey_shown(form: PasskeyForm, purpose: Purpose, *, of: Account | None = None) -> Account | None:
    """Whose passkey the browser has shown, or None, and an error in the form. `of`: whose it has to be."""
    challenge = challenges.take(purpose)
    if form.validate() and form.credential.data and challenge:
        try:
            return _owner_of_shown(form.credential.data, challenge, purpose, of)
        except NotVerified:
            pass  # why not is nothing that a person could do something about
    form.form_errors = [_("No passkey of yours could be checked. Please try once more, or sign in in another way.")]
    return None


def _owner_of_shown(answer: str, challenge: Challenge, purpose: Purpose, of: Account | None) -> Account:
    """Use up what a passkey signed. Raises NotVerified."""
    credential = passkeys.answered(answer)
    passkey = changes.with_credential(db.session(), credential.raw_id)
    if passkey is None or (of is not None and passkey.account_id != of.id):
        raise NotVerified("not theirs")
    account = db.session().get_one(Account, passkey.account_id)
    verified = purpose is Purpose.FIRST_FACTOR
    sign_count = relying_party().shown(credential, passkey, challenge.value, verified=verified)
    used = changes.use_passkey(db.session(), passkey, sign_count, asked_at=challenge.asked_at, at=now())
    if not used or not account.active:
        raise NotVerified("sent twice, or of a closed account")
    return account
