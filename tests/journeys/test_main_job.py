"""The main job by clicking, in English and in Urdu: write, send, approve, find, read, and hold a conversation."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from babel.support import Translations
from playwright.sync_api import Browser, Page, expect
from running import ROOT, Site

Say = Callable[[str], str]

TOLD = {
    "en": {
        "title": "The Ferry Bell",
        "opening": "My aunt rang the ferry bell for every boat that came home late.",
        "body": "We waited on the pier with soup.\n\nThe interpreters carried a paper cloth between the languages.",
        "query": "ferry bell",
        "guide": "Twenty minutes on a pier",
        "teller": "Tala Reyes",
        "answer": "Anybody in the whole world can read it.",
    },
    "ur": {
        "title": "گھاٹ کی گھنٹی",
        "opening": "میری خالہ ہر اُس کشتی کے لیے گھنٹی بجاتی تھیں جو دیر سے لوٹتی تھی۔",
        "body": "ہم گھاٹ پر شوربہ لیے انتظار کرتے رہے۔\n\nترجمان زبانوں کے بیچ کاغذ کا دسترخوان لیے پھرے۔",
        "query": "گھاٹ کی گھنٹی",
        "guide": "گھاٹ پر بیس منٹ",
        "teller": "زینب",
        "answer": "کوئی بھی اسے پڑھ سکتا ہے۔",
    },
}


def speaker(locale: str) -> Say:
    """What a sentence of the site is in a language: the very catalogue that the pages use."""
    catalogue = Translations.load(str(Path(ROOT, "solidarity", "translations")), [locale])
    return lambda sentence: str(catalogue.gettext(sentence))


def click(page: Page, say: Say, sentence: str, role: str = "link") -> None:
    page.get_by_role(role, name=say(sentence), exact=True).first.click()  # type: ignore[arg-type]


def sign_in(browser: Browser, live: Site, locale: str, role: str) -> Page:
    """A page of a fresh browser window, after signing in as a sample person."""
    say, page = speaker(locale), browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    email, password = live.sign_in_of(role)
    page.goto(f"{live.url}/{locale}/account/sign-in")
    page.get_by_label(say("E-mail address")).fill(email)
    page.get_by_label(say("Password"), exact=True).fill(password)
    click(page, say, "Sign in", "button")
    return page


def write_and_send(page: Page, live: Site, locale: str) -> None:
    say, told = speaker(locale), TOLD[locale]
    page.goto(f"{live.url}/{locale}/")
    click(page, say, "Share a story")
    page.get_by_label(say("Title")).fill(told["title"])
    page.get_by_label(say("Language of the story")).select_option(locale)
    page.get_by_label(say("Introduction")).fill(told["opening"])
    page.locator("textarea[name=body]").fill(told["body"])
    page.get_by_label(say("Name, as readers will see it")).fill(told["teller"])
    click(page, say, "Save", "button")
    expect(page.locator("main")).to_contain_text(say("Saved."))
    click(page, say, "Preview", "button")
    expect(page.locator("main")).to_contain_text(told["body"].split("\n")[0])
    click(page, say, "Send to the moderators")
    page.get_by_label(say("Publish the story on this site")).check()
    page.get_by_label(say("Show the name with the story")).check()
    page.get_by_label(say("Use the story in conversation guides")).check()
    page.get_by_label(say("I am the teller and I read it myself")).check()
    page.locator("textarea[name=teach_back]").fill(told["answer"])
    click(page, say, "Send to the moderators", "button")
    expect(page.locator("main")).to_contain_text(say("Waiting to be read"))


def approve(page: Page, locale: str) -> None:
    say, told = speaker(locale), TOLD[locale]
    click(page, say, "Moderation")
    page.get_by_role("link", name=told["title"]).click()
    expect(page.locator("main")).to_contain_text(told["body"].split("\n")[0])
    click(page, say, "Begin to read", "button")
    page.locator("summary", has_text=re.compile(rf"^\s*{say('Approve')}\s*$")).click()
    click(page, say, "Approve", "button")
    expect(page.locator("main")).to_contain_text(say("Search is up to date."))


def find_and_read(page: Page, live: Site, locale: str) -> None:
    say, told = speaker(locale), TOLD[locale]
    page.goto(f"{live.url}/{locale}/")
    page.get_by_role("navigation", name=say("Site")).get_by_role("link", name=say("Search")).first.click()
    page.locator("main input[name=q]").fill(told["query"])
    page.locator("main input[name=q]").press("Enter")
    expect(page.locator("main mark").first).to_be_visible()
    page.get_by_role("link", name=told["title"]).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(told["title"])
    expect(page.locator("main")).to_contain_text(told["teller"])
    expect(page.locator("html")).to_have_attribute("dir", "rtl" if locale == "ur" else "ltr")


def hold_a_conversation_around_it(page: Page, locale: str) -> None:
    """An educator writes a guide that asks the index for the story's words; its public page shows the story."""
    say, told = speaker(locale), TOLD[locale]
    click(page, say, "My guides")
    click(page, say, "Write a guide")
    page.get_by_label(say("Title"), exact=True).fill(told["guide"])
    page.get_by_label(say("Language of the guide")).select_option(locale)
    page.get_by_label(say("If someone tells of something painful")).fill(told["answer"])
    page.get_by_label(say("What this part is called")).first.fill(told["title"])
    page.get_by_label(say("What this step is called")).first.fill(told["title"])
    page.get_by_label(say("Minutes"), exact=True).first.fill("20")
    page.get_by_label(say("Questions about what happened")).first.fill(told["opening"])
    page.get_by_label(say("Words that should be in the stories")).fill(told["query"])
    click(page, say, "Save and look at it", "button")
    click(page, say, "Publish", "button")
    click(page, say, "Its public page")
    expect(page.get_by_role("heading", level=1)).to_have_text(told["guide"])
    expect(page.locator("main")).to_contain_text(told["opening"])
    page.locator("main a[href*='/stories/']", has_text=told["title"]).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(told["title"])


@pytest.mark.parametrize("locale", ["en", pytest.param("ur", marks=pytest.mark.long)])
def test_a_story_goes_from_its_teller_to_its_reader(browser: Browser, live: Site, locale: str) -> None:
    write_and_send(sign_in(browser, live, locale, "leader"), live, locale)
    approve(sign_in(browser, live, locale, "moderator"), locale)
    find_and_read(browser.new_context().new_page(), live, locale)
    hold_a_conversation_around_it(sign_in(browser, live, locale, "educator"), locale)
