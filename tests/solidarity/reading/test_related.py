"""What stands beside a story: its guides, and the stories near it."""

from __future__ import annotations

import html

import factories as make
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from solidarity import search_engine
from solidarity.web.db import db
from stories import consent, guides
from stories.models import Guide, Purpose, Role, Story, Theme


def guide_around(session: Session, story: Story, title: str, themes: tuple[Theme, ...] = ()) -> Guide:
    educator = make.person(session, Role.EDUCATOR)
    phases = (guides.PhasePlan("Open", steps=(guides.StepPlan("Welcome", 5),)),)
    plan = guides.GuidePlan(title, "en", phases=phases, stories=(story,), themes=themes, help_note="Slow down.")
    guide = guides.draft(session, plan, by=educator, at=make.NOW)
    guides.publish(guide, by=educator, at=make.NOW)
    return guide


def page(client: FlaskClient, slug: str) -> str:
    answer = client.get(f"/en/stories/{slug}")
    assert answer.status_code == 200
    return html.unescape(answer.get_data(as_text=True))


def test_a_story_names_the_guides_built_around_it_and_the_stories_near_it(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        water = make.theme(db.session, "Clean Water", "water")
        story = make.published(db.session, title="The Net Shed", themes=(water,))
        near = make.published(db.session, title="The Canoe", themes=(water,))
        make.published(db.session, title="Далеко", typed="ничего общего")
        guide = guide_around(db.session, story, "An Hour by the Water")
        db.session.commit()
        search_engine.catch_up()
        slug, links = story.slug, (f"/en/stories/{near.slug}", f"/en/guides/{guide.slug}")

    found = page(client, slug)

    for address in links:
        assert f'href="{address}"' in found
    assert "Built around this story" in found
    assert "Both speak of: <bdi>Clean Water</bdi>" in found


def test_a_teller_who_said_no_to_guides_has_none_on_the_page(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        story = make.published(db.session)
        guide_around(db.session, story, "An Hour by the Water")
        asked = consent.Circumstances(language="en")
        consent.record(story, {Purpose.USE_IN_GUIDES: False}, asked, by=story.submitter, at=make.NOW)
        db.session.commit()
        search_engine.catch_up()
        slug = story.slug

    assert "An Hour by the Water" not in page(client, slug)


def test_a_guide_that_is_no_longer_public_is_not_named(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        story = make.published(db.session)
        guide = guide_around(db.session, story, "An Hour by the Water")
        guides.unpublish(guide, by=guide.author, at=make.NOW)
        db.session.commit()
        search_engine.catch_up()
        slug = story.slug

    assert "An Hour by the Water" not in page(client, slug)
