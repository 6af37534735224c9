"""People: who may come in, and what they may do."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from solidarity.health_checks import findings
from solidarity.letters import corrections, invitations, outbox
from solidarity.letters.invitations import AlreadyInvited, Invited, LastSteward
from solidarity.second_factors import changes
from solidarity.stewarding.blueprint import blueprint
from solidarity.stewarding.forms import (
    DetailsForm,
    InvitationAgainForm,
    InvitationForm,
    RemovalForm,
    RolesForm,
)
from solidarity.web import db, locales
from solidarity.web.clock import now
from solidarity.web.form_recovery import not_resendable
from solidarity.web.forms import show_refusal
from solidarity.web.fresh_sign_in import AsksPassword, SureForm, is_fresh
from solidarity.web.permissions import current_person, roles_required
from stories.errors import Missing, Refused, TooLong
from stories.models import Role
from stories.text import prose
from stories.text.email_addresses import NotAnAddress

PERSON = "/stewarding/people/<row:account_id>"
LAST_STEWARD = _l("The site needs at least one steward who can sign in. Make somebody else one first.")


@blueprint.get("/stewarding/people")
@roles_required(Role.STEWARD)
def people() -> str:
    """Everybody with an account, and the form to invite somebody."""
    return _people(InvitationForm(formdata=None, data={"language": locales.current().tag}))


@blueprint.post("/stewarding/people")
@roles_required(Role.STEWARD)
@not_resendable(_l("Invite somebody"))
def invite() -> Any:
    """Invite somebody by letter. Pressed twice, it invites once."""
    form = InvitationForm()
    if not form.validate():
        return _people(form), 422
    invited = Invited(form.email.data, form.name.data, form.chosen, form.language.data)
    try:
        account = invitations.invite(db.session(), invited, at=now())
    except AlreadyInvited as already:
        return _already(form, already)
    except (NotAnAddress, Missing, TooLong) as refused:
        _show(form, refused)
        return _people(form), 422
    return _send(account)


def _send(account: Any) -> Response:
    invitations.send(account)
    return _saved(account, _("The invitation is on its way."))


def _saved(account: Any, message: str) -> Response:
    """Keep what was changed, send the letters about it, and lead to the person."""
    where = _page_of(account)
    db.commit()
    outbox.hand_over()
    flash(message, "success")
    return where


def _already(form: InvitationForm, already: AlreadyInvited) -> Any:
    """The same invitation once more leads to the person; another one for the same address is refused."""
    account = already.account
    if account.password is None and account.person.name == prose.plain(form.name.data):
        flash(_("This invitation was sent before. It was not sent twice."), "info")
        return _page_of(account)
    form.email.errors = [_there_is_one(already)]
    return _people(form), 422


def _there_is_one(already: AlreadyInvited) -> str:
    name = already.account.person.name
    return str(_("There is an account with this address already: %(name)s.", name=name))


def _show(form: InvitationForm | DetailsForm, refused: Refused) -> None:
    if not show_refusal(form, refused):
        form.email.errors = [_("Please write an e-mail address, such as name@example.org.")]


@blueprint.get(PERSON)
@roles_required(Role.STEWARD)
def person(account_id: int) -> str:
    """One person: their roles, their invitation, their account."""
    account = _account(account_id)
    return _person(account, _roles_of(account))


@blueprint.post(f"{PERSON}/roles")
@roles_required(Role.STEWARD)
@not_resendable(_l("Give somebody roles"))
def roles(account_id: int) -> Any:
    """Give somebody exactly the roles that are ticked."""
    account, form = _account(account_id), RolesForm()
    if not form.validate():
        return _person(account, form), 422
    try:
        invitations.set_roles(db.session(), account, form.chosen)
    except LastSteward:
        form.roles.errors = [str(LAST_STEWARD)]
        return _person(account, form), 422
    return _saved(account, _("The roles are saved."))


@blueprint.post(f"{PERSON}/details")
@roles_required(Role.STEWARD)
@not_resendable(_l("Correct a name or an address"))
def details(account_id: int) -> Any:
    """Correct the name or the e-mail address of somebody else; one's own are on the page of one's own account."""
    account, form = _account(account_id), DetailsForm()
    if account.person is current_person():
        return redirect(url_for("account.overview"), 303)
    if not form.validate() or not _corrected(account, form):
        return _person(account, _roles_of(account), details=form), 422
    return _saved(account, _("It is corrected."))


def _corrected(account: Any, form: DetailsForm) -> bool:
    """Whether the corrections were taken; the form says why not."""
    try:
        corrections.rename(account, form.name.data)
        corrections.change_address(db.session(), account, form.email.data)
    except AlreadyInvited as already:
        form.email.errors = [_there_is_one(already)]
    except (NotAnAddress, Missing, TooLong) as refused:
        _show(form, refused)
    else:
        return True
    db.rollback()
    return False


@blueprint.post(f"{PERSON}/invitation")
@roles_required(Role.STEWARD)
@not_resendable(_l("Send an invitation again"))
def invitation(account_id: int) -> Any:
    """Send the invitation again to somebody who has not come in yet, or show its link."""
    account, form = _account(account_id), InvitationAgainForm()
    if not _waits(account):
        flash(_("This person needs no invitation any more."), "info")
        return _page_of(account)
    if not form.validate():
        return _person(account, _roles_of(account), again=form), 422
    return _page_of(account) if "show" in request.form else _send(account)


@blueprint.post(f"{PERSON}/second-factor/removal")
@roles_required(Role.STEWARD)
@not_resendable(_l("Remove the second step of signing in"))
def remove_second_factor(account_id: int) -> Any:
    """Take away the app, passkeys and codes of somebody who lost them: the password is enough then."""
    account, form = _account(account_id), RemovalForm()
    if not form.validate():
        return _person(account, _roles_of(account), removal=form), 422
    if not changes.remove_all(account):
        return _page_of(account)
    return _saved(account, _("The second step of signing in is removed. A letter tells them."))


@blueprint.post(f"{PERSON}/closure")
@roles_required(Role.STEWARD)
@not_resendable(_l("Close an account"))
def closure(account_id: int) -> Any:
    """Close an account: nobody signs in with it, and whoever is signed in is signed out."""
    account, form = _account(account_id), SureForm()
    if not form.validate():
        return _person(account, _roles_of(account), sure=form), 422
    try:
        invitations.close(db.session(), account)
    except LastSteward:
        return _person(account, _roles_of(account), str(LAST_STEWARD)), 422
    return _saved(account, _("The account is closed."))


@blueprint.post(f"{PERSON}/reopening")
@roles_required(Role.STEWARD)
@not_resendable(_l("Open an account again"))
def reopening(account_id: int) -> Any:
    """Open a closed account again."""
    account, form = _account(account_id), SureForm()
    if not form.validate():
        return _person(account, _roles_of(account), sure=form), 422
    invitations.open_again(account)
    return _saved(account, _("The account is open again."))


def _account(account_id: int) -> Any:
    return db.session().get(invitations.account_model(), account_id) or abort(404)


def _page_of(account: Any) -> Response:
    return redirect(url_for("stewarding.person", account_id=account.id), 303)


def _waits(account: Any) -> bool:
    """Whether somebody was invited and has not come in yet."""
    return account.password is None and bool(account.active)


def _roles_of(account: Any) -> RolesForm:
    return RolesForm(formdata=None, data={"roles": [role.value for role in account.person.roles]})


def _people(form: InvitationForm) -> str:
    everybody = invitations.everybody(db.session(), locales.current().tag)
    return render_template("stewarding/people.html", accounts=everybody, form=form, needs_attention=bool(findings()))


def _person(account: Any, form: RolesForm, trouble: str = "", **refused: AsksPassword) -> str:
    """The page of a person; `refused`: a form that was not taken, by its name in the template."""
    waits = _waits(account)
    return render_template(
        "stewarding/person.html",
        account=account,
        form=form,
        trouble=trouble,
        **_forms_about(account) | refused,
        is_me=account.person is current_person(),
        waits=waits,
        link=invitations.link_for(account) if waits and is_fresh() else None,
        days=invitations.DAYS,
    )


def _forms_about(account: Any) -> dict[str, AsksPassword]:
    return {
        "sure": SureForm(formdata=None),
        "removal": RemovalForm(formdata=None),
        "again": InvitationAgainForm(formdata=None),
        "details": DetailsForm(formdata=None, data={"name": account.person.name, "email": account.email}),
    }
