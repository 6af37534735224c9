from __future__ import annotations

from typing import Any

import factories as make
import pages
from fields import words
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from stories import consent, editorial
from stories.models import Naming, Person, Purpose, Role, Story
from stories.workflow import State, Visibility

ANSWERS = {"publish": "y", "name": "y", "method": "self", "language": "en"}


def at(story: Story, part: str = "") -> str:
    return f"/en/my/stories/{story.id}/{part}".rstrip("/")


def made(site: Session, story: Story) -> Story:
    site.commit()
    return story


def readers_find(client: FlaskClient, story: Story) -> int:
    return client.get(f"/{story.language}/stories/{story.slug}").status_code


def answer(client: FlaskClient, story: Story, **changes: Any) -> Any:
    given = {name: value for name, value in (ANSWERS | changes).items() if value}
    return pages.send(client, at(story, "consent"), **given)


# --- changed words


def test_the_teller_sees_exactly_which_words_changed(site: Session, client: FlaskClient, leader: Person) -> None:
    story = made(site, make.story_in(site, State.AWAITING_TELLER, by=leader))
    page = words(client.get(at(story, "confirmation")))
    assert "Title The Water[taken out:] We Carried" in page


def test_a_yes_publishes_the_words(site: Session, client: FlaskClient, leader: Person) -> None:
    story = made(site, make.story_in(site, State.AWAITING_TELLER, by=leader))
    seen = str(story.newest_revision.id)
    answers = [pages.send(client, at(story), at(story, "confirmation"), revision_id=seen) for _ in range(2)]
    assert [each.location for each in answers] == [at(story)] * 2
    site.rollback()
    assert (story.is_public, story.published_revision) == (True, story.newest_revision)
    assert readers_find(client, story) == 200


def test_what_the_moderator_wrote_is_answered_by_a_yes(site: Session, client: FlaskClient, leader: Person) -> None:
    mo = make.person(site, Role.MODERATOR)
    story = make.story_in(site, State.IN_REVIEW, by=leader, moderator=mo)
    revision = editorial.amend(
        story, make.words(title="The Water"), by=mo, at=make.NOW, revision_id=story.newest_revision.id
    )
    editorial.ask_teller(story, by=mo, at=make.NOW, revision_id=revision.id, note="Is it shorter so?")
    site.commit()
    asked = client.get(at(story)).text
    pages.send(client, at(story), at(story, "confirmation"), revision_id=str(revision.id))
    written = "What the moderator wrote to you"
    assert (written in asked, written in client.get(at(story)).text) == (True, False)


def test_words_to_be_published_on_a_day_wait_for_it(site: Session, client: FlaskClient, leader: Person) -> None:
    story = make.story_in(site, State.AWAITING_TELLER, by=leader)
    passage = story.open_submission
    assert passage is not None
    passage.publish_at = make.NOW.replace(year=2100)
    site.commit()
    pages.send(client, at(story, "confirmation"), revision_id=str(story.newest_revision.id))
    site.rollback()
    assert (passage.state, story.is_public) == (State.APPROVED, False)
    assert "2100" in words(client.get(at(story)))


def test_a_no_gives_the_words_back(site: Session, client: FlaskClient, leader: Person) -> None:
    story = made(site, make.story_in(site, State.AWAITING_TELLER, by=leader))
    reply = pages.send(client, at(story, "confirmation"), at(story, "revision"))
    site.rollback()
    assert (reply.location, story.submissions[-1].state) == (at(story, "words"), State.DRAFT)


def test_a_yes_to_words_that_are_not_the_newest_is_asked_again(
    site: Session, client: FlaskClient, leader: Person
) -> None:
    story = made(site, make.story_in(site, State.AWAITING_TELLER, by=leader))
    reply = pages.send(client, at(story, "confirmation"), revision_id=str(story.revisions[0].id))
    assert reply.status_code == 409
    assert "The words changed once more" in words(reply)


def test_whoever_sent_a_story_for_a_teller_cannot_say_yes_for_them(
    site: Session, client: FlaskClient, leader: Person
) -> None:
    teller = make.person(site, Role.LEADER)
    story = made(site, make.story_in(site, State.AWAITING_TELLER, by=leader, teller=teller))
    assert "waits for the teller’s yes" in words(client.get(at(story)))
    assert client.get(at(story, "confirmation")).status_code == 303
    pages.send(client, at(story), at(story, "confirmation"), revision_id=str(story.newest_revision.id))
    site.rollback()
    assert story.submissions[-1].state is State.AWAITING_TELLER


# --- consent


def test_taking_back_the_yes_to_publish_hides_the_story_at_once(
    site: Session, client: FlaskClient, leader: Person
) -> None:
    story = made(site, make.published(site, by=leader))
    assert readers_find(client, story) == 200
    answer(client, story, publish="", name="")
    assert readers_find(client, story) in {404, 410}
    assert "Taken back" not in words(client.get(at(story)))
    assert "the consent to publish it was taken back" in words(client.get(at(story)))
    answer(client, story)
    assert readers_find(client, story) == 200


