"""Somebody who visits a running site over http, with cookies and forms but without a browser."""

from __future__ import annotations

import re
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar


class _StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Redirects are answers too: they are not followed."""


class Visitor:
    """Fetches pages and sends forms. Answers are (status, text); a connection that breaks raises OSError."""

    def __init__(self, base: str) -> None:
        self.base = base
        self._opener = urllib.request.build_opener(_StayHere, urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, path: str) -> tuple[int, str]:
        """Fetch a page."""
        return self._open(urllib.request.Request(self.base + path))  # noqa: S310 - our own site

    def send(self, page: str, to: str = "", /, **fields: str) -> tuple[int, str]:
        """Send a form of the page at `page`, with its token, to `to` (or to the page itself)."""
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.get(page)[1])
        data = urllib.parse.urlencode({"csrf_token": token[1] if token else "", **fields}).encode()
        headers = {"Origin": self.base}
        return self._open(urllib.request.Request(self.base + (to or page), data, headers))  # noqa: S310 - our own site

    def sign_in(self, email: str, password: str) -> None:
        """Sign in, or raise."""
        status, text = self.send("/en/account/sign-in", email=email, password=password)
        if status not in {302, 303}:
            raise RuntimeError(f"{status}: {text}")

    def _open(self, request: urllib.request.Request) -> tuple[int, str]:
        try:
            with self._opener.open(request, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
