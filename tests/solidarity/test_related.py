"""What stands beside stories is worked out beforehand: the page shows the same, and nothing outlasts a withdrawal."""

from __future__ import annotations

import html

import factories as make
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from solidarity import related, search_engine
from solidarity.web.db import db
from stories import changes, editorial, queries
from stories.models import Story

TEXT = "The harbour bell rang for the fishermen. Marigold quilts hung over the railing."


@pytest.fixture
def three(site: Session) -> list[Story]:
    """Three stories that share words; others have none of them."""
    stories = [make.published(site, title=title, typed=TEXT) for title in ("Bell", "Lantern", "Railing")]
    for number in range(12):
        make.published(site, title=f"Elsewhere {number}", typed="Nothing of the kind.")
    site.commit()
    search_engine.catch_up()
    return stories


def page(client: FlaskClient, story: Story) -> str:
    return html.unescape(client.get(f"/en/stories/{story.slug}").text)


def until_idle(app: Flask) -> int:
    """Run rounds of the loop until one has nothing to do; returns how many there were."""
    rounds = 0
    with app.app_context():
        while related.work_out_due():
            rounds += 1
            assert rounds < 20, "something is due for ever"
    return rounds


def test_the_page_shows_the_same_before_and_after(
    app: Flask, client: FlaskClient, site: Session, three: list[Story]
) -> None:
    before = [page(client, story) for story in three]
    state = changes.newest(site)
    assert until_idle(app) > 0
    site.rollback()

    assert [page(client, story) for story in three] == before
    assert f"/en/stories/{three[1].slug}" in before[0]
    assert "Words in both" in before[0]
    assert changes.newest(site) == state, "no page was made anew"


def test_a_withdrawn_story_and_its_words_are_gone_from_beside_others_at_once(
    app: Flask, client: FlaskClient, site: Session, three: list[Story]
) -> None:
    until_idle(app)
    bell, lantern, railing = three
    for story in (lantern, railing):
        editorial.withdraw(story, editorial.Scope.HIDE, by=story.submitter, at=make.NOW)
    site.commit()

    found = page(client, bell)
    assert "Lantern" not in found
    assert "Words in both: <bdi>harbour" not in found


def test_a_new_story_comes_to_stand_beside_those_near_to_it(
    app: Flask, client: FlaskClient, site: Session, three: list[Story]
) -> None:
    until_idle(app)
    editorial.withdraw(three[2], editorial.Scope.HIDE, by=three[2].submitter, at=make.NOW)
    new = make.published(site, title="Marigold", typed=TEXT)
    site.commit()
    search_engine.catch_up()
    until_idle(app)
    site.rollback()

    assert f"/en/stories/{new.slug}" in page(client, three[0])
    assert queries.related_due(site, 10) == []


def test_a_round_with_nothing_to_do_asks_one_question(app: Flask, three: list[Story]) -> None:
    assert three
    until_idle(app)
    sent: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda _c, _k, asked, *_: sent.append(asked))
    with app.app_context():
        related.work_out_due()

    assert len([asked for asked in sent if asked.startswith("SELECT")]) == 1, sent


def test_what_was_found_in_an_older_state_is_not_kept(site: Session, three: list[Story]) -> None:
    state, due = changes.newest(site), queries.related_due(site, 20)
    editorial.withdraw(three[1], editorial.Scope.HIDE, by=three[1].submitter, at=make.NOW)
    site.commit()

    assert related.work_out(site, due, state) is False
    assert len(queries.related_due(site, 20)) == len(due) - 1
