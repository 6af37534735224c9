"""Two other sites, on another host and on another port, send forms to this one from the browser of a steward."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from running import Site

PLANTED = """<!doctype html><title>Win a bicycle</title>
<form method="post" action="{target}"><input name="roles" value="steward"><input name="title" value="Planted"></form>
<script>document.forms[0].submit()</script>"""


class OtherSite(BaseHTTPRequestHandler):
    """A page that sends a form to the address after the question mark, without a click."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(PLANTED.format(target=self.path.partition("?")[2]).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(params=["127.0.0.2", "127.0.0.1"], ids=["another site", "another port of the same host"])
def other_site(request: pytest.FixtureRequest) -> Iterator[str]:
    server = ThreadingHTTPServer((request.param, 0), OtherSite)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://{request.param}:{server.server_port}/"
    server.shutdown()
    server.server_close()


def sign_in(page: Page, live: Site) -> None:
    email, password = live.sign_in_of("steward")
    page.goto(f"{live.url}/en/account/sign-in")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="People", exact=True)).to_be_visible()


def cookies(context: BrowserContext) -> list[tuple[str, str]]:
    return [(cookie.get("name", ""), cookie.get("value", "")) for cookie in context.cookies()]


@pytest.mark.parametrize("signed_in", [True, False], ids=["signed in", "signed out"])
@pytest.mark.parametrize("path", ["/en/stewarding/people/1/roles", "/en/my/stories/new", "/en/account/sign-out"])
def test_a_form_of_another_site_does_nothing_and_changes_no_session(
    context: BrowserContext, page: Page, live: Site, other_site: str, path: str, signed_in: bool
) -> None:
    if signed_in:
        sign_in(page, live)
    before = cookies(context)
    page.goto(f"{other_site}?{live.url}{path}")

    expect(page.get_by_role("heading", level=1)).to_have_text("This was sent from another site")
    assert page.locator("form, input, textarea").count() == 0
    assert cookies(context) == before
    page.goto(f"{live.url}/en/stewarding/people")
    expect(page.get_by_role("heading", level=1)).to_have_text("People" if signed_in else "Sign in")
