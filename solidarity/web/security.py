"""The site-wide safeguards: sessions, tokens against forged forms, and how much one request may send."""

from __future__ import annotations

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_wtf import CSRFProtect
from werkzeug.wrappers import Response

from solidarity.config import Settings
from solidarity.web import form_recovery
from solidarity.web.permissions import is_private

MOST_SENT = 6 * 1024 * 1024  # bytes: 300,000 characters of any script, percent-encoded, and the other fields
MOST_SENT_TO_ACCOUNTS = 16 * 1024  # bytes: an address, a password, where to go afterwards

csrf = CSRFProtect()


class LazySessionInterface(SecureCookieSessionInterface):
    """Sessions that public pages know nothing of: no cookie renewed, no `Vary: Cookie`, though Flask-Login looked."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the session where it changed, or where a page behind the gate was answered."""
        if session.modified or is_private():
            super().save_session(app, session, response)  # type: ignore[arg-type]


def init_app(app: Flask) -> None:
    """Set Flask's own limits to match ours, and protect every form."""
    settings = app.config["SETTINGS"]
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME=cookie_name(settings, "desk"),
        SESSION_COOKIE_PATH="/",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_https,
        PERMANENT_SESSION_LIFETIME=settings.session_lasts,
        MAX_CONTENT_LENGTH=MOST_SENT,
        MAX_FORM_MEMORY_SIZE=form_recovery.MOST_TYPED,
        MAX_FORM_PARTS=5_000,
        WTF_CSRF_TIME_LIMIT=12 * 3600,
        WTF_CSRF_SSL_STRICT=settings.is_https,
    )
    app.jinja_env.globals["site_name"] = settings.site_name
    app.jinja_env.globals["contact"] = settings.contact
    app.session_interface = LazySessionInterface()
    app.before_request(_read_no_more)  # before the token is looked for in what was sent
    csrf.init_app(app)


def cookie_name(settings: Settings, name: str) -> str:
    """What a cookie of ours is called. `__Host-`: no other host, not even of the same domain, can set one."""
    return f"__Host-{name}" if settings.is_https else name


def largest_body(path: str) -> int:
    """How many bytes may be sent to an address. More than `MOST_SENT` is read only to be given back."""
    return MOST_SENT_TO_ACCOUNTS if brings_password(path) else form_recovery.MOST_TYPED


def brings_password(path: str) -> bool:
    """Whether forms sent to this address are about signing in or an account."""
    return path.split("/", 3)[2:3] == ["account"]


def _read_no_more() -> None:
    if brings_password(request.path):
        request.max_content_length = MOST_SENT_TO_ACCOUNTS
