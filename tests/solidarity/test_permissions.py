"""Who may come in where: every route × everybody. A route that is missing here fails the test.

in        the page opens, or the form is read (whatever it then says)
sign in   a page leads to signing in, a form is kept with what was typed (401)
403       the wrong role
404       somebody else's: for this person it does not exist
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import factories as make
import pages
import pytest
from flask import Flask
from flask.testing import FlaskClient
from pages import account, sign_in
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from index import sync
from solidarity.accounts.models import Account
from solidarity.config import Settings
from solidarity.letters import compose
from solidarity.letters.models import Kind, Letter
from solidarity.web.clock import now
from solidarity.web.db import db
from solidarity.web.permissions import OWN_ACCOUNT
from stories import guides
from stories.models import Guide, Role, Story
from stories.workflow import State

WHO = ("anonymous", "leader", "another leader", "educator", "moderator", "steward")
OPEN = ("in",) * 6
SIGNED_IN = ("sign in", "in", "in", "in", "in", "in")
LEADERS = ("sign in", "in", "in", "403", "403", "403")
ITS_LEADER = ("sign in", "in", "404", "403", "403", "403")
EDUCATORS = ("sign in", "403", "403", "in", "403", "403")
ITS_EDUCATOR = ("sign in", "403", "403", "in", "403", "in")
MODERATORS = ("sign in", "403", "403", "403", "in", "403")
STEWARDS = ("sign in", "403", "403", "403", "403", "in")


def _all(names: str, row: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return dict.fromkeys((f"{name.strip()}" for name in names.strip().splitlines()), row)


GRID = {
    **_all(
        """
        GET static
        GET front_door
        GET retired_locale
        GET healthz
        GET readyz
        GET robots
        GET sitemap
        GET sitemap_of_pages
        GET sitemap_of_stories
        GET security.login
        POST security.login
        GET security.forgot_password
        POST security.forgot_password
        GET security.reset_password
        POST security.reset_password
        GET account.second_step
        POST account.second_step
        GET account.recovery_code
        POST account.recovery_code
        GET account.passkey_sign_in
        POST account.passkey_sign_in
        GET account.confirm_address
        POST account.confirm_address
        GET account.sign_in_letter
        POST account.sign_in_letter
        GET account.sign_in_by_letter
        POST account.sign_in_by_letter
        GET reading.home
        GET reading.stories
        GET reading.story
        GET reading.themes
        GET reading.theme
        GET reading.organisations
        GET reading.organisation
        GET reading.how_to_use
        GET reading.about
        GET reading.privacy
        GET reading.concern
        GET reading.search
        GET teaching.guides
        GET teaching.guide
        GET teaching.sheet
        GET api.search
        GET api.suggestions
        GET api.stories
        GET api.story
        GET api.guides
        GET api.guide
        """,
        OPEN,
    ),
    **_all("GET api.unknown", ("404",) * 6),
    **_all(
        """
        GET desks.workspace
        GET desks.share
        GET account.overview
        GET account.my_data
        POST account.download
        GET account.leaving
        POST account.closure
        POST account.deletion
        GET account.profile
        POST account.profile
        GET account.address
        POST account.address
        GET account.new_password
        POST account.new_password
        GET account.sessions
        POST account.profile
    POST account.end_session
        POST account.end_sessions
        GET security.verify
        POST security.verify
        GET account.second_factor
        GET account.new_app
        POST account.new_app
        POST account.remove_app
        GET account.new_passkey
        POST account.new_passkey
        GET account.recovery_codes
        POST account.recovery_codes
        """,
        SIGNED_IN,
    ),
    "POST account.remove_passkey": ("sign in", "in", "404", "404", "404", "404"),
    **_all("POST security.logout", OPEN),
    **_all(
        """
        GET submitting.my_stories
        GET submitting.new_story
        POST submitting.new_story
        """,
        LEADERS,
    ),
    **_all(
        """
        GET submitting.story
        GET submitting.preview
        POST submitting.recall
        POST submitting.revision
        GET submitting.confirmation
        POST submitting.confirmation
        GET submitting.consent
        POST submitting.consent
        GET submitting.submission
        POST submitting.submission
        GET submitting.suggestion
        POST submitting.suggestion
        GET submitting.withdrawal
        POST submitting.withdrawal
        GET submitting.write
        POST submitting.write
        """,
        ITS_LEADER,
    ),
    **_all(
        """
        GET moderating.queue
        POST moderating.letters
        GET moderating.shelf
        GET moderating.steps
        GET moderating.story
        GET moderating.comparison
        POST moderating.decide
        GET moderating.words
        POST moderating.words
        POST moderating.take_suggestion_back
        GET moderating.correction
        POST moderating.correction
        """,
        MODERATORS,
    ),
    **_all(
        """
        GET teaching.my_guides
        GET teaching.new_guide
        POST teaching.begin_guide
        """,
        EDUCATORS,
    ),
    **_all(
        """
        GET teaching.my_guide
        GET teaching.guide_wording
        POST teaching.save_guide
        POST teaching.publish_guide
        POST teaching.take_back_guide
        """,
        ITS_EDUCATOR,
    ),
    **_all(
        """
        GET stewarding.shelf
        GET stewarding.new
        POST stewarding.new
        GET stewarding.one
        POST stewarding.one
        GET stewarding.in_vain
        GET stewarding.state
        GET stewarding.people
        POST stewarding.invite
        GET stewarding.person
        POST stewarding.roles
        POST stewarding.details
        POST stewarding.invitation
        POST stewarding.closure
        POST stewarding.reopening
        POST stewarding.remove_second_factor
        GET stewarding.events
        POST stewarding.export_events
        GET stewarding.letters
        POST stewarding.try_letters
        POST stewarding.try_letter
        POST stewarding.remove_letter
        """,
        STEWARDS,
    ),
}


@dataclass
class World:
    """People of every role, and one of everything that an address can name."""

    accounts: dict[str, Account]
    story: Story
    guide: Guide
    passkey: int  # the leader's
    letters: Sequence[int]  # one for each route: whatever is done with one, it is gone

    def address(self, app: Flask, rule: Rule) -> str:
        """A real address for a rule."""
        values = {
            "locale": "en", "slug": self._slug(rule), "story_id": self.story.id, "guide_id": self.guide.id,
            "session_id": 1, "number": 1,
            "account_id": self.accounts["invited" if rule.endpoint.endswith(".invitation") else "educator"].id,
            "token": "not-a-token", "filename": "css/base.css",
            "rest": "nothing-here", "passkey_id": self.passkey,
            "letter_id": self.letters["try" in rule.endpoint], "noun": "review", "kind": "themes",
        }  # fmt: skip
        needed = {name: values[name] for name in rule.arguments}
        path = app.url_map.bind("localhost").build(rule.endpoint, needed)
        return path if rule.arguments else rule.rule

    def _slug(self, rule: Rule) -> str:
        if "theme" in rule.endpoint or rule.endpoint == "stewarding.one":
            return self.story.published_revision.themes[0].slug
        if "organisation" in rule.endpoint:
            return self.story.published_revision.organisation.slug
        return self.guide.slug if "guide" in rule.endpoint or "sheet" in rule.endpoint else self.story.slug


@pytest.fixture
def world(app: Flask, site: Session) -> World:
    return build_world(app, site)


def build_world(app: Flask, site: Session) -> World:
    """People of every role, and one of everything; needs the app's context."""
    roles = {
        "leader": Role.LEADER, "another leader": Role.LEADER, "educator": Role.EDUCATOR,
        "moderator": Role.MODERATOR, "steward": Role.STEWARD,
    }  # fmt: skip
    people = {who: make.person(site, role) for who, role in roles.items()}
    accounts = {who: account(site, person) for who, person in people.items()}
    accounts["invited"] = account(site, make.person(site, Role.STEWARD))
    accounts["invited"].password = None
    story = make.published(site, by=people["leader"], themes=(make.theme(site),), organisation=make.organisation(site))
    plan = guides.GuidePlan(
        title="An Hour", language="en", help_note="Call a friend.",
        phases=(guides.PhasePlan("Talk", steps=(guides.StepPlan("Begin", 10),)),),
    )  # fmt: skip
    guide = guides.draft(site, plan, by=people["educator"], at=make.NOW)
    guides.publish(guide, by=people["educator"], at=make.NOW)
    passkey = pages.add_passkey(accounts["leader"])
    for who in ("leader", "educator"):
        compose.send(accounts[who], Kind.PASSWORD_CHOSEN, link="http://site.example/")
    for letter in site.scalars(select(Letter)):
        letter.begin(now())  # tried a moment ago: no other letter takes it along
    site.commit()
    sync.catch_up(site, app.extensions["engine"])
    return World(accounts, story, guide, passkey.id, site.scalars(select(Letter.id)).all())


