"""A page costs the same on a site of any size: no more statements for a thousand rows than for a few, and no scan."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import factories as make
import pages
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, func, insert, select
from sqlalchemy.orm import Session

from index import sync
from solidarity.web.db import db
from stories import guides
from stories.models import Change, Guide, Revision, Role, Story, Submission, Theme
from stories.models.guides import guide_themes
from stories.models.stories import Naming, revision_themes
from stories.workflow import State, Visibility

LARGE = {"stories", "revisions", "submissions", "changes", "revision_themes"}  # what is made to grow here
REASONS = {  # what may look through one of them, by how such a statement begins
    "SELECT revision_themes.theme_id, count(*)": "counted once for a state of the site, and remembered",
    "SELECT themes.id, themes.slug, themes.name, themes.names, themes.about, themes.abouts, anon_1.stories": "the same",
    "SELECT stories.language, count(*)": "the same",
    "SELECT count(*) AS count_1 \nFROM (SELECT submissions.id": "what is open, of all piles: rows of a few numbers",
    "SELECT submissions.id": "a page of all piles at once is put in order from these",
}
ARGUMENTS = {"locale"}
NOT_PAGES = {
    "static",
    "front_door",
    "retired_locale",
    "api.unknown",
    "account.my_data",
}  # the last grows with its owner


@dataclass
class Crowd:
    """A site that can be made to grow, with somebody of each role signed in."""

    site: Session
    clients: dict[str, FlaskClient]
    leader: int
    moderator: int
    theme: int
    organisation: int
    guide: int

    def grow(self, public: int, waiting: int, guide_count: int) -> None:
        """Write rows until there are so many; small ones, for it is their number that counts."""
        self._stories(public - self._count(Story.visibility == Visibility.PUBLIC), State.PUBLISHED)
        self._stories(waiting - self._count(Submission.state == State.SUBMITTED), State.SUBMITTED)
        self._guides(guide_count - self._count(Guide.published_at.is_not(None)))
        self.site.commit()
        sync.catch_up(self.site, self.clients["steward"].application.extensions["engine"])

    def _count(self, condition: Any) -> int:
        return self.site.scalar(select(func.count()).where(condition)) or 0

    def _stories(self, count: int, state: State) -> None:
        if count <= 0:
            return
        first = {model: 1 + (self.site.scalar(func.max(model.id)) or 0) for model in (Story, Revision)}
        public = state is State.PUBLISHED
        stories, revisions = [], []
        for number in range(count):
            at = make.NOW + timedelta(minutes=first[Story] + number)
            stories.append({
                "id": first[Story] + number, "slug": f"crowd-{first[Story] + number}", "language": "en",
                "submitter_id": self.leader, "visibility": Visibility.PUBLIC if public else Visibility.PRIVATE,
                "consented": True, "published_at": at if public else None, "changed_at": at, "created_at": at,
            })  # fmt: skip
            revisions.append({
                "id": first[Revision] + number, "story_id": first[Story] + number, "number": 1,
                "title": f"Rice number {first[Story] + number}", "body": "<p>We cooked rice together.</p>",
                "teller_naming": Naming.CHOSEN_NAME, "teller_name": "Lani", "place": f"Village {number % 7}",
                "organisation_id": self.organisation, "digest": str(first[Revision] + number),
                "written_by_id": self.leader, "written_at": at,
            })  # fmt: skip
        self.site.execute(insert(Story), stories)
        self.site.execute(insert(Revision), revisions)
        self.site.execute(
            insert(Submission),
            [{
                "story_id": row["story_id"], "revision_id": row["id"], "state": state,
                "confirmed_digest": row["digest"], "opened_at": row["written_at"], "moved_at": row["written_at"],
            } for row in revisions],
        )  # fmt: skip
        themed = [{"revision_id": row["id"], "theme_id": self.theme} for row in revisions]
        self.site.execute(insert(revision_themes), themed)
        if public:
            shown = [{"id": row["story_id"], "published_revision_id": row["id"]} for row in revisions]
            self.site.bulk_update_mappings(Story.__mapper__, shown)
            self.site.execute(insert(Change), [{"kind": "story", "subject_id": row["id"]} for row in stories])

    def _guides(self, count: int) -> None:
        for number in range(max(count, 0)):
            guide = Guide(
                slug=f"guide-{number}-{count}", language="en", author_id=self.moderator, title=f"Rice, {number}",
                minutes=60,                published_at=make.NOW, changed_at=make.NOW, created_at=make.NOW,
            )  # fmt: skip
            self.site.add(guide)
            self.site.flush()
            self.site.execute(insert(guide_themes), [{"guide_id": guide.id, "theme_id": self.theme}])

    def addresses(self, app: Flask) -> list[tuple[str, str]]:
        """Every page of the URL map that some role may open, and who: those about one thing about the same one."""
        story = self.site.scalars(
            select(Story).where(Story.published_revision_id.is_not(None)).order_by(Story.id)
        ).first()
        waiting = self.site.scalars(select(Submission.story_id).where(Submission.state == State.SUBMITTED)).first()
        theme, guide = self.site.get_one(Theme, self.theme), self.site.get_one(Guide, self.guide)
        plain = [
            rule.endpoint
            for rule in app.url_map.iter_rules()
            if "GET" in (rule.methods or ()) and rule.arguments <= ARGUMENTS and rule.endpoint not in NOT_PAGES
        ]
        build = app.url_map.bind("localhost").build
        found = [(who, build(name, {"locale": "en"})) for name in dict.fromkeys(plain) for who in self.clients]
        found += [
            ("reader", f"/en/{path}")
            for path in (f"stories/{story.slug}", f"themes/{theme.slug}", "organisations/harbor",
                         f"guides/{guide.slug}", "search?q=rice", "stories?theme=labour",
                         "search?q=ryce")
        ]  # fmt: skip
        found += [
            ("reader", f"/api/v1/{path}") for path in (f"stories/{story.slug}", f"guides/{guide.slug}", "search?q=rice")
        ]
        found += [("reader", "/sitemap-stories-1.xml")]
        found += [("moderator", f"/en/moderating/stories/{waiting}"), ("moderator", "/en/moderating?show=all")]
        found += [("leader", f"/en/my/stories/{waiting}"), ("leader", f"/en/my/stories/{story.id}/consent")]
        return found


@pytest.fixture
def crowd(app: Flask, site: Session) -> Crowd:
    roles = {"leader": Role.LEADER, "moderator": Role.MODERATOR, "educator": Role.EDUCATOR, "steward": Role.STEWARD}
    people = {who: make.person(site, role, name=who) for who, role in roles.items()}
    theme, harbor = make.theme(site, "Labour", "labour"), make.organisation(site, "Harbor", "harbor")
    story = make.published(site, by=people["leader"], themes=(theme,), organisation=harbor, typed="Rice and people.")
    make.published(site, by=people["leader"], themes=(theme,), organisation=harbor, original=story, language="vi")
    phases = (guides.PhasePlan("Open", steps=(guides.StepPlan("Welcome", 5),)),)
    plan = guides.GuidePlan("An Hour", "en", phases=phases, stories=(story,), themes=(theme,), help_note="Rest.")
    guide = guides.draft(site, plan, by=people["educator"], at=make.NOW)
    guides.publish(guide, by=people["educator"], at=make.NOW)
    site.commit()
    numbers = people["leader"].id, people["moderator"].id, theme.id, harbor.id, guide.id
    clients = {"reader": app.test_client()}
    for who, person in people.items():
        clients[who] = app.test_client()
        pages.signed_in(site, clients[who], person)
    return Crowd(site, clients, *numbers)


@contextmanager
def asked(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    """Every statement that is sent meanwhile, with its values."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        sent.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def statements(crowd: Crowd, engine: Engine, app: Flask) -> dict[tuple[str, str], list[tuple[str, Any]]]:
    """What each page asks for, what it remembers being known; opened by the first of the people who may."""
    found: dict[tuple[str, str], list[tuple[str, Any]]] = {}
    opened = set()
    for who, address in crowd.addresses(app):
        client = crowd.clients[who]
        if address in opened or client.get(address).status_code != 200:
            continue
        opened.add(address)
        with asked(engine) as sent:
            client.get(address).get_data()
        found[who, re.sub(r"\d+", "n", address)] = sent
    return found


