"""Where a person is signed in, and how they end it there."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import current_user
from flask_security.utils import logout_user
from werkzeug.wrappers import Response

from solidarity.accounts import sessions
from solidarity.accounts.blueprint import blueprint
from solidarity.accounts.models import UserSession
from solidarity.web import security_log
from solidarity.web.clock import now
from solidarity.web.db import commit
from solidarity.web.form_recovery import not_resendable
from solidarity.web.permissions import roles_required
from stories.models import EventKind

SESSIONS = "/account/sessions"


@blueprint.get(SESSIONS, endpoint="sessions")
@roles_required()
def session_list() -> str:
    """Every browser in which the person is signed in; the one that asks is marked."""
    rows = sessions.of(current_user, now())
    settings = sessions.settings()
    return render_template(
        "accounts/sessions.html",
        rows=sorted(rows, key=lambda row: row.id != sessions.current_id()),
        current_id=sessions.current_id(),
        browser_name=browser_name,
        idle_hours=int(settings.session_idle.total_seconds() // 3600),
        days=settings.session_lasts.days,
    )


def browser_name(row: UserSession) -> str:
    """The browser of a session, as people say it."""
    if row.browser and row.system:
        return str(_("%(browser)s on %(system)s", browser=row.browser, system=row.system))
    return row.browser or row.system or str(_("A browser of another kind"))


@blueprint.post(f"{SESSIONS}/<row:session_id>/end")
@roles_required()
@not_resendable(_l("Sign out in another browser"))
def end_session(session_id: int) -> Response:
    """End one: that browser is signed out."""
    if session_id == sessions.current_id():
        return _sign_out()
    ended = sessions.end(current_user, session_id)
    if ended:
        security_log.write(EventKind.SESSION_ENDED, current_user.person)
    commit()
    flash(_("You are signed out there.") if ended else _("You were signed out there already."), "success")
    return redirect(url_for("account.sessions"), 303)


@blueprint.post(f"{SESSIONS}/end")
@roles_required()
@not_resendable(_l("Sign out in other browsers"))
def end_sessions() -> Any:
    """End all of them, or all but this one."""
    if request.form.get("which") == "all":
        current_user.end_all_sessions()
        security_log.write(EventKind.SESSIONS_ENDED, current_user.person)
        return _sign_out()
    ended = sessions.end_others(current_user)
    security_log.write(EventKind.SESSIONS_ENDED, current_user.person, but_one=True)
    commit()
    flash(
        ngettext("You are signed out in %(num)s other browser.", "You are signed out in %(num)s other browsers.", ended)
    )
    return redirect(url_for("account.sessions"), 303)


def _sign_out() -> Response:
    logout_user()
    commit()
    return redirect(url_for("reading.home"), 303)
