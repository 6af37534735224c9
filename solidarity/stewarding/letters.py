"""The letters that did not arrive: how many, since when and why; never what stands in them."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response

from solidarity.letters import models, outbox
from solidarity.letters.models import Failure, Kind, Letter
from solidarity.stewarding.blueprint import blueprint
from solidarity.web import db
from solidarity.web.clock import now
from solidarity.web.form_recovery import not_resendable
from solidarity.web.permissions import roles_required
from stories.models import Role
from stories.text import email_addresses

MOST = 100  # letters on the page
LETTER = "/stewarding/letters/<row:letter_id>"

KINDS = {
    Kind.INVITATION: _l("Invitation"),
    Kind.LOST_PASSWORD: _l("Link for a new password"),
    Kind.SIGN_IN_LINK: _l("Link to sign in"),
    Kind.PASSWORD_CHOSEN: _l("News that a password was chosen"),
    Kind.FIRST_PASSWORD: _l("News that an account is ready"),
    Kind.NEW_ADDRESS: _l("Link to confirm an address"),
    Kind.ADDRESS_TAKEN: _l("News that an address has an account"),
    Kind.ADDRESS_CHANGED: _l("News that an address was changed"),
    Kind.ROLES_CHANGED: _l("News that roles were changed"),
    Kind.ACCOUNT_CLOSED: _l("News that an account was closed"),
    Kind.ACCOUNT_OPEN: _l("News that an account is open again"),
    Kind.ACCOUNT_DELETED: _l("News that an account was deleted"),
    Kind.SECOND_FACTOR: _l("News that a second step of signing in changed"),
    Kind.RECOVERY_CODE: _l("News that a recovery code was used"),
    Kind.STORY_NEWS: _l("News of a story"),
    Kind.STORY_WAITS: _l("News that a story waits to be read"),
    Kind.OTHER: _l("Letter"),
}
WHY = {
    Failure.UNREACHABLE: _l("The mail server does not answer, or it turns this site away."),
    Failure.UNTRUSTED: _l(
        "The connection to the mail server is not safe: its certificate is not valid, or it does not encrypt."
    ),
    Failure.SIGN_IN: _l("The mail server does not take the name and password of this site."),
    Failure.FOLDER: _l("The folder for letters cannot be written to."),
    Failure.SENDER: _l("The mail server takes no letters from the address of this site."),
    Failure.INTERRUPTED: _l("The connection broke off while the letter was handed over."),
    Failure.LATER: _l("The mail server asks to try again later."),
    Failure.REFUSED: _l(
        "The mail server refuses this letter for good. Often the address is wrong or no longer in use."
    ),
    Failure.ADDRESS: _l("This is not an address that a mail server could take. Ask for another address."),
    Failure.NEEDS_SMTPUTF8: _l(
        "The part of the address before the @ has letters that this mail server cannot write. Ask for another address."
    ),
    Failure.FAULT: _l("The site could not write this letter. Whoever runs the site finds the reason in its log."),
    Failure.EXPIRED: _l("The link in the letter no longer works, so it was not sent."),
}
NOT_TRIED = _l(
    "Nobody has tried yet: the part of the site that sends letters does not run. Tell whoever runs the site."
)


@blueprint.context_processor
def _stuck() -> dict[str, Any]:
    """How many letters need somebody's eye, for the line at the top of each page of the desk."""
    return {"stuck_letters": lambda: outbox.tally(db.session(), now()).stuck}


@blueprint.get("/stewarding/letters")
@roles_required(Role.STEWARD)
def letters() -> str:
    """Every letter that did not arrive, the oldest first."""
    at = now()
    rows = outbox.stuck(db.session(), at, limit=MOST)
    return render_template(
        "stewarding/letters.html",
        tally=outbox.tally(db.session(), at),
        rows=[(letter, account, letter.link_is_dead(at)) for letter, account in rows],
        kinds=KINDS,
        why=lambda letter: WHY[letter.failure] if letter.failure else NOT_TRIED,
        masked=email_addresses.masked,
        days=models.PATIENCE.days,
        hours=models.LONGEST_PAUSE.seconds // 3600,
        kept=models.KEPT.days,
    )


@blueprint.post("/stewarding/letters/delivery")
@roles_required(Role.STEWARD)
@not_resendable(_l("Send waiting letters again"))
def try_letters() -> Response:
    """Try all of them again."""
    tried = outbox.try_again(db.session(), now())
    db.commit()
    outbox.hand_over()
    flash(ngettext("%(num)s letter is tried again.", "%(num)s letters are tried again.", tried), "info")
    return _back()


@blueprint.post(f"{LETTER}/delivery")
@roles_required(Role.STEWARD)
@not_resendable(_l("Send a letter again"))
def try_letter(letter_id: int) -> Response:
    """Try one of them again."""
    if not _letter(letter_id).try_again(now()):
        flash(_("The link in this letter no longer works. Send a new letter instead."), "error")
        return _back()
    db.commit()
    outbox.hand_over()
    flash(_("The letter is tried again."), "info")
    return _back()


@blueprint.post(f"{LETTER}/removal")
@roles_required(Role.STEWARD)
@not_resendable(_l("Remove a letter"))
def remove_letter(letter_id: int) -> Response:
    """Throw one of them away: nobody needs it any more."""
    db.session().delete(_letter(letter_id))
    db.commit()
    flash(_("The letter is thrown away."), "success")
    return _back()


def _letter(letter_id: int) -> Letter:
    return db.session().get(Letter, letter_id) or abort(404)


def _back() -> Response:
    return redirect(url_for("stewarding.letters"), 303)
