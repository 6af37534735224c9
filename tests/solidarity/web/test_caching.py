"""What public pages are made of: their address, and a state of the site whose number moves whenever they change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from typing import Any

import factories as make
import pages
import pytest
from factories import NOW
from flask import Flask, current_app
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import create_environ

from solidarity.config import Settings
from solidarity.search_engine import catch_up, engine
from solidarity.server.wsgi_adapter import Call
from solidarity.web import clock
from solidarity.web.caching import CACHEABLE, Lifetime
from stories import changes, consent, editorial, guides
from stories.community import catalogue
from stories.community.catalogue import CatalogueEntry
from stories.guides.plan import GuidePlan, PhasePlan, StepPlan
from stories.models import Guide, Organisation, Purpose, Role, Theme
from stories.workflow import State

ADDRESSES = (
    "/en/", "/ur/", "/en/stories", "/en/stories?theme=care", "/en/stories/{story}", "/en/stories/{other}", "/en/themes",
    "/en/themes/care", "/en/organisations", "/en/organisations/lights", "/en/search", "/en/search?q=water",
    "/en/search?q=lantern&sort=newest", "/en/guides", "/en/guides/{guide}", "/en/guides/{guide}/sheet",
    "/en/guides/{guide}/sheet?for=participants", "/en/how-to-use", "/en/about", "/en/privacy", "/en/concern",
    "/robots.txt", "/sitemap.xml", "/sitemap-stories-1.xml",
    "/api/v1/search?q=water", "/api/v1/search?q=nothing-has-this", "/api/v1/stories",
    "/api/v1/stories/{story}", "/api/v1/guides", "/api/v1/guides/{guide}", "/api/v1/suggestions?q=wa",
)  # fmt: skip
HOUR = GuidePlan("One hour", "en", help_note="Stop.", phases=(PhasePlan("Talk", steps=(StepPlan("Talk", 20),)),))


class World:
    """One of everything that is public, and something of each that is not."""

    def __init__(self, site: Session) -> None:
        self.site = site
        self.theme, self.empty_theme = make.theme(site, "Care", slug="care"), make.theme(site, "Rent", slug="rent")
        self.house, self.empty_house = make.organisation(site, slug="lights"), make.organisation(site, "Pier", "pier")
        self.story = make.published(site, themes=(self.theme,), organisation=self.house)
        self.other = make.published(site, title="A lantern", themes=(self.theme,))
        self.approved = make.story_in(site, State.APPROVED, title="Lantern and water")
        self.moderator, self.educator = make.person(site, Role.MODERATOR), make.person(site, Role.EDUCATOR)
        self.guide, self.draft = self._guide(HOUR), self._guide(replace(HOUR, title="Half an hour"))
        guides.publish(self.guide, by=self.educator, at=NOW)
        self.settle()

    def _guide(self, plan: GuidePlan) -> Guide:
        return guides.draft(self.site, replace(plan, stories=(self.story,)), by=self.educator, at=NOW)

    def settle(self) -> None:
        self.site.commit()
        assert catch_up()
        self.site.rollback()

    @property
    def addresses(self) -> list[str]:
        names = {"story": self.story.slug, "other": self.other.slug, "guide": self.guide.slug}
        return [address.format(**names) for address in ADDRESSES]


@pytest.fixture
def world(site: Session) -> World:
    return World(site)


def bytes_of(client: FlaskClient, addresses: list[str], **headers: str) -> dict[str, bytes]:
    return {address: client.get(address, headers=headers).data for address in addresses}


FORGED = {
    "Host": "evil.example:81", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https",
    "X-Forwarded-For": "6.6.6.6", "X-Forwarded-Prefix": "/evil", "X-Original-URL": "/evil",
    "Forwarded": "host=evil.example", "Cookie": "theme=dark; _ga=1", "Accept-Language": "ur", "User-Agent": "evil",
    "Referer": "https://evil.example/", "Accept": "application/json", "X-Requested-With": "XMLHttpRequest",
    "Authorization": "Basic YTpi",
}  # fmt: skip


def test_no_page_depends_on_the_host_header_or_any_other(world: World, client: FlaskClient) -> None:
    assert bytes_of(client, world.addresses, **FORGED) == bytes_of(client, world.addresses)


def test_no_page_depends_on_who_is_signed_in(world: World, app: Flask, site: Session) -> None:
    anybody, moderator = app.test_client(), app.test_client()
    pages.signed_in(site, moderator, make.person(site, Role.MODERATOR, Role.STEWARD))

    assert bytes_of(moderator, world.addresses) == bytes_of(anybody, world.addresses)


def test_a_page_names_its_address_on_the_host_of_the_settings(client: FlaskClient, world: World) -> None:
    page = client.get("/en/search?q=water+%E2%80%9Ca", headers={"Host": "evil.example"}).get_data(as_text=True)

    assert ">http://127.0.0.1:5000/en/search?q=water+%E2%80%9Ca</p>" in page.replace("“", "%E2%80%9C")
    assert "evil.example" not in page


# --- what may be kept


def lifetime(app: Flask, address: str, client: FlaskClient | None = None) -> Lifetime:
    """What an answer says of being kept to a server that asks."""
    session = client.get_cookie(app.config["SESSION_COOKIE_NAME"]) if client else None
    environ = create_environ(address, headers={"Cookie": f"{session.key}={session.value}"} if session else {})
    environ[CACHEABLE] = Lifetime.NONE
    call = Call(app.wsgi_app, environ)
    call.whole(call.answer())
    found: Lifetime = environ[CACHEABLE]
    return found


def test_public_pages_may_be_kept_until_a_change(world: World, app: Flask) -> None:
    kept = {address: lifetime(app, address) for address in world.addresses}

    assert kept == dict.fromkeys(world.addresses, Lifetime.UNTIL_A_CHANGE)


@pytest.mark.parametrize(
    "address",
    [
        "/", "/en/nothing", "/en/stories/nothing", "/api/v1/stories/nothing", "/zh/stories", "/healthz", "/readyz",
        "/en/account/sign-in", "/en/workspace", "/en/my/stories", "/en/moderating", "/en/stewarding/people",
        "/en/my/guides", "/static/css/base.css", "/static/css/base.css?v=000000000000", "/en/search?q=zzzqqq",
    ],
)  # fmt: skip
def test_nothing_else_may(world: World, app: Flask, address: str) -> None:
    assert lifetime(app, address) is Lifetime.NONE


def test_nothing_that_somebody_who_is_signed_in_asked_for_is_kept(world: World, app: Flask, site: Session) -> None:
    client = app.test_client()
    pages.signed_in(site, client, make.person(site, *Role))
    everything = [*world.addresses, "/en/workspace", "/en/moderating", "/en/my/guides", "/en/stewarding/people"]

    assert {address: lifetime(app, address, client) for address in everything} == dict.fromkeys(
        everything, Lifetime.NONE
    )


def test_files_under_the_address_that_pages_name_are_kept(app: Flask) -> None:
    with app.test_request_context():
        address = app.jinja_env.globals["asset"]("css/base.css")

    assert lifetime(app, address) is Lifetime.PROCESS


def test_a_story_without_its_neighbours_is_not_kept(world: World, make_app: Callable[[Settings], Flask]) -> None:
    settings: Settings = current_app.config["SETTINGS"]
    (settings.instance_path / "index" / "current").write_text("gone")

    assert lifetime(make_app(settings), f"/en/stories/{world.story.slug}") is Lifetime.NONE


# --- the state of the site


def _correct(world: World) -> None:
    story = world.story
    words = make.words(title="The Water We Bore", themes=(world.theme,))
    seen = story.published_revision.id
    editorial.correct(story, words, by=world.moderator, at=NOW, revision_id=seen, note="A word")
    editorial.confirm(story, by=story.submitter, at=NOW, revision_id=story.newest_revision.id)
    if story.submission.state is State.APPROVED:
        editorial.publish(story, by=world.moderator, at=NOW)


def _consent(world: World, purpose: Purpose, answer: bool) -> None:
    asked = consent.Circumstances(language="en")
    consent.record(world.story, {purpose: answer}, asked, by=world.story.submitter, at=NOW)


CHANGES: dict[str, Callable[[World], Any]] = {
    "publish": lambda world: editorial.publish(world.approved, by=world.moderator, at=NOW),
    "correct": _correct,
    "archive": lambda world: editorial.archive(world.story, by=world.moderator, at=NOW, note="Asked"),
    "unpublish": lambda world: editorial.unpublish(world.story, by=world.moderator, at=NOW, note="Asked"),
    "hide": lambda world: editorial.withdraw(world.story, editorial.Scope.HIDE, by=world.story.submitter, at=NOW),
    "delete": lambda world: editorial.withdraw(
        world.story, editorial.Scope.DELETE, by=world.story.submitter, at=NOW, tombstone="Gone"
    ),
    "consent taken back": lambda world: _consent(world, Purpose.PUBLISH, False),
    "no to guides": lambda world: _consent(world, Purpose.USE_IN_GUIDES, False),
    "guide published": lambda world: guides.publish(world.draft, by=world.educator, at=NOW),
    "guide saved": lambda world: guides.save(
        world.guide, replace(HOUR, title="Two hours"), by=world.educator, at=NOW, version=world.guide.version
    ),
    "guide taken back": lambda world: guides.unpublish(world.guide, by=world.educator, at=NOW),
    "theme added": lambda world: catalogue.add(world.site, Theme, CatalogueEntry("Food")),
    "theme renamed": lambda world: catalogue.write(world.site, world.theme, CatalogueEntry("Caring")),
    "theme without stories": lambda world: catalogue.write(world.site, world.empty_theme, CatalogueEntry("Rents")),
    "organisation added": lambda world: catalogue.add(world.site, Organisation, CatalogueEntry("Quay")),
    "organisation renamed": lambda world: catalogue.write(world.site, world.house, CatalogueEntry("Lamps")),
    "organisation without stories": lambda world: catalogue.write(world.site, world.empty_house, CatalogueEntry("Bay")),
}


TELLING = (
    "/en/stories", "/en/themes", "/en/organisations", "/en/guides", "/en/stories/{story}", "/en/guides/{guide}",
)  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_whatever_changes_a_page_changes_the_state(world: World, client: FlaskClient, name: str) -> None:
    site, state = world.site, changes.newest(world.site)
    addresses = [address.format(story=world.story.slug, guide=world.guide.slug) for address in TELLING]
    shown = bytes_of(client, addresses)
    CHANGES[name](world)
    world.settle()

    assert bytes_of(client, addresses) != shown
    assert changes.newest(site) > state
    assert engine().cursor() == changes.newest(site)


def test_what_people_are_called_stands_on_no_page(world: World, client: FlaskClient) -> None:
    shown = bytes_of(client, world.addresses)
    for person in (world.story.submitter, world.educator, world.moderator):
        person.name = "Somebody Else"
    world.settle()

    assert bytes_of(client, world.addresses) == shown


class NextYear(datetime):
    """A clock that is a year ahead."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + timedelta(days=366)


def test_no_page_asks_what_time_it_is(world: World, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is due becomes public by `flask tend`, which is a change, and not by the clock."""
    world.approved.submission.publish_at = NOW.replace(year=2020)
    world.settle()
    shown = bytes_of(client, world.addresses)
    monkeypatch.setattr(clock, "datetime", NextYear)

    assert bytes_of(client, world.addresses) == shown
    assert not world.approved.is_public
