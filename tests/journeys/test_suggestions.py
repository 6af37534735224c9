"""The search box by keyboard and by touch, as somebody with a screen reader and somebody with a phone would use it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect
from running import Site


def box(page: Page) -> Locator:
    return page.get_by_role("combobox")


def options(page: Page) -> Locator:
    return page.get_by_role("listbox").get_by_role("option")


def begin(page: Page, live: Site, locale: str, typed: str, query: str = "") -> None:
    page.goto(f"{live.url}/{locale}/search{query}")
    box(page).fill("")
    box(page).press_sequentially(typed, delay=20)
    expect(options(page).first).to_be_visible()


def marked(page: Page) -> str | None:
    """The words of the option that a screen reader is told of."""
    option = box(page).get_attribute("aria-activedescendant")
    return page.locator(f"#{option} .user-text").inner_text() if option else None


def test_arrows_enter_and_escape_lead_through_the_suggestions(page: Page, live: Site) -> None:
    begin(page, live, "en", "wat")
    expect(box(page)).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("status").filter(has_text="Suggestions:")).to_have_count(1)
    names = options(page).locator(".user-text").all_inner_texts()
    assert len(names) > 1
    assert marked(page) is None

    for name in (*names, None, names[0]):  # past the last one the words themselves come round
        page.keyboard.press("ArrowDown")
        assert marked(page) == name
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert marked(page) == names[-1]
    page.keyboard.press("Home")
    assert marked(page) is None
    expect(box(page)).to_have_value("wat")

    page.keyboard.press("Escape")
    expect(options(page)).to_have_count(0)
    expect(box(page)).to_have_attribute("aria-expanded", "false")
    expect(box(page)).to_have_value("wat")

    page.keyboard.press("ArrowDown")
    expect(options(page).first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/en/search?*=*")
    expect(page.locator("main .hit").first).to_be_visible()


def test_a_title_that_is_taken_is_looked_for_without_the_choices(page: Page, live: Site) -> None:
    begin(page, live, "en", "paper t", "?q=water&length=short&sort=newest")
    option = options(page).filter(has_text="The Paper Tablecloth").first
    title = option.locator(".user-text").inner_text()
    option.click()
    page.wait_for_url("**/en/search?q=The+Paper+*")
    assert "length" not in page.url
    assert "sort" not in page.url
    expect(box(page)).to_have_value(title)
    expect(page.locator("main .hit").first.get_by_role("heading")).to_have_text(title)


def test_a_theme_that_is_taken_is_a_choice(page: Page, live: Site) -> None:
    begin(page, live, "en", "standing t")
    options(page).filter(has_text="Standing together").filter(has_text="Theme").click()
    page.wait_for_url("**/en/search?theme=*")
    expect(page.locator(".chosen")).to_contain_text("Standing together")
    expect(box(page)).to_have_value("")


def test_a_title_in_another_language_than_the_page_says_which(page: Page, live: Site) -> None:
    begin(page, live, "en", "کاغذ")
    option = options(page).first
    expect(option.locator("span").last).to_have_text("اردو")
    expect(option.locator("span").last).to_have_attribute("lang", "ur")
    begin(page, live, "ur", "کاغذ")
    expect(options(page).first.locator("span")).to_have_count(1)


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize(("locale", "typed"), [("en", "the"), ("ur", "کا"), ("km", "ក")])
def test_no_letter_of_a_suggestion_is_cut_off(page: Page, live: Site, width: int, locale: str, typed: str) -> None:
    page.set_viewport_size({"width": width, "height": 740})
    begin(page, live, locale, typed)
    cut = (
        options(page)
        .locator(".user-text")
        .evaluate_all(
            """all => all.filter(each => {
          const lines = Math.round(each.scrollHeight / parseFloat(getComputedStyle(each).lineHeight));
          return lines <= 2 && each.scrollHeight > each.clientHeight + 1;
        }).map(each => each.textContent)"""
        )
    )
    assert cut == []


def test_enter_without_a_choice_searches_for_what_was_typed(page: Page, live: Site) -> None:
    begin(page, live, "en", "wat")
    page.keyboard.press("Enter")
    page.wait_for_url("**/en/search?q=wat")


@pytest.mark.parametrize(("locale", "typed"), [("en", "wat"), ("ur", "پان")])
def test_a_finger_finds_suggestions_large_enough_and_on_the_right_side(
    browser: Browser, live: Site, locale: str, typed: str
) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True)
    page = context.new_page()
    begin(page, live, locale, typed)
    assert all((each.bounding_box() or {})["height"] >= 44 for each in options(page).all())
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    first = options(page).first.locator(".user-text").inner_text()
    options(page).first.tap()
    page.wait_for_url(f"**/{locale}/search?*=*")
    expect(page.locator("main")).to_contain_text(first)
    assert context.cookies() == []
    context.close()


def test_a_newer_answer_is_never_overtaken_by_an_older_one(page: Page, live: Site) -> None:
    """The answer to the first letters comes late: it must not take the place of the next one."""
    slow = []

    def answer(route: Route) -> None:
        if route.request.url.endswith("q=w"):
            slow.append(route)
        else:
            route.continue_()

    page.route("**/api/v1/suggestions*", answer)
    page.goto(f"{live.url}/en/search")
    box(page).press_sequentially("w")
    page.wait_for_timeout(400)
    box(page).press_sequentially("at")
    expect(options(page).first).to_be_visible()
    before = options(page).all_inner_texts()
    for route in slow:
        route.abort()
    page.wait_for_timeout(200)
    assert (len(slow), options(page).all_inner_texts()) == (1, before)


def test_without_script_the_box_is_a_plain_form(browser: Browser, live: Site) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live.url}/en/search")
    page.get_by_role("searchbox").fill("water")
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator("main mark").first).to_be_visible()
    assert page.url.endswith("/en/search?q=water")
    context.close()


def test_a_mark_lies_below_the_letters_of_the_line_above(page: Page, live: Site) -> None:
    """The letters of Nastaliq reach into the next line: what is marked there must not be painted over their dots."""
    page.goto(f"{live.url}/ur/search?q=پانی")
    for mark in page.locator("main .hit mark").all():
        paint = "each => [getComputedStyle(each).zIndex, getComputedStyle(each.closest('.user-text')).isolation]"
        assert mark.evaluate(paint) == ["-1", "isolate"]
