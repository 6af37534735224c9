"""Signing in with more than a password, in a real browser with a security key of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from authenticators import code_of
from databases import Databases
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect
from running import Site, free_port, start


@pytest.fixture(scope="module")
def named(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The sample site under a name, which passkeys are bound to, and where a second factor is demanded."""
    instance, port = tmp_path_factory.mktemp("named") / "instance", free_port()
    with databases.blank(instance) as url:
        home = f"http://localhost:{port}"
        site = start(instance, port=port, DATABASE_URL=url, BASE_URL=home, SECOND_FACTOR="demanded")
        site.url = home
        yield site
        site.stop()


@dataclass
class Visit:
    """A browser window with a security key, and what went wrong in it."""

    page: Page
    cdp: CDPSession
    site: Site
    wrong: list[str] = field(default_factory=list)
    key: str = ""

    def plug_in(self, *, verifies: bool) -> None:
        """Give the browser a key: one that knows its owner, or one that only wants a touch."""
        self.key = self.cdp.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2", "transport": "internal" if verifies else "usb", "hasResidentKey": verifies,
                    "hasUserVerification": verifies, "isUserVerified": verifies, "automaticPresenceSimulation": True,
                }
            },
        )["authenticatorId"]  # fmt: skip

    def open(self, path: str) -> None:
        self.page.goto(self.site.url + path)

    def sign_in(self, role: str) -> None:
        """Give address and password."""
        email, password = self.site.sign_in_of(role)
        self.open("/en/account/sign-in")
        self.page.get_by_label("E-mail address").fill(email)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.press("Sign in")

    def sign_out(self) -> None:
        self.open("/en/account/second-factor")
        self.press("Sign out")
        self.page.wait_for_url("**/en/")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()


@pytest.fixture
def visit(browser: Browser, named: Site) -> Iterator[Visit]:
    context: BrowserContext = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(15_000)
    page = context.new_page()
    cdp = context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    visit = Visit(page, cdp, named)
    page.on("console", lambda said: visit.wrong.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: visit.wrong.append(str(error)))
    yield visit
    context.close()


def add_passkey(visit: Visit, name: str) -> None:
    visit.open("/en/account/second-factor/passkeys")
    visit.page.get_by_label("Name of the passkey").fill(name)
    visit.press("Add the passkey")


def heading(page: Page) -> Any:
    return expect(page.get_by_role("heading", level=1))


def test_a_passkey_is_added_and_signs_in_beside_the_password_and_alone(visit: Visit) -> None:
    page = visit.page
    visit.plug_in(verifies=True)
    visit.sign_in("moderator")
    heading(page).to_have_text("Second step of signing in")
    expect(page.locator("main")).to_contain_text("this site asks moderators and stewards for it")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name of the passkey").fill("my phone")
    visit.press("Add the passkey")
    heading(page).to_have_text("Your recovery codes")
    expect(page.locator(".secret-codes li")).to_have_count(10)
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.locator("main")).to_contain_text("my phone")

    visit.sign_out()
    visit.sign_in("moderator")
    heading(page).to_have_text("One more step")
    visit.press("Use a passkey")
    page.wait_for_url("**/en/moderating")

    visit.sign_out()
    visit.open("/en/account/sign-in")
    page.get_by_role("link", name="Sign in with a passkey").click()
    visit.press("Use a passkey")
    page.wait_for_url("**/en/moderating")
    assert visit.wrong == []


def test_a_key_is_not_added_twice_and_is_removed_by_a_button(visit: Visit) -> None:
    page = visit.page
    visit.plug_in(verifies=True)
    visit.sign_in("steward")
    add_passkey(visit, "my phone")
    heading(page).to_have_text("Your recovery codes")
    add_passkey(visit, "the same once more")
    expect(page.get_by_role("alert").filter(visible=True)).to_have_text(
        "This device has a passkey for your account already."
    )
    visit.open("/en/account/second-factor")
    visit.press("Remove this passkey")
    expect(page.get_by_role("status")).to_contain_text("The passkey is removed.")
    expect(page.locator("main")).to_contain_text("this site asks moderators and stewards for it")


