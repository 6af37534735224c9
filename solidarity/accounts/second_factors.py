"""The one door behind every first factor: who has a second factor is asked for it, who has none is let in.

Flask-Security asks its second-factor plugins after a password, a link in a letter, or whatever else it takes as a first
factor. Ours is the only one; none of its pages for codes, phones and keys is there. See docs/decisions/signing-in.md.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, cast

from flask import current_app, flash, g, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from flask_security import Security
from flask_security.tf_plugin import TfPluginBase
from flask_security.utils import _get_post_login_redirect, login_user
from werkzeug.wrappers import Response

from solidarity.accounts.models import Account
from solidarity.config import Settings
from solidarity.second_factors.authenticator import Keys
from solidarity.second_factors.passkeys import RelyingParty
from solidarity.web import db
from solidarity.web.clock import now

SETTINGS: dict[str, Any] = {
    "TWO_FACTOR_IMPLEMENTATIONS": {"second step": "solidarity.accounts.second_factors.SecondStep"},
}
PATIENCE = timedelta(minutes=10)  # between the first factor and the second
_ACCOUNT = "tf_user_id"  # Flask-Security's own name for whoever has shown the first factor
_SINCE = "second_step_since"


def init_app(security: Security) -> None:
    """Have a second factor asked for."""
    security.support_mfa = True  # Flask-Security would set it with its own pages; it makes it ask the plugin


class SecondStep(TfPluginBase):
    """Asks for the second factor of whoever has one."""

    def __init__(self, _app: object) -> None:
        """A plugin of Flask-Security, made by it."""

    def create_blueprint(self, *_parts: object) -> None:
        """Pages are ours: solidarity.accounts.second_step."""

    def get_setup_methods(self, user: Any) -> list[tuple[str, str]]:
        """Which second factors somebody has: for Flask-Security it is one, our page offers whatever there is."""
        return [("second step", "second step")] if user.has_second_factor else []

    def tf_login(self, user: Any, json_payload: object, next_loc: str | None) -> Response:  # noqa: ARG002 - its words
        """Remember that the first factor was shown, and ask for the second. Nobody is signed in yet."""
        session[_ACCOUNT] = user.fs_uniquifier
        session[_SINCE] = now().timestamp()
        following = None if next_loc == request.url else next_loc
        return redirect(url_for("account.second_step", next=following), 303)


def enter(account: Account, via: str) -> Response:
    """Go on after the first factor that was shown `via` something: ask for the second one, or let the account in."""
    session.clear()
    plugins = current_app.extensions["security"].two_factor_plugins
    return cast(Response, plugins.tf_enter(account, False, via, next_loc=None) or let_in(account, via))


def let_in(account: Account, *ways: str) -> Response:
    """Sign in whoever has shown all that is asked for, commit, and go on to where they were."""
    following = _get_post_login_redirect()  # Flask-Security looks whether it is on this site
    forget()
    login_user(account, authn_via=list(ways))
    db.commit()
    return redirect(following, 303)


def waiting() -> Account | None:
    """Whoever has shown a first factor in this browser, a moment ago, and has a second one to show."""
    since = session.get(_SINCE)
    if not isinstance(since, float) or not timedelta() <= now() - datetime.fromtimestamp(since, UTC) < PATIENCE:
        return None
    account = current_app.extensions["security"].datastore.find_user(fs_uniquifier=str(session.get(_ACCOUNT)))
    return account if account is not None and account.active and account.has_second_factor else None


def forget() -> None:
    """Nobody is on the way in with this browser any more."""
    for name in (_ACCOUNT, _SINCE):
        session.pop(name, None)


def waiting_key() -> str | None:
    """The account that is on the way in, as the limits count it: nobody without its password gets this far."""
    return cast("str | None", session.get(_ACCOUNT))


def after_first_factor(view: Callable[[Account], Any]) -> Callable[[], Any]:
    """A page for whoever is on the way in; everybody else is led to signing in, or to their desk."""

    @wraps(view)
    def guarded() -> Any:
        g.private = True
        if current_user.is_authenticated:
            return redirect(url_for("desks.workspace"), 303)
        account = waiting()
        if account is None:
            forget()
            flash(_("Please sign in first."), "info")
            return redirect(url_for("security.login"), 303)
        return view(account)

    return guarded


# --- what the site checks second factors with


def _settings() -> Settings:
    return cast(Settings, current_app.config["SETTINGS"])


def keys() -> Keys:
    """The keys of authenticator apps, as this site encrypts them."""
    return Keys(_settings().totp_key, _settings().site_name)


def codes_secret() -> str:
    """What recovery codes are hashed with."""
    return _settings().totp_key


def relying_party() -> RelyingParty:
    """The site as passkeys know it."""
    return RelyingParty(_settings().base_url, _settings().site_name)
