"""A person's own account, under `/<locale>/account`, and what its pages share: whose it is, and how a change ends.

Signing in itself is the blueprint of Flask-Security.
"""

from __future__ import annotations

from typing import cast

from flask import Blueprint, flash, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from solidarity.accounts.models import Account
from solidarity.letters import outbox
from solidarity.web.db import commit

blueprint = Blueprint("account", __name__)


def current_account() -> Account:
    """The account of whoever is signed in: the row itself, which signals and sessions of the database want."""
    return cast(Account, current_user._get_current_object())


def done(message: str, endpoint: str = "account.overview") -> Response:
    """Keep what was changed, send the letters about it, and lead on."""
    commit()
    outbox.hand_over()
    flash(message, "success")
    return redirect(url_for(endpoint), 303)
