from __future__ import annotations

from pathlib import Path
from typing import Any

import factories as make
import pages
import pytest
from fields import fields, words
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from stories import consent, editorial
from stories.models import Method, Naming, Person, Purpose, Role, Story
from stories.workflow import State

AGREED = {
    "publish": "y",
    "name": "y",
    "quote": "y",
    "method": "read_aloud",
    "language": "km",
    "asked_by": "Sokha Chea",
    "teach_back": "Everybody on the internet.",
}


@pytest.fixture
def draft(site: Session, leader: Person) -> Story:
    story = make.draft(site, by=leader)
    site.commit()
    return story


def at(story: Story, part: str = "submission") -> str:
    return f"/en/my/stories/{story.id}/{part}".rstrip("/")


def send(client: FlaskClient, story: Story, **changes: Any) -> Any:
    given = {"revision_id": str(story.newest_revision.id)} | AGREED | changes
    return pages.send(client, at(story, "consent"), at(story), **{k: v for k, v in given.items() if v is not None})


def state_of(site: Session, story: Story) -> State:
    site.rollback()
    return story.submissions[-1].state


def test_no_purpose_is_answered_beforehand(client: FlaskClient, draft: Story) -> None:
    asked = fields(client.get(at(draft)))
    assert {name: asked[name] for name in AGREED if name in asked} == {
        "language": ["en"], "asked_by": [""], "teach_back": [""],
    }  # fmt: skip


def test_sending_records_each_answer_with_how_it_was_asked(site: Session, client: FlaskClient, draft: Story) -> None:
    assert send(client, draft).location == at(draft, "")
    assert state_of(site, draft) is State.SUBMITTED
    assert consent.answers_of(draft) == {
        Purpose.PUBLISH: True, Purpose.NAME: True, Purpose.TRANSLATE: False, Purpose.USE_IN_GUIDES: False,
        Purpose.QUOTE: True,
    }  # fmt: skip
    event = consent.ledger_of(draft)[0]
    assert (event.method, event.language, event.evidence, event.text_version) == (
        Method.READ_ALOUD, "km", "“Everybody on the internet.”\nSokha Chea", consent.TEXT_VERSION,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"publish": None}, "Without this yes the story cannot be sent"),
        ({"name": None}, "choose to stay anonymous"),
        ({"method": None}, "Please choose one of these"),
        ({"asked_by": " "}, "Please say who"),
        ({"teach_back": ""}, "Please write one sentence"),
        ({"teach_back": "x" * 501}, "1 characters too long: 500 fit here"),
    ],
)
def test_what_is_missing_is_said_and_every_answer_kept(
    site: Session, client: FlaskClient, draft: Story, changes: dict[str, Any], said: str
) -> None:
    answer = send(client, draft, **changes)
    assert answer.status_code == 422
    assert said in words(answer)
    expected = {name: [value] for name, value in (AGREED | changes).items() if value is not None}
    kept = fields(answer)
    assert {name: kept[name] for name in AGREED if name in kept} == expected
    assert (state_of(site, draft), consent.ledger_of(draft)) == (State.DRAFT, [])


def test_an_anonymous_story_is_not_asked_about_a_name(site: Session, client: FlaskClient, leader: Person) -> None:
    story = make.draft(site, by=leader, teller_naming=Naming.ANONYMOUS)
    site.commit()
    assert "Show the name" not in words(client.get(at(story)))
    send(client, story, name=None)
    assert (state_of(site, story), Purpose.NAME in consent.answers_of(story)) == (State.SUBMITTED, False)


def test_a_story_without_words_or_name_is_not_sent(site: Session, client: FlaskClient, leader: Person) -> None:
    story = make.draft(site, by=leader, body="", teller_name="")
    site.commit()
    answer = send(client, story)
    assert answer.status_code == 422
    assert "The story itself is still empty." in words(answer)
    assert "There is no name yet." in words(answer)


def test_a_double_click_sends_once_and_leads_to_where_it_stands(
    site: Session, client: FlaskClient, draft: Story
) -> None:
    answers = [send(client, draft) for _ in range(2)]
    assert [(answer.status_code, answer.location) for answer in answers] == [(303, at(draft, ""))] * 2
    assert "Nothing was sent twice." in words(client.get(at(draft, "")))
    site.rollback()
    assert len(draft.transitions) == 1


