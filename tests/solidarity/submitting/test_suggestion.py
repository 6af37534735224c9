"""Other words that a moderator suggests, as their author meets them: shown, looked at, taken up or left."""

from __future__ import annotations

from typing import Any

import factories as make
import pages
import pytest
from fields import fields, words
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from stories import consent, editorial
from stories.models import Person, Purpose, Role, Story
from stories.text import prose
from stories.workflow import State

TYPED = "One.\n\nTwo.\n\nThree."
SUGGESTED = "A moderator suggests other words"


def suggested(site: Session, leader: Person, **changes: Any) -> Story:
    """A story of the leader's that came back with other words beside its own: a title, the first and last paragraph."""
    moderator = make.person(site, Role.MODERATOR)
    story = make.story_in(site, State.IN_REVIEW, by=leader, moderator=moderator, typed=TYPED)
    other = make.words(**{"title": "Water", "typed": "Uno.\n\nTwo.\n\nTres."} | changes)
    beside = editorial.amend(story, other, by=moderator, at=make.NOW, revision_id=story.own_revision.id)
    editorial.request_changes(story, by=moderator, at=make.NOW, revision_id=beside.id, note="Shorter, please.")
    site.commit()
    return story


@pytest.fixture
def story(site: Session, leader: Person) -> Story:
    return suggested(site, leader)


def at(story: Story, part: str = "/suggestion") -> str:
    return f"/en/my/stories/{story.id}{part}"


def take_up(client: FlaskClient, story: Story, **sent: Any) -> TestResponse:
    shown = fields(client.get(at(story)))
    seen = {name: shown[name][0] for name in ("revision_id", "suggestion_id")}
    return pages.send(client, at(story), **(seen | sent))


def own(site: Session, story: Story) -> tuple[str, str]:
    site.rollback()
    revision = story.own_revision
    return revision.title, prose.text_of(revision.body)


@pytest.mark.parametrize("part", ["", "/words"], ids=["story page", "editor"])
def test_the_author_sees_that_other_words_are_suggested(client: FlaskClient, story: Story, part: str) -> None:
    if part:
        pages.send(client, at(story, ""), at(story, "/revision"))
    page = client.get(at(story, part))

    assert SUGGESTED in words(page)
    assert f'href="{at(story)}"' in page.text


def test_what_the_author_goes_on_from_are_their_own_words(client: FlaskClient, story: Story) -> None:
    pages.send(client, at(story, ""), at(story, "/revision"))
    begun = fields(client.get(at(story, "/words")))

    assert (begun["title"], begun["body"]) == (["The Water We Carried"], [TYPED])


def test_each_difference_is_shown_with_a_box_of_its_own(client: FlaskClient, story: Story) -> None:
    page = client.get(at(story))

    assert page.text.count('type="checkbox" id=') == 3
    assert page.text.count("<del>") == page.text.count("<ins>") == 4  # one of each says what the marks mean
    assert "checked" not in page.text


def test_one_is_taken_up_and_the_others_stay_on_offer(client: FlaskClient, site: Session, story: Story) -> None:
    answer = take_up(client, story, difference="title")

    assert (answer.status_code, answer.location) == (303, at(story))
    assert own(site, story) == ("Water", "One.\nTwo.\nThree.")
    assert client.get(at(story)).text.count('type="checkbox" id=') == 2


def test_all_of_it_is_taken_up_at_once_and_the_author_writes_on(
    client: FlaskClient, site: Session, story: Story
) -> None:
    answer = take_up(client, story, all="yes")

    assert (answer.status_code, answer.location) == (303, at(story, "/words"))
    assert own(site, story) == ("Water", "Uno.\nTwo.\nTres.")
    assert SUGGESTED not in words(client.get(at(story, "")))


def test_nothing_ticked_changes_nothing_and_says_so(client: FlaskClient, site: Session, story: Story) -> None:
    answer = take_up(client, story)

    assert answer.status_code == 422
    assert "Tick what you want to take up, or go on without it." in words(answer)
    assert own(site, story) == ("The Water We Carried", "One.\nTwo.\nThree.")
    assert story.submissions[-1].state is State.CHANGES_REQUESTED


def test_a_page_that_shows_older_words_takes_nothing_up(client: FlaskClient, site: Session, story: Story) -> None:
    seen = str(story.own_revision.id)
    editorial.revise(story, by=story.submitter, at=make.NOW)
    editorial.write(story, make.words(title="Mine"), by=story.submitter, at=make.NOW, revision_id=int(seen))
    site.commit()
    answer = take_up(client, story, difference="title", revision_id=seen)

    assert answer.status_code == 409
    assert "The words changed since you opened this page." in words(answer)
    assert fields(answer)["revision_id"] == [str(story.own_revision.id)]
    assert own(site, story)[0] == "Mine"


