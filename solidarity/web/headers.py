"""What every answer says to browsers: run nothing but our own files, tell other sites nothing, keep nothing private."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

from solidarity.web.permissions import is_private

POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "media-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
)

YEAR = 31_536_000  # seconds


def init_app(app: Flask) -> None:
    """Put the headers on every answer, and believe our own proxies, if there are any."""
    app.after_request(_protect)
    if app.config["SETTINGS"].is_https:
        app.after_request(_insist_on_https)
    proxies = app.config["SETTINGS"].trusted_proxies
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, proxies, proxies, proxies, proxies)  # type: ignore[method-assign]


def _protect(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), interest-cohort=()")
    if is_private():
        response.headers["Cache-Control"] = "no-store"
    elif response.status_code >= 400:  # a cache may keep a 404 or a 410 that says nothing, and the story may come back
        response.headers.setdefault("Cache-Control", "no-store")
    elif response.status_code in {301, 308}:  # a browser would keep it for good, though an address can stop leading on
        response.headers.setdefault("Cache-Control", "no-cache")
    return response


def _insist_on_https(response: Response) -> Response:
    """No browser that was here before goes without https again, whatever a network in between would like."""
    response.headers.setdefault("Strict-Transport-Security", f"max-age={YEAR}")
    return response
