"""Hostile words in every field, read in a real browser: nothing runs, nothing leaves, nothing breaks out of its box.

The short run takes the attacks that would run somewhere, the long one every structure; SIEGE=all takes each there is.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import factories
import pages
import pytest
from attacks import WORD, Siege, batches, lay, packs, payloads
from databases import Databases
from playwright.sync_api import Browser, BrowserContext, expect
from running import Site, start

from solidarity.config import Settings
from solidarity.factory import create_app
from solidarity.web.db import db
from stories.models import Role

HERE = Path(__file__).parent
TRAP = (HERE / "trap.js").read_text()
LOOK = (HERE / "look.js").read_text()
WIDTHS = (1280, 360)
MODERATOR, LEADER = "moderator@example.org", "leader@example.org"
PASSWORD = secrets.token_urlsafe(16)


@dataclass
class Watch:
    """A browser window under observation: whatever it does that it should not is written down."""

    site: Site
    context: BrowserContext
    seen: int = 0
    troubles: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.add_init_script(TRAP)
        self.context.on("request", self._request)
        self.context.on("dialog", lambda dialog: (self.troubles.append(f"dialog {dialog.message}"), dialog.dismiss()))
        self.context.on("weberror", lambda error: self.troubles.append(f"error {error.error}"))
        self.page = self.context.new_page()
        self.context.on("page", lambda page: self.troubles.append(f"a new window {page.url}"))
        self.page.on("download", lambda download: self.troubles.append(f"download {download.url}"))

    def _request(self, request: object) -> None:
        if not request.url.startswith(f"{self.site.url}/"):  # type: ignore[attr-defined]
            self.troubles.append(f"request {request.url}")  # type: ignore[attr-defined]

    def look(self, path: str) -> None:
        """Open a page and look at it, wide and narrow."""
        answer = self.page.goto(f"{self.site.url}{path}", wait_until="load")
        self.seen += 1
        assert answer is not None
        if answer.status != 200:
            self.troubles.append(f"{path}: {answer.status}")
        self.look_again()
        if self.page.url != answer.url:
            self.troubles.append(f"{path}: led away to {self.page.url}")

    def look_again(self) -> None:
        """Look at the page that is open, wide and narrow."""
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 800})
            self.troubles += [f"{self.page.url} at {width}: {problem}" for problem in self.page.evaluate(LOOK)]

    def sign_in(self, email: str) -> None:
        self.page.goto(f"{self.site.url}/en/account/sign-in")
        self.page.get_by_label("E-mail address").fill(email)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        expect(self.page.get_by_role("button", name="Sign out")).to_be_attached()


def besieged(instance: Path, url: str, texts: list[str]) -> tuple[Site, list[Siege]]:
    """A running site with the attacks laid in it, and where they lie."""
    app = create_app(Settings.from_env({"INSTANCE_PATH": str(instance), "DATABASE_URL": url}))
    with app.app_context():
        moderator = factories.person(db.session, Role.MODERATOR)
        pages.account(db.session, moderator, MODERATOR, PASSWORD)
        pages.account(db.session, factories.person(db.session, Role.LEADER), LEADER, PASSWORD)
        sieges = [lay(db.session, batch, number, moderator) for number, batch in enumerate(batches(texts))]
        db.session.commit()
        db.engine.dispose()
    return start(instance, "--empty", DATABASE_URL=url), sieges


def siege_of(
    tmp_path_factory: pytest.TempPathFactory, databases: Databases, texts: list[str]
) -> Iterator[tuple[Site, list[Siege]]]:
    instance = tmp_path_factory.mktemp("siege") / "instance"
    with databases.migrated(instance) as url:
        with ThreadPoolExecutor(1) as another_thread:  # the browser's own loop runs in this one
            site, sieges = another_thread.submit(besieged, instance, url, texts).result()
        yield site, sieges
        site.stop()


@pytest.fixture(scope="module")
def siege(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[tuple[Site, list[Siege]]]:
    yield from siege_of(tmp_path_factory, databases, payloads())


@pytest.fixture
def watch(browser: Browser, siege: tuple[Site, list[Siege]]) -> Iterator[Watch]:
    yield from _watching(browser, siege[0])


def _watching(browser: Browser, site: Site) -> Iterator[Watch]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(30_000)
    yield Watch(site, context)
    context.close()


def look_through(watch: Watch, path: str, most: int = 1_000) -> None:
    """Every page of a list, or the first ones."""
    watch.look(path)
    labels = watch.page.locator("nav.pages a").all_inner_texts()
    last = max((int(label) for label in labels if label.strip().isdigit()), default=1)
    for number in range(2, min(last, most) + 1):
        watch.look(f"{path}{'&' if '?' in path else '?'}page={number}")


def as_reader(watch: Watch, sieges: list[Siege], *, thoroughly: bool) -> None:
    for place in ("", "themes", "organisations"):
        watch.look(f"/en/{place}")
    look_through(watch, "/en/stories")
    look_through(watch, f"/en/search?q={WORD}", most=1_000 if thoroughly else 3)
    for number, siege in enumerate(sieges):
        if thoroughly or number % 3 == 0:
            watch.look(f"/en/themes/{siege.themes[-1]}")
            watch.look(f"/ur/organisations/{siege.organisations[0]}")
        watch.look(f"/en/stories/{siege.public[0]}")


def as_moderator(watch: Watch, sieges: list[Siege]) -> None:
    watch.sign_in(MODERATOR)
    look_through(watch, "/en/moderating")
    look_through(watch, "/en/moderating/stories")
    for siege in sieges:
        watch.look(f"/en/moderating/stories/{siege.waiting}")


def test_readers_are_safe_from_words_in_every_field(siege: tuple[Site, list[Siege]], watch: Watch) -> None:
    as_reader(watch, siege[1], thoroughly=False)

    assert watch.troubles == []


@pytest.mark.long
def test_moderators_are_safe_from_words_in_every_field(siege: tuple[Site, list[Siege]], watch: Watch) -> None:
    as_moderator(watch, siege[1])

    assert watch.troubles == []


@pytest.mark.long
def test_readers_and_moderators_are_safe_from_every_structure(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory, databases: Databases
) -> None:
    texts = payloads(core=os.environ.get("SIEGE") != "all", active=False)
    laid = siege_of(tmp_path_factory, databases, texts)
    site, sieges = next(laid)
    reader, moderator = Watch(site, browser.new_context()), Watch(site, browser.new_context())
    as_reader(reader, sieges, thoroughly=True)
    as_moderator(moderator, sieges)
    next(laid, None)

    assert (reader.troubles, moderator.troubles) == ([], [])


def test_what_is_typed_into_the_forms_is_as_safe(siege: tuple[Site, list[Siege]], watch: Watch) -> None:
    batch = next(batches(payloads()))
    typed = {
        "title": packs(batch, 300)[0], "teller_name": packs(batch, 500)[0], "place": packs(batch, 500)[0],
        "introduction": "\n".join(batch), "body": "\n\n".join(batch), "pull_quotes": "\n".join(packs(batch, 500)),
        "takeaways": "\n".join(packs(batch, 500)), "prompts": "\n".join(packs(batch, 500)),
    }  # fmt: skip
    watch.sign_in(LEADER)
    watch.look("/en/my/stories/new")
    for name, text in typed.items():
        watch.page.locator(f"main [name={name}]").fill(text)
    watch.page.get_by_role("button", name="Save", exact=True).click()
    expect(watch.page.locator("main")).to_contain_text("Saved.")
    kept = {name: watch.page.locator(f"main [name={name}]").input_value() for name in ("title", "introduction")}
    story = re.sub(r"/words$", "", watch.page.url.removeprefix(watch.site.url))
    for path in (f"{story}/words", f"{story}/preview", story, f"{story}/submission", "/en/my/stories"):
        watch.look(path)

    assert (watch.troubles, kept["title"], len(kept["introduction"]) > 0) == ([], typed["title"], True)


@pytest.mark.parametrize(
    "attack",
    ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<p style='position:fixed;inset:0'>", "<iframe>",
     "<img src=https://example.org/x>", "<p><span style='position:absolute;left:3000px'>x</span>", "<base href=//x>"],
)  # fmt: skip
def test_the_watch_sees_what_would_be_wrong(siege: tuple[Site, list[Siege]], watch: Watch, attack: str) -> None:
    raw = watch.context.request.get(f"{watch.site.url}/en/about")
    page = re.sub(r"(<main[^>]*>)", lambda found: found[1] + attack, raw.text(), count=1)
    watch.page.route("**/en/about", lambda route: route.fulfill(body=page, headers=raw.headers))
    watch.look("/en/about")

    assert watch.troubles != []
