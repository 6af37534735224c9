"""A person's own second factors: what they have, and setting it up or taking it away."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import abort, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from solidarity.accounts import challenges
from solidarity.accounts.blueprint import blueprint, current_account, done
from solidarity.accounts.challenges import Purpose
from solidarity.accounts.second_factor_forms import CodeForm, NewPasskeyForm
from solidarity.accounts.second_factors import codes_secret, keys, relying_party
from solidarity.letters import outbox
from solidarity.second_factors import changes
from solidarity.second_factors.authenticator import qr_path
from solidarity.second_factors.changes import KnownPasskey, NameTaken, TooManyPasskeys
from solidarity.second_factors.models import Passkey
from solidarity.second_factors.passkeys import NotVerified, handle_for
from solidarity.web import db
from solidarity.web.clock import now
from solidarity.web.form_recovery import not_resendable
from solidarity.web.fresh_sign_in import is_fresh
from solidarity.web.permissions import must_set_up_second_factor, roles_required

_NEW_KEY = "new_app_key"
_NEW_HANDLE = "new_passkey_handle"


def fresh_sign_in_first(view: Callable[..., Any]) -> Callable[..., Any]:
    """Who signed in a while ago gives the password before this step, and then comes back to where its button is."""

    @wraps(view)
    def guarded(*values: Any, **more: Any) -> Any:
        if is_fresh():
            return view(*values, **more)
        is_button = request.path.endswith("/removal")
        where = url_for("account.second_factor") if is_button else request.path
        return redirect(url_for("security.verify", next=where), 303)

    return guarded


@blueprint.get("/account/second-factor")
@roles_required()
def second_factor() -> str:
    """What one has, and the ways to set something up; where moderators are led who need one."""
    return render_template(
        "accounts/second-factor.html",
        account=current_account(),
        party=relying_party(),
        must=must_set_up_second_factor(),
    )


# --- the authenticator app


@blueprint.route("/account/second-factor/app", methods=["GET", "POST"])
@roles_required()
@not_resendable(_l("Set up an authenticator app"))
@fresh_sign_in_first
def new_app() -> Any:
    """Show the key for an app, and take its first code. The key changes when it was used, not with every look."""
    key = session.setdefault(_NEW_KEY, keys().new())
    form = CodeForm()
    if request.method == "GET" or not form.validate():
        return _new_app(key, form)
    counter = keys().matching(key, form.code.data, now())
    if counter is None:
        form.code.errors = [
            _("This is not the code that the app shows now. Wait for the next one; is its clock right?")
        ]
        return _new_app(key, form)
    session.pop(_NEW_KEY)
    changes.set_app(current_account(), key, counter, at=now())
    return _done(_("Your app is set up. From now on, signing in asks for a code of it."))


def _new_app(key: str, form: CodeForm) -> Any:
    uri = keys().uri(key, current_account().email)
    path, width = qr_path(uri)
    html = render_template(
        "accounts/new-app.html", form=form, groups=keys().groups(key), uri=uri, path=path, width=width
    )
    return html, 200 if request.method == "GET" else 422


@blueprint.post("/account/second-factor/app/removal")
@roles_required()
@not_resendable(_l("Remove an authenticator app"))
@fresh_sign_in_first
def remove_app() -> Any:
    """Ask for no codes any more."""
    if not changes.remove_app(current_account()):
        return redirect(url_for("account.second_factor"), 303)
    return _saved(_("The app is removed. You can delete its entry for this site."))


# --- passkeys


@blueprint.route("/account/second-factor/passkeys", methods=["GET", "POST"])
@roles_required()
@not_resendable(_l("Add a passkey"))
@fresh_sign_in_first
def new_passkey() -> Any:
    """Have the browser make a passkey, and keep its public half."""
    form = NewPasskeyForm()
    if relying_party().obstacle is not None:
        return redirect(url_for("account.second_factor"), 303)
    if request.method == "GET" or not form.validate():
        return _new_passkey(form)
    trouble = _added(form)
    if trouble:
        form.name.errors = [trouble]
        return _new_passkey(form)
    return _done(_("The passkey is added."))


def _new_passkey(form: NewPasskeyForm) -> Any:
    handle = handle_for(current_account().passkeys)
    session[_NEW_HANDLE] = handle.hex()
    options = relying_party().creation_options(challenges.ask(Purpose.NEW), current_account(), handle)
    html = render_template("accounts/new-passkey.html", form=form, options=options, party=relying_party())
    return html, 200 if request.method == "GET" else 422


def _added(form: NewPasskeyForm) -> str:
    """Keep the passkey that the browser made; what is wrong with it, if anything."""
    challenge, handle = challenges.take(Purpose.NEW), bytes.fromhex(session.pop(_NEW_HANDLE, ""))
    if not form.credential.data:
        return str(_("The browser made no passkey. It needs JavaScript, and a browser that knows passkeys."))
    if challenge is None:
        return str(_REFUSALS[NotVerified])
    try:
        new = relying_party().made(form.credential.data, challenge.value)
        changes.add_passkey(db.session(), current_account(), new, name=form.name.data, handle=handle, at=now())
    except tuple(_REFUSALS) as refusal:
        return str(_REFUSALS[type(refusal)])
    return ""


_REFUSALS = {
    NameTaken: _l("You have a passkey of this name. Please choose another one."),
    KnownPasskey: _l("This passkey was added before."),
    TooManyPasskeys: _l("You have many passkeys. Remove one that you no longer use."),
    NotVerified: _l("The passkey could not be checked. Please try once more."),
}


@blueprint.post("/account/second-factor/passkeys/<row:passkey_id>/removal")
@roles_required()
@not_resendable(_l("Remove a passkey"))
@fresh_sign_in_first
def remove_passkey(passkey_id: int) -> Any:
    """Let a passkey be used no more."""
    passkey = db.session().get(Passkey, passkey_id)
    if passkey is None or passkey.account_id != current_account().id:
        abort(404)
    changes.remove_passkey(current_account(), passkey)
    return _saved(_("The passkey is removed. You can delete it on your device too."))


# --- recovery codes


@blueprint.route("/account/second-factor/recovery-codes", methods=["GET", "POST"])
@roles_required()
@not_resendable(_l("Make new recovery codes"))
@fresh_sign_in_first
def recovery_codes() -> Any:
    """Make recovery codes, and show them this once."""
    if not current_account().has_second_factor:
        return redirect(url_for("account.second_factor"), 303)
    if request.method == "GET":
        return render_template("accounts/new-recovery-codes.html", left=len(current_account().recovery_codes))
    return _codes()


def _codes(message: str = "") -> str:
    """New codes on a page that is not kept anywhere: the answer to the form itself, because only hashes are stored."""
    codes = changes.make_codes(current_account(), codes_secret())
    db.commit()
    outbox.hand_over()
    return render_template("accounts/recovery-codes.html", codes=codes, message=message)


# --- after a change


def _done(message: str) -> Any:
    """After something was set up: recovery codes, for whoever has none yet."""
    return _saved(message) if current_account().recovery_codes else _codes(message)


def _saved(message: str) -> Response:
    return done(message, "account.second_factor")