def test_a_page_asks_as_much_of_a_thousand_rows_as_of_a_few(app: Flask, crowd: Crowd) -> None:
    counts = []
    for size in (3, 10, 1_000):
        crowd.grow(size, size, min(size, 10))
        counts.append({page: len(sent) for page, sent in statements(crowd, db.engine, app).items()})

    few, some, many = counts
    assert len(few) > 40, "the pages were asked for"
    # Fewer there may be: a search that finds little offers other ways on.
    assert {page: (few[page], some[page], many[page]) for page in many if many[page] > min(few[page], some[page])} == {}


@pytest.mark.sqlite("plans are read as SQLite writes them")
def test_no_page_looks_through_a_whole_table_without_a_reason(app: Flask, crowd: Crowd) -> None:
    crowd.grow(2_000, 200, 20)
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA analysis_limit=400")
        connection.exec_driver_sql("ANALYZE")
        connection.commit()
    cold = {}
    with asked(db.engine) as sent:  # the first time in this state: what is remembered is worked out
        for path in ("/en/", "/en/stories", "/en/themes", "/en/organisations", "/sitemap.xml", "/en/search?q=rice"):
            crowd.clients["reader"].get(path)
    cold["reader", "first"] = sent

    scans = {
        (page, statement[:160])
        for page, sent in (cold | statements(crowd, db.engine, app)).items()
        for statement, values in sent
        if statement.lstrip().upper().startswith(("SELECT", "WITH"))
        and not any(statement.startswith(reason) for reason in REASONS)
        for table in scanned(statement, values)
        if table in LARGE
    }
    assert scans == set()


def scanned(statement: str, values: Any) -> set[str]:
    """The tables that SQLite would look through for a statement, whole or all entries of an index."""
    with db.engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    names = (re.match(r"SCAN (\w+)", row[3]) for row in plan)
    real = {alias: table for table, alias in re.findall(r"\b(\w+) AS (\w+)", statement)}
    return {real.get(match[1], match[1]) for match in names if match}
