"""Refuses forms that another site sends: nothing is read of them, and nobody's session is touched.

A browser says where a request comes from (`Sec-Fetch-Site`, `Origin`, else `Referer`), and no page can make it say
something else. The token in each form is asked for as well. See docs/decisions/form-recovery.md.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, render_template, request
from flask_babel import gettext as _
from flask_login import AnonymousUserMixin

from solidarity.web.db import SAFE_METHODS


def init_app(app: Flask) -> None:
    """Look at every request that may change something, before anything else does."""
    app.before_request(_refuse_other_sites)


def _refuse_other_sites() -> Response | None:
    if request.method in SAFE_METHODS or comes_from_here() is not False:
        return None
    g.from_another_site = True
    g._login_user = AnonymousUserMixin()  # whoever is signed in here has not sent it, and is not looked for
    return current_app.make_response((_page(), 403))


def comes_from_here() -> bool | None:
    """Whether a page of ours sent this request; None where nothing says so: a browser of before 2020, or a program."""
    if (site := request.headers.get("Sec-Fetch-Site")) is not None:
        return site == "same-origin"
    if (said := request.headers.get("Origin") or request.headers.get("Referer")) is not None:
        return is_ours(said)
    return None


def is_ours(address: str) -> bool:
    """Whether an address is on this site: on the host that was asked, or at the site's own address."""
    return _origin(address) in {_origin(request.host_url), _origin(current_app.config["SETTINGS"].base_url)}


def _origin(address: str) -> tuple[str, str] | None:
    """Scheme and host of an address; None for what has none ("null", what a page without an origin says)."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return (parts.scheme.lower(), parts.netloc.lower()) if parts.netloc else None


def _page() -> Any:
    title = _("This was sent from another site")
    message = _("Nothing was done, and nothing of it was kept. If you meant to do it, begin on a page of this site.")
    return render_template("errors/page.html", title=title, message=message, status=403)