def test_every_answer_stays_in_the_record(site: Session, client: FlaskClient, leader: Person) -> None:
    story = made(site, make.published(site, by=leader))
    answer(client, story, translate="y", method="interpreter", asked_by="Mrs Chea")
    answer(client, story, translate="")
    record = words(client.get(at(story, "consent"))).partition("The record")[2]
    assert "No: Translate the story" in record
    assert record.index("No: Translate the story") < record.index("Yes: Translate the story")
    assert "Mrs Chea" in record


def test_a_name_that_readers_see_is_not_said_to_be_hidden(site: Session, client: FlaskClient, leader: Person) -> None:
    story = made(site, make.published(site, by=leader))
    reply = answer(client, story, name="")
    assert reply.status_code == 422
    assert "The published story shows the name Lani Kekoa." in words(reply)
    site.rollback()
    assert consent.answers_of(story) == {Purpose.PUBLISH: True}


def test_an_anonymous_story_asks_nothing_about_a_name(site: Session, client: FlaskClient, leader: Person) -> None:
    story = made(site, make.published(site, by=leader, teller_naming=Naming.ANONYMOUS))
    assert answer(client, story, name="", quote="y").status_code == 303


def test_only_the_teller_changes_what_was_agreed_to(site: Session, client: FlaskClient, leader: Person) -> None:
    teller = make.person(site, Role.LEADER)
    story = made(site, make.story_in(site, State.IN_REVIEW, by=leader, teller=teller))
    reply = pages.send(client, at(story), at(story, "consent"), **ANSWERS | {"publish": ""})
    site.rollback()
    assert (reply.status_code, story.consented) == (403, True)


# --- withdrawal


def test_withdrawing_asks_once_more_and_says_what_cannot_be_called_back(
    site: Session, client: FlaskClient, leader: Person
) -> None:
    story = make.published(site, by=leader)
    make.published(site, by=leader, original=story, language="km")
    page = words(client.get(at(made(site, story), "withdrawal")))
    assert "What we cannot call back" in page
    assert "Its translation goes with it." in page


def test_a_withdrawn_story_is_gone_for_readers_with_its_translations(
    site: Session, client: FlaskClient, leader: Person
) -> None:
    story = make.published(site, by=leader)
    translation = make.published(site, by=leader, original=story, language="km")
    made(site, story)
    for _ in range(2):
        reply = pages.send(client, at(story), at(story, "withdrawal"), scope="hide", tombstone="Taken down by Lani.")
        assert reply.location == at(story)
    site.rollback()
    assert (story.visibility, translation.visibility) == (Visibility.WITHDRAWN, Visibility.WITHDRAWN)
    assert story.tombstone == "Taken down by Lani."
    assert {readers_find(client, story), readers_find(client, translation)} <= {404, 410}


def test_deleting_destroys_the_words_and_the_desk_still_works(
    site: Session, client: FlaskClient, leader: Person
) -> None:
    story = made(site, make.published(site, by=leader))
    pages.send(client, at(story), at(story, "withdrawal"), scope="delete")
    site.rollback()
    assert story.newest_revision.body == ""
    for part in ("", "preview", "consent", "withdrawal", "words", "confirmation"):
        assert client.get(at(story, part), follow_redirects=True).status_code == 200
    assert "A story whose words were deleted" in words(client.get("/en/my/stories"))


def test_withdrawing_stands_once_in_what_happened_and_offers_nothing_more(
    site: Session, client: FlaskClient, leader: Person
) -> None:
    story = made(site, make.story_in(site, State.WITHDRAWN, by=leader))
    page = words(client.get(at(story)))
    assert page.count("Withdrawn by its teller") == 1
    assert "See it as readers will" not in page


def test_how_far_must_be_said_and_what_was_typed_stays(site: Session, client: FlaskClient, leader: Person) -> None:
    story = made(site, make.published(site, by=leader))
    reply = pages.send(client, at(story, "withdrawal"), tombstone="Taken down.")
    assert reply.status_code == 422
    assert "Taken down.</textarea>" in reply.text
    site.rollback()
    assert story.is_public


# --- a new version of a published story


def test_a_new_version_leaves_the_public_one_alone_until_it_is_approved(
    site: Session, client: FlaskClient, leader: Person
) -> None:
    story = made(site, make.published(site, by=leader))
    pages.send(client, at(story), at(story, "revision"))
    site.rollback()
    page = words(client.get(at(story)))
    assert (story.is_public, "About the version that readers have" in page) == (True, True)


def test_a_correction_is_shown_against_what_is_public(site: Session, client: FlaskClient, leader: Person) -> None:
    story = make.published(site, by=leader)
    moderator = make.person(site, Role.MODERATOR)
    seen = story.newest_revision.id
    editorial.correct(
        story, make.words(title="Water"), by=moderator, at=make.NOW, revision_id=seen, note="A name was wrong."
    )
    page = client.get(at(made(site, story), "confirmation")).text
    assert "A name was wrong." in page
    assert "<ins>" in page
