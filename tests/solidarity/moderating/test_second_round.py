"""What a moderator sees of a story that was read before: what is new, what was asked for, and any two wordings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import factories as make
import pages
import pytest
from fields import fields, words
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from stories import consent, editorial
from stories.models import Person, Purpose, Role, Story
from stories.queries import review_queue
from stories.workflow import State

NOTE = "Please say in which year it was."


def at_desk(story: Story, part: str = "") -> str:
    return f"/en/moderating/stories/{story.id}{part}"


@pytest.fixture
def reader(site: Session) -> Person:
    """The moderator of the first round."""
    return make.person(site, Role.MODERATOR, name="Rita Reader")


@pytest.fixture
def again(site: Session, reader: Person) -> Story:
    """A story that was sent again after changes were asked for: “Two” became “It was in 1961”; drafts lie between."""
    story = make.story_in(site, State.IN_REVIEW, moderator=reader, typed="One.\n\nTwo.")
    author = story.submitter
    editorial.request_changes(story, by=reader, at=make.NOW, revision_id=story.own_revision.id, note=NOTE)
    editorial.revise(story, by=author, at=make.NOW)
    for typed in ("One.\n\nHalf a thought.", "One.\n\nIt was in 1961."):
        seen = story.own_revision.id
        editorial.write(story, make.words(typed=typed), by=author, at=make.NOW, revision_id=seen)
    editorial.submit(story, by=author, at=make.NOW, revision_id=story.own_revision.id)
    site.commit()
    return story


def test_what_is_new_since_the_wording_that_was_read_is_shown_with_the_request_it_answers(
    client: FlaskClient, mo: Person, again: Story
) -> None:
    page = client.get(at_desk(again))
    new = page.text.partition("What is new since a moderator last read it")[2].partition("</details>")[0]

    assert ("1961" in new, "Two" in new, "Half" in new) == (True, True, False)
    assert NOTE in page.text.partition("What was asked for before")[2].partition("</div>")[0]


def test_in_the_first_round_nothing_is_new(client: FlaskClient, site: Session, mo: Person) -> None:
    story = make.story_in(site, State.IN_REVIEW, moderator=mo)
    site.commit()
    page = words(client.get(at_desk(story)))

    assert "What is new since a moderator last read it" not in page
    assert "What was asked for before" not in page


def test_the_queue_marks_what_was_sent_again(client: FlaskClient, site: Session, mo: Person, again: Story) -> None:
    make.story_in(site, State.SUBMITTED, title="The first time")
    site.commit()

    assert words(client.get("/en/moderating")).count("Sent again.") == 1


@pytest.mark.parametrize("way", ["sent again", "put back"])
def test_what_is_sent_again_or_put_back_keeps_its_place_in_line(site: Session, reader: Person, way: str) -> None:
    first = make.story_in(site, State.SUBMITTED)
    other = make.draft(site)
    make.agree(other)
    at = make.NOW + timedelta(hours=1)
    editorial.submit(other, by=other.submitter, at=at, revision_id=other.own_revision.id)
    later: dict[str, Any] = {"at": make.NOW + timedelta(hours=2)}
    editorial.begin_review(first, by=reader, **later)
    if way == "put back":
        editorial.release(first, by=reader, **later)
    else:
        seen = first.own_revision.id
        editorial.request_changes(first, by=reader, revision_id=seen, note=NOTE, **later)
        editorial.revise(first, by=first.submitter, **later)
        editorial.submit(first, by=first.submitter, revision_id=seen, **later)
    page = review_queue.submissions(site, review_queue.QueueFilter(), reader)

    assert [submission.story for submission in page.rows] == [first, other]


# --- any two wordings


def compared(client: FlaskClient, story: Story, **numbers: int) -> str:
    return words(client.get(at_desk(story, "/comparison"), query_string=numbers))


def test_any_two_revisions_are_compared(client: FlaskClient, mo: Person, again: Story) -> None:
    forwards = client.get(at_desk(again, "/comparison?old=1&new=3")).text
    backwards = client.get(at_desk(again, "/comparison?old=3&new=1")).text

    assert forwards.partition("[taken out:]")[2].partition("</del>")[0].endswith("Two")
    assert backwards.partition("[put in:]")[2].partition("</ins>")[0].endswith("Two")
    assert "Nothing differs between them" in compared(client, again, old=1, new=1)


def test_without_numbers_the_last_two_are_compared(client: FlaskClient, mo: Person, again: Story) -> None:
    chosen = fields(client.get(at_desk(again, "/comparison")))

    assert (chosen["old"], chosen["new"]) == (["1"], ["3"])


def test_a_draft_is_neither_offered_nor_compared(client: FlaskClient, mo: Person, again: Story) -> None:
    page = client.get(at_desk(again, "/comparison?old=2&new=2"))

    assert "Half a thought" not in page.text
    assert 'value="2"' not in page.text


def test_of_a_story_that_was_withdrawn_nothing_is_compared(
    client: FlaskClient, site: Session, mo: Person, again: Story
) -> None:
    editorial.withdraw(again, editorial.Scope.HIDE, by=again.submitter, at=make.NOW)
    site.commit()

    assert client.get(at_desk(again, "/comparison")).status_code == 404


# --- a suggestion, and the moderator who made it


@pytest.fixture
def suggested(site: Session, mo: Person) -> Story:
    story = make.story_in(site, State.IN_REVIEW, moderator=mo)
    editorial.amend(story, make.words(title="Water"), by=mo, at=make.NOW, revision_id=story.own_revision.id)
    site.commit()
    return story


def test_a_moderator_takes_a_suggestion_back(client: FlaskClient, site: Session, suggested: Story) -> None:
    where, seen = at_desk(suggested), suggested.newest_revision.id
    answer = pages.send(client, where, f"{where}/words/removal", revision=str(seen))
    site.rollback()

    assert (answer.status_code, answer.location) == (303, where)
    assert (suggested.submissions[-1].suggestion, suggested.own_revision.title) == (None, "The Water We Carried")
    page = client.get(where)
    assert "Your suggestion is taken back." in words(page)
    assert f"{where}/approval" in page.text


def test_a_suggestion_that_is_another_by_now_is_not_taken_back(
    client: FlaskClient, site: Session, mo: Person, suggested: Story
) -> None:
    where, seen = at_desk(suggested), suggested.newest_revision.id
    newer = editorial.amend(suggested, make.words(title="Well"), by=mo, at=make.NOW, revision_id=seen)
    site.commit()
    pages.send(client, where, f"{where}/words/removal", revision=str(seen))
    site.rollback()

    assert suggested.submissions[-1].suggestion is newer
    assert "Your suggestion is taken back." not in words(client.get(where))


# --- approved, and no reader sees it


@pytest.fixture
def lani(site: Session) -> Person:
    """A leader with an account."""
    person = make.person(site, Role.LEADER, name="Lani Kekoa")
    pages.account(site, person, "lani@example.org")
    return person


def decide(client: FlaskClient, story: Story, noun: str) -> str:
    where, seen = at_desk(story), str(story.own_revision.id)
    return words(client.post(
        f"{where}/{noun}", follow_redirects=True,
        data={"csrf_token": pages.token(client, where), "revision": seen, "when": "now"},
    ))  # fmt: skip


def test_approving_new_words_of_a_story_that_is_taken_down_tells_nobody_that_it_is_public(
    app: Flask, client: FlaskClient, site: Session, mo: Person, lani: Person
) -> None:
    story = make.published(site, by=lani)
    editorial.revise(story, by=lani, at=make.NOW)
    editorial.submit(story, by=lani, at=make.NOW, revision_id=story.own_revision.id)
    editorial.unpublish(story, by=mo, at=make.NOW, note="A name has to go first.")
    editorial.begin_review(story, by=mo, at=make.NOW)
    site.commit()
    page = decide(client, story, "approval")
    site.rollback()
    [letter] = pages.letters(app)

    assert not story.is_readable
    assert "Readers do not see the story just now" in page
    assert "The story is approved." not in page
    assert "Readers do not see the story just now" in pages.text_of(letter)
    assert "can read it" not in pages.text_of(letter)


def test_a_scheduled_story_without_consent_says_so_to_moderators(
    client: FlaskClient, site: Session, mo: Person, lani: Person
) -> None:
    story = make.story_in(site, State.APPROVED, by=lani, moderator=mo)
    site.commit()
    before = words(client.get(at_desk(story)))
    consent.record(story, {Purpose.PUBLISH: False}, consent.Circumstances("en"), by=lani, at=make.NOW)
    site.commit()

    said = "The consent to publish was taken back after the approval."
    assert (said in before, said in words(client.get(at_desk(story)))) == (False, True)