def test_a_key_that_only_wants_a_touch_is_a_second_step_and_no_first(visit: Visit) -> None:
    page = visit.page
    visit.plug_in(verifies=False)
    visit.sign_in("leader")
    page.wait_for_url("**/en/my/stories")
    add_passkey(visit, "blue key")
    heading(page).to_have_text("Your recovery codes")
    visit.sign_out()
    visit.open("/en/account/sign-in/passkey")
    visit.press("Use a passkey")
    expect(page.get_by_role("alert").filter(visible=True)).to_contain_text(
        "Nothing was confirmed, or it took too long."
    )
    visit.sign_in("leader")
    visit.press("Use a passkey")
    page.wait_for_url("**/en/my/stories")
    assert visit.wrong == []


def test_an_app_is_set_up_by_its_key_and_signs_in_with_a_code_and_with_a_recovery_code(visit: Visit) -> None:
    page = visit.page
    visit.sign_in("educator")
    page.wait_for_url("**/en/my/guides")
    visit.open("/en/account/second-factor")
    page.get_by_role("link", name="Set up an app").click()
    square = page.get_by_role("img", name="QR code with the key that stands below")
    assert (square.bounding_box() or {})["width"] > 200
    key = page.locator(".secret-key").inner_text()
    assert re.fullmatch("([A-Z2-7]{4} ?){8}", key)
    page.get_by_label("Code from your app").fill(code_of(key, datetime.now(UTC)))
    visit.press("Turn it on")
    heading(page).to_have_text("Your recovery codes")
    codes = page.locator(".secret-codes li").all_inner_texts()

    visit.sign_out()
    visit.sign_in("educator")
    page.get_by_label("Code from your app").fill("000 000")
    visit.press("Sign in")
    expect(page.locator("#error-summary")).to_contain_text("This is not the code that the app shows now")
    page.get_by_label("Code from your app").fill(code_of(key, datetime.now(UTC) + timedelta(seconds=30)))
    visit.press("Sign in")
    page.wait_for_url("**/en/my/guides")

    visit.sign_out()
    visit.sign_in("educator")
    page.get_by_role("link", name="Use a recovery code").click()
    page.get_by_label("Recovery code").fill(codes[0].upper())
    visit.press("Sign in")
    page.wait_for_url("**/en/my/guides")
    expect(page.locator("main")).to_contain_text("You used a recovery code; 9 are left.")
    assert [said for said in visit.wrong if "422" not in said] == []


def test_where_the_site_is_opened_under_another_name_the_page_says_where_passkeys_work(visit: Visit) -> None:
    visit.plug_in(verifies=True)
    visit.page.goto(visit.site.url.replace("localhost", "127.0.0.1") + "/en/account/sign-in/passkey")
    visit.press("Use a passkey")
    said = visit.page.get_by_role("alert").filter(visible=True)
    expect(said).to_have_text(f"Passkeys work only at {visit.site.url}. Open the site there.")


def test_without_script_the_page_says_why_and_the_other_ways_are_there(browser: Browser, named: Site) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{named.url}/en/account/sign-in/passkey")
    expect(page.get_by_text("Passkeys need JavaScript and a browser that knows them.")).to_be_visible()
    expect(page.get_by_role("button", name="Use a passkey")).to_have_count(0)
    page.get_by_role("link", name="Sign in with a password").click()
    heading(page).to_have_text("Sign in")
    context.close()


def test_a_browser_that_knows_no_passkeys_says_so(visit: Visit) -> None:
    visit.page.add_init_script("delete window.PublicKeyCredential")
    visit.open("/en/account/sign-in/passkey")
    expect(visit.page.get_by_text("Passkeys need JavaScript and a browser that knows them.")).to_be_visible()
    expect(visit.page.get_by_role("button", name="Use a passkey")).to_have_count(0)