def test_every_route_is_in_the_grid(app: Flask) -> None:
    assert {name for name, _ in routes(app)} == set(GRID)


def routes(app: Flask) -> list[tuple[str, Rule]]:
    """Every route by its name here, `GET reading.story`, with its rule."""
    return sorted(
        ((f"{method} {rule.endpoint}", rule) for rule in app.url_map.iter_rules() for method in rule.methods & METHODS),
        key=lambda route: (route[0] in LAST, route[0], route[1].rule),
    )


LAST = {"POST account.closure", "POST security.logout"}  # after these nobody is let in
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


@pytest.mark.parametrize("who", WHO)
def test_who_may_come_in(app: Flask, world: World, who: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = False  # tokens have a test of their own, below
    told = {}
    for name, rule in routes(app):
        client = app.test_client()
        if who != "anonymous":
            sign_in(client, world.accounts[who])
        told[f"{name} {rule.rule}"] = _answer(client, name, world.address(app, rule))

    assert told == {f"{name} {rule.rule}": GRID[name][WHO.index(who)] for name, rule in routes(app)}


def _answer(client: FlaskClient, name: str, address: str) -> str:
    answer = client.get(address) if name.startswith("GET") else client.post(address)
    answer.close()
    assert answer.status_code < 500, (name, answer.status_code)
    location = answer.headers.get("Location", "")
    if answer.status_code == 401 or (answer.status_code == 302 and "/account/sign-in?next=" in location):
        return "sign in"
    return str(answer.status_code) if answer.status_code in {403, 404} else "in"


@pytest.mark.parametrize("who", WHO)
def test_no_form_is_taken_without_its_token(app: Flask, world: World, who: str) -> None:
    told = {}
    for name, rule in routes(app):
        if not name.startswith("GET"):
            client = app.test_client()
            if who != "anonymous":
                sign_in(client, world.accounts[who])
            told[name] = client.post(world.address(app, rule), data={"title": "typed"}).status_code

    refused = {name: 401 if who == "anonymous" and GRID[name][0] == "sign in" else 400 for name in told}
    assert told == refused


# What takes more than an open screen. Every form that is sent from behind the gate stands here or below.
ASKS_FOR_THE_PASSWORD = {
    "POST submitting.withdrawal",  # that destroys words
    "POST stewarding.invite",
    "POST stewarding.invitation",
    "POST stewarding.roles",
    "POST stewarding.details",
    "POST account.address",
    "POST account.download",
    "POST account.closure",
    "POST account.deletion",
    "POST account.new_password",
    "POST stewarding.closure",
    "POST stewarding.reopening",
    "POST stewarding.remove_second_factor",
    "POST account.new_app",
    "POST account.remove_app",
    "POST account.new_passkey",
    "POST account.remove_passkey",
    "POST account.recovery_codes",
}
TAKES_AN_OPEN_SCREEN = _all(
    """
    POST security.verify
    POST account.profile
    POST account.end_session
    POST account.end_sessions
    POST submitting.new_story
    POST submitting.recall
    POST submitting.revision
    POST submitting.confirmation
    POST submitting.consent
    POST submitting.submission
    POST submitting.suggestion
    POST submitting.write
    POST moderating.letters
    POST moderating.decide
    POST moderating.words
    POST moderating.take_suggestion_back
    POST moderating.correction
    POST teaching.begin_guide
    POST teaching.save_guide
    POST teaching.publish_guide
    POST teaching.take_back_guide
    POST stewarding.new
    POST stewarding.one
    POST stewarding.try_letters
    POST stewarding.try_letter
    POST stewarding.remove_letter
    POST stewarding.export_events
    """,
    (),
)


def test_what_takes_more_than_an_open_screen_asks_for_the_password_again(app: Flask, world: World) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    chosen = {"name": "Ana", "email": "ana@example.org", "roles": "steward", "language": "en", "scope": "delete"}
    asked = {}
    for name, rule in routes(app):
        if name.startswith("POST") and GRID[name] is not OPEN:
            client = app.test_client()
            sign_in(client, world.accounts[WHO[GRID[name].index("in")]], ago=timedelta(minutes=11))
            answer = client.post(world.address(app, rule), data=chosen)
            is_led = answer.status_code == 303 and answer.location.startswith("/en/account/verify?next=")
            asked[name] = is_led or (answer.status_code == 422 and 'name="current_password"' in answer.text)
            answer.close()

    assert asked == {
        **dict.fromkeys(ASKS_FOR_THE_PASSWORD, True),
        **dict.fromkeys(TAKES_AN_OPEN_SCREEN, False),
    }


def test_a_published_story_that_is_not_public_is_nobodys_to_open(client: FlaskClient, site: Session) -> None:
    story = make.story_in(site, State.APPROVED)
    site.commit()

    assert client.get(f"/en/stories/{story.slug}").status_code == 404


# --- where a second factor is demanded


@pytest.mark.parametrize("who", ["leader", "educator", "moderator", "steward"])
def test_where_a_second_factor_is_demanded_moderators_and_stewards_get_no_further_than_their_account(
    settings: Settings, make_app: Callable[[Settings], Flask], who: str
) -> None:
    app = make_app(replace(settings, second_factor="demanded"))
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        world = build_world(app, db.session)
        told = {}
        for name, rule in guarded(app):
            client = app.test_client()
            sign_in(client, world.accounts[who])
            told[name] = _answer_on_the_way(client, name, world.address(app, rule))

    is_led = who in {"moderator", "steward"}
    assert {name for name, answer in told.items() if answer == "set up"} == (set(told) if is_led else set())


def guarded(app: Flask) -> list[tuple[str, Rule]]:
    """Every page that asks who somebody is, but those of their own account."""
    return [
        (name, rule)
        for name, rule in routes(app)
        if GRID[name][0] == "sign in" and rule.endpoint.partition(".")[0] not in OWN_ACCOUNT
    ]


def _answer_on_the_way(client: FlaskClient, name: str, address: str) -> str:
    answer = client.get(address) if name.startswith("GET") else client.post(address, data={"title": "typed"})
    answer.close()
    if answer.status_code == 303 and answer.location == "/en/account/second-factor":
        return "set up"
    return "set up" if answer.status_code == 428 else "in"
