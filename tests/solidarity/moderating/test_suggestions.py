"""A moderator's own words for a story: suggested in review, or as a correction of what is public."""

from __future__ import annotations

import factories as make
import pages
import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from stories import editorial
from stories.models import Person, Role, Story
from stories.workflow import State

BODY = "We carried the water up together.\n\nNobody asked whose turn it was."


def send(client: FlaskClient, story: Story, to: str, **fields: object) -> TestResponse:
    given = {
        "revision": str(story.newest_revision.id),
        "title": "The Water",
        "body": BODY,
        "organisation": "",
        **fields,
    }
    return pages.send(client, "/en/moderating", f"/en/moderating/stories/{story.id}/{to}", **given)


def fresh(site: Session, story: Story) -> Story:
    site.rollback()
    site.expire_all()
    return story


def test_the_form_begins_with_the_words_as_they_are(client: FlaskClient, site: Session, mo: Person) -> None:
    story = make.story_in(site, State.IN_REVIEW, moderator=mo, takeaways=("One.", "Two."))
    site.commit()
    page = client.get(f"/en/moderating/stories/{story.id}/words").text
    assert 'value="The Water We Carried"' in page
    assert "Nobody asked whose turn it was." in page
    assert "One.\nTwo." in page


def test_suggested_words_are_shown_with_what_changed_and_wait_for_the_teller(
    client: FlaskClient, site: Session, mo: Person
) -> None:
    story = make.story_in(site, State.IN_REVIEW, moderator=mo)
    site.commit()
    assert send(client, story, "words").location == f"/en/moderating/stories/{story.id}"
    page = client.get(f"/en/moderating/stories/{story.id}").text
    assert fresh(site, story).newest_revision.title == "The Water"
    assert "<del>" in page
    assert "/question" in page
    assert "/approval" not in page


def test_the_name_of_the_teller_is_not_the_moderators_to_change(client: FlaskClient, site: Session, mo: Person) -> None:
    story = make.story_in(site, State.IN_REVIEW, moderator=mo)
    site.commit()
    send(client, story, "words", teller_name="Somebody Else", teller_naming="anonymous")
    assert fresh(site, story).newest_revision.shown_name == "Lani Kekoa"


def test_a_correction_asks_the_teller_while_readers_keep_the_old_words(
    client: FlaskClient, site: Session, mo: Person
) -> None:
    story = make.published(site)
    site.commit()
    assert send(client, story, "correction", note="A date was wrong.").status_code == 303
    kept = fresh(site, story)
    assert kept.submissions[-1].state is State.AWAITING_TELLER
    assert (kept.published_revision.title, kept.newest_revision.title) == ("The Water We Carried", "The Water")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"title": ""}, "Please give the story a title."),
        ({"title": "x" * 301}, "1 characters too long"),
        ({"body": "<br>" * 20_001}, "signs of markup"),
        ({"body": "<div>" * 60 + "deep"}, "nested too deeply"),
        ({"themes": "no-such-theme"}, "no longer offered"),
        ({"note": " "}, "Please tell the teller why."),
    ],
)
def test_words_that_cannot_be_taken_stay_on_the_page(
    client: FlaskClient, site: Session, mo: Person, fields: dict[str, str], said: str
) -> None:
    story = make.published(site)
    site.commit()
    answer = send(client, story, "correction", **{"note": "Because.", "introduction": "Kept words", **fields})
    assert answer.status_code == 422
    assert said in answer.text
    assert "Kept words" in answer.text
    assert len(fresh(site, story).revisions) == 1


def test_words_for_an_outdated_revision_come_back_and_can_be_sent_again(
    client: FlaskClient, site: Session, mo: Person
) -> None:
    story = make.story_in(site, State.IN_REVIEW, moderator=mo)
    seen = story.newest_revision.id
    editorial.amend(story, make.words(title="Meanwhile"), by=mo, at=make.NOW, revision_id=seen)
    site.commit()
    answer = send(client, story, "words", revision=str(seen), title="My own title")
    newest = fresh(site, story).newest_revision
    assert answer.status_code == 409
    assert "My own title" in answer.text
    assert f'value="{newest.id}"' in answer.text
    assert newest.title == "Meanwhile"


def test_a_correction_sent_twice_is_proposed_once(client: FlaskClient, site: Session, mo: Person) -> None:
    story = make.published(site)
    seen = str(story.newest_revision.id)
    site.commit()
    answers = [send(client, story, "correction", revision=seen, note="A date was wrong.") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 409]
    assert len(fresh(site, story).revisions) == 2


def test_words_for_a_story_withdrawn_meanwhile_are_given_back(client: FlaskClient, site: Session, mo: Person) -> None:
    story = make.published(site)
    seen = str(story.newest_revision.id)
    editorial.withdraw(story, editorial.Scope.DELETE, by=story.submitter, at=make.NOW)
    site.commit()
    answer = send(client, story, "correction", revision=seen, note="A date was wrong.", title="My own title")
    assert answer.status_code == 409
    assert "My own title" in answer.text


@pytest.mark.parametrize(
    ("state", "page"), [(State.SUBMITTED, "words"), (State.PUBLISHED, "words"), (State.SUBMITTED, "correction")]
)
def test_a_form_that_is_not_open_leads_back_to_the_story(
    client: FlaskClient, site: Session, mo: Person, state: State, page: str
) -> None:
    story = make.story_in(site, state)
    site.commit()
    answer = client.get(f"/en/moderating/stories/{story.id}/{page}")
    assert (answer.status_code, answer.location) == (303, f"/en/moderating/stories/{story.id}")


def test_nobody_corrects_a_story_of_their_own_as_a_moderator(client: FlaskClient, site: Session, mo: Person) -> None:
    story = make.published(site, by=mo)
    site.commit()
    assert send(client, story, "correction", note="Better so.").status_code == 403
    assert len(fresh(site, story).revisions) == 1


# --- where nobody who signs in speaks for the story


@pytest.fixture
def imported(site: Session) -> Story:
    story = make.published(site, by=make.person(site, Role.LEADER, name="Import"))
    story.submitter.is_stand_in = True
    site.commit()
    return story


def test_a_moderator_is_told_that_the_teller_must_be_asked_by_hand(
    client: FlaskClient, mo: Person, imported: Story
) -> None:
    for page in ("", "/correction"):
        assert (
            "Nobody who signs in speaks for this story"
            in client.get(f"/en/moderating/stories/{imported.id}{page}").text
        )


@pytest.mark.parametrize(("noun", "title"), [("testimony", "The Water"), ("refusal", "The Water We Carried")])
def test_what_the_teller_answered_by_hand_settles_a_correction(
    client: FlaskClient, site: Session, mo: Person, imported: Story, noun: str, title: str
) -> None:
    send(client, imported, "correction", note="The name of the dock.")
    assert fresh(site, imported).submissions[-1].state is State.AWAITING_TELLER
    assert send(client, imported, noun, note="").status_code == 422
    assert send(client, imported, noun, note="Asked Uncle Bảy by telephone.").status_code == 303
    kept = fresh(site, imported)
    assert (kept.is_public, kept.published_revision.title, kept.open_submission) == (True, title, None)
    assert "Asked Uncle Bảy by telephone." in [step.note for step in kept.transitions]