def test_words_that_changed_since_are_not_sent_unseen(
    site: Session, client: FlaskClient, draft: Story, leader: Person
) -> None:
    seen = draft.newest_revision.id
    editorial.write(draft, make.words(title="Newer"), by=leader, at=make.NOW, revision_id=seen)
    site.commit()
    answer = send(client, draft, revision_id=str(seen))
    assert (answer.status_code, fields(answer)["teach_back"]) == (409, ["Everybody on the internet."])
    assert fields(answer)["revision_id"] == [str(draft.newest_revision.id)]
    assert (state_of(site, draft), consent.ledger_of(draft)) == (State.DRAFT, [])


def test_sent_again_after_changes_nothing_is_asked_twice(site: Session, client: FlaskClient, leader: Person) -> None:
    story = make.story_in(site, State.CHANGES_REQUESTED, by=leader)
    consent.record(story, {Purpose.NAME: True}, consent.Circumstances("en"), by=leader, at=make.NOW)
    editorial.revise(story, by=leader, at=make.NOW)
    site.commit()
    assert "publish" not in fields(client.get(at(story)))
    pages.send(client, at(story), revision_id=str(story.newest_revision.id))
    assert state_of(site, story) is State.SUBMITTED


def test_a_name_that_was_added_later_is_asked_about(site: Session, client: FlaskClient, leader: Person) -> None:
    story = make.story_in(site, State.CHANGES_REQUESTED, by=leader, teller_naming=Naming.ANONYMOUS)
    editorial.revise(story, by=leader, at=make.NOW)
    seen = story.newest_revision.id
    editorial.write(story, make.words(), by=leader, at=make.NOW, revision_id=seen)
    site.commit()
    asked = fields(client.get(at(story)))
    assert ("name" in asked, asked["publish"]) == (False, ["y"])
    assert "choose to stay anonymous" in words(send(client, story, name=None))


def test_a_story_can_be_taken_back_before_it_is_read(site: Session, client: FlaskClient, leader: Person) -> None:
    story = make.story_in(site, State.SUBMITTED, by=leader)
    site.commit()
    for _ in range(2):
        assert pages.send(client, at(story, ""), at(story, "recall")).status_code == 303
    assert state_of(site, story) is State.DRAFT


def test_a_story_that_is_being_read_cannot_be_taken_back(site: Session, client: FlaskClient, leader: Person) -> None:
    story = make.story_in(site, State.IN_REVIEW, by=leader)
    site.commit()
    assert pages.send(client, at(story, "consent"), at(story, "recall")).status_code == 409


def test_a_leader_who_also_moderates_sends_like_any_other(site: Session, client: FlaskClient, leader: Person) -> None:
    leader.grant(Role.MODERATOR)
    story = make.draft(site, by=leader)
    site.commit()
    send(client, story)
    assert state_of(site, story) is State.SUBMITTED


def test_the_preview_shows_the_story_by_the_macro_of_the_public_page(client: FlaskClient, draft: Story) -> None:
    page = client.get(at(draft, "preview")).text
    assert "<p>Nobody asked whose turn it was.</p>" in page
    assert "Told by" in page


def test_moderators_get_a_letter_when_a_story_is_sent(
    app: Flask, site: Session, client: FlaskClient, draft: Story
) -> None:
    pages.account(site, make.person(site, Role.MODERATOR), "mo@example.org")
    site.commit()
    send(client, draft)
    [letter] = (Path(app.config["SETTINGS"].instance_path) / "mail").glob("*.eml")
    assert "Subject: A story waits to be read" in letter.read_text()


URDU = "ہم نے ساتھ مل کر پانی اٹھایا اور کسی نے نہیں پوچھا کہ باری کس کی ہے۔ ہم ہنستے رہے اور گاتے رہے۔"


def test_a_text_in_another_language_is_asked_about_and_not_stopped(
    site: Session, client: FlaskClient, leader: Person
) -> None:
    story = make.draft(site, by=leader, typed=URDU, title="پانی")
    site.commit()

    page = client.get(at(story))
    assert "You chose English; this looks like اردو." in words(page)
    assert f"/en/my/stories/{story.id}/words#language" in page.text
    assert send(client, story).location == at(story, "")


def test_a_text_in_the_chosen_language_is_not_asked_about(site: Session, client: FlaskClient, leader: Person) -> None:
    story = make.draft(site, by=leader, typed=URDU, title="پانی", language="ur")
    site.commit()

    assert "this looks like" not in words(client.get(at(story)))


def test_where_the_language_can_no_longer_be_changed_it_is_not_asked_about(
    site: Session, client: FlaskClient, leader: Person
) -> None:
    story = make.draft(site, by=leader, typed=URDU)
    site.commit()
    send(client, story)
    pages.send(client, at(story, "consent"), at(story, "recall"))

    assert state_of(site, story) is State.DRAFT
    assert "this looks like" not in words(client.get(at(story)))
