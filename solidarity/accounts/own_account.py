"""A person's own account: what stands in it, and changing name, letters and password."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_security import login_user
from flask_security.changeable import change_user_password
from limits import parse

from solidarity.accounts import sessions
from solidarity.accounts.account_forms import NewPasswordForm, ProfileForm
from solidarity.accounts.blueprint import blueprint, current_account, done
from solidarity.letters import compose, corrections
from solidarity.letters.models import Kind
from solidarity.web.clock import now
from solidarity.web.form_recovery import not_resendable, resendable
from solidarity.web.permissions import roles_required
from solidarity.web.rate_limits import person_key, take
from stories.text import prose

RENAMES = parse("10 per day")  # of oneself; more of them is play, or hiding


@blueprint.get("/account")
@roles_required()
def overview() -> str:
    """Everything about the account, each with the way to change it."""
    return render_template(
        "accounts/overview.html", account=current_user, browsers=len(sessions.of(current_user, now()))
    )


@blueprint.route("/account/profile", methods=["GET", "POST"])
@roles_required()
@resendable(_l("Your name and letters"))
def profile() -> Any:
    """The name, and how letters come."""
    form = ProfileForm(data={name: getattr(current_user, name) for name in ("locale", "queue_letters")} | _named())
    if not form.is_submitted():
        return render_template("accounts/profile.html", form=form)
    if not form.validate() or not _may_be_renamed(form):
        return render_template("accounts/profile.html", form=form), 422
    corrections.rename(current_user, form.name.data)
    current_user.locale = form.locale.data
    if "queue_letters" in form:
        current_user.queue_letters = form.queue_letters.data
    return done(_("It is saved."))


def _may_be_renamed(form: ProfileForm) -> bool:
    """Whether this is no other name, or one of the few of a day: the log keeps each of them; the form says why not."""
    person = current_user.person
    if prose.plain(form.name.data or "") == person.name or take(RENAMES, "renames", person_key()):
        return True
    form.name.errors = [_("You have changed your name very often today. Please try again tomorrow.")]
    return False


def _named() -> dict[str, str]:
    return {"name": current_user.person.name}


@blueprint.route("/account/new-password", methods=["GET", "POST"])
@roles_required()
@not_resendable(_l("Choose a new password"))
def new_password() -> Any:
    """Another password. Every other browser is signed out."""
    form = NewPasswordForm()
    if not form.is_submitted():
        return render_template("accounts/new-password.html", form=form)
    if not form.validate():
        return render_template("accounts/new-password.html", form=form), 422
    account = current_account()
    change_user_password(account, form.password.data, notify=False, autologin=False)
    compose.send(account, Kind.PASSWORD_CHOSEN, link=compose.link(account, "security.forgot_password"))
    login_user(account, authn_via=["password"])
    return done(_("Your new password is set. You are signed out in every other browser."))