def test_what_is_suggested_to_somebody_else_does_not_exist(client: FlaskClient, site: Session, leader: Person) -> None:
    others = suggested(site, make.person(site, Role.LEADER))

    assert client.get(at(others)).status_code == 404
    assert pages.send(client, "/en/my/stories/new", at(others), all="yes").status_code == 404
    assert own(site, others)[0] == "The Water We Carried"


@pytest.mark.parametrize("answered", ["sent again", "never suggested"])
def test_where_nothing_is_suggested_the_page_leads_to_the_story(
    client: FlaskClient, site: Session, leader: Person, answered: str
) -> None:
    if answered == "sent again":
        story = suggested(site, leader)
        editorial.revise(story, by=leader, at=make.NOW)
        editorial.submit(story, by=leader, at=make.NOW, revision_id=story.own_revision.id)
    else:
        story = make.draft(site, by=leader)
    site.commit()

    assert client.get(at(story)).location == at(story, "")


def test_a_suggestion_about_how_the_teller_is_named_is_not_offered(
    client: FlaskClient, site: Session, leader: Person
) -> None:
    named = suggested(site, leader, title="The Water We Carried", typed=TYPED, teller_name="L. K.")

    assert SUGGESTED not in words(client.get(at(named, "")))


# --- a teller who sends what the submitter wrote


@pytest.fixture
def told(site: Session, leader: Person) -> Story:
    """A draft that somebody wrote for the leader, who is its teller and wrote a word of it themselves."""
    story = make.draft(site, by=make.person(site, Role.LEADER), teller=leader, typed=TYPED)
    consent.record(
        story, {Purpose.PUBLISH: True, Purpose.NAME: True}, consent.Circumstances("en"), by=leader, at=make.NOW
    )
    site.commit()
    return story


def test_a_teller_who_sends_what_somebody_else_wrote_is_shown_all_of_it_first(client: FlaskClient, told: Story) -> None:
    page = client.get(at(told, "/submission"))

    assert "What somebody else wrote" in words(page)
    assert "<p>One.</p><p>Two.</p><p>Three.</p>" in page.text
    assert fields(page)["shown_id"] == [str(told.own_revision.id)]


def send(client: FlaskClient, story: Story, **sent: Any) -> TestResponse:
    given = {"revision_id": str(story.own_revision.id)} | sent
    return pages.send(client, at(story, "/submission"), **given)


def is_confirmed(site: Session, story: Story) -> bool:
    site.rollback()
    assert story.submissions[-1].state is State.SUBMITTED
    return story.submissions[-1].is_confirmed


def test_sending_what_was_shown_confirms_it(client: FlaskClient, site: Session, told: Story) -> None:
    send(client, told, shown_id=str(told.own_revision.id))

    assert is_confirmed(site, told)


def test_sending_what_was_not_shown_confirms_nothing(client: FlaskClient, site: Session, told: Story) -> None:
    send(client, told)

    assert not is_confirmed(site, told)


def test_what_the_submitter_changed_after_the_teller_wrote_is_shown_as_differences(
    client: FlaskClient, site: Session, told: Story, leader: Person
) -> None:
    known = told.own_revision.id
    editorial.submit(told, by=leader, at=make.NOW, revision_id=known, shown_id=known)
    editorial.recall(told, by=leader, at=make.NOW)
    other = make.words(typed=TYPED.replace("Two", "Dos"))
    editorial.write(told, other, by=told.submitter, at=make.NOW, revision_id=known)
    site.commit()
    page = client.get(at(told, "/submission"))

    assert "<del><bdi" in page.text
    assert "Dos" in words(page)
    assert "This is what readers will see." not in words(page)


def test_whoever_wrote_every_word_is_shown_nothing_to_confirm(
    client: FlaskClient, site: Session, leader: Person
) -> None:
    story = make.draft(site, by=leader)
    site.commit()
    page = client.get(at(story, "/submission"))

    assert "shown_id" not in fields(page)
    assert "What somebody else wrote" not in words(page)


# --- approved, and the consent is gone


def test_a_scheduled_story_without_consent_says_so_to_its_author(
    client: FlaskClient, site: Session, leader: Person
) -> None:
    story = make.story_in(site, State.APPROVED, by=leader)
    consent.record(story, {Purpose.PUBLISH: False}, consent.Circumstances("en"), by=leader, at=make.NOW)
    site.commit()

    assert "It is not published unless the teller says yes again." in words(client.get(at(story, "")))
