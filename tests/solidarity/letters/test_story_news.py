"""The letters that tell an author what happened to a story, and moderators that one waits."""

from __future__ import annotations

from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import factories as make
import pages
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from solidarity.accounts.models import Account
from solidarity.letters import story_news
from solidarity.letters.models import Letter
from solidarity.scheduled import publish_due
from solidarity.web.clock import now
from stories import editorial
from stories.models import Person, Role, Story
from stories.workflow import State, Verb

TELLING = [
    Verb.APPROVE, Verb.PUBLISH, Verb.REQUEST_CHANGES, Verb.DECLINE, Verb.ASK_TELLER, Verb.CORRECT, Verb.ARCHIVE,
    Verb.RESTORE, Verb.UNPUBLISH,
]  # fmt: skip


@pytest.fixture
def lani(site: Session) -> Person:
    """A leader with an account."""
    person = make.person(site, Role.LEADER, name="Lani Kekoa")
    pages.account(site, person, "lani@example.org")
    return person


@pytest.fixture
def story(site: Session, lani: Person) -> Story:
    return make.published(site, by=lani, title="The Persimmon Tree", typed="Nobody asked whose turn it was.")


def words_of(letter: EmailMessage) -> str:
    """What a letter says, in both its forms."""
    return "\n".join(part.get_content() for part in letter.walk() if part.get_content_maintype() == "text")


def told(site: Session, story: Story, verb: Verb, by: Person | None = None) -> list[EmailMessage]:
    """The letters that wait after a step."""
    site.execute(delete(Letter))
    story_news.tell(story, verb, by=by)
    site.flush()
    texts = site.scalars(select(Letter.message).order_by(Letter.id))
    return [message_from_bytes(text, policy=policy.default) for text in texts]  # type: ignore[misc]


@pytest.mark.parametrize("verb", TELLING)
def test_a_letter_leads_to_the_story_and_never_holds_its_words(site: Session, story: Story, verb: Verb) -> None:
    [letter] = told(site, story, verb)
    text = f"{letter['Subject']}\n{words_of(letter)}"
    assert letter["To"] == "Lani Kekoa <lani@example.org>"
    assert "http://127.0.0.1:5000/en/" in text
    assert not [words for words in ("The Persimmon", "whose turn") if words in text]


MARKED = {
    name: f"mark{name.replace('_', '')}"
    for name in ("title", "typed", "introduction", "teller_name", "attribution", "content_note", "place", "time")
}


@pytest.mark.parametrize("is_readable", [True, False], ids=["readable", "taken down"])
@pytest.mark.parametrize("verb", [*TELLING, None], ids=lambda verb: verb.value if verb else "waits")
def test_no_letter_holds_a_word_a_name_or_the_address_of_a_story(
    site: Session, lani: Person, mo: Account, verb: Verb | None, is_readable: bool
) -> None:
    mo.person.name = "Mo markmoderator"
    story = make.story_in(site, State.IN_REVIEW, by=lani, moderator=mo.person, **MARKED)
    beside = editorial.amend(
        story, make.words(**MARKED | {"title": "markbeside"}), by=mo.person, at=make.NOW,
        revision_id=story.own_revision.id,
    )  # fmt: skip
    editorial.ask_teller(story, by=mo.person, at=make.NOW, revision_id=beside.id, note="marknote")
    editorial.confirm(story, by=lani, at=make.NOW, revision_id=beside.id)
    editorial.publish(story, by=None, at=make.NOW)
    if not is_readable:
        editorial.unpublish(story, by=mo.person, at=make.NOW, note="markreason")
    site.execute(delete(Letter))
    if verb is None:
        lani.name = "Lani markname"  # who sent it: none of the moderators' letters says it
        story_news.tell_moderators(story, at=make.NOW)
    else:
        story_news.tell(story, verb, by=mo.person)
    site.flush()
    [message] = site.scalars(select(Letter.message))
    letter: EmailMessage = message_from_bytes(message or b"", policy=policy.default)  # type: ignore[assignment]
    text = f"{letter['Subject']}\n{words_of(letter)}".replace(mo.person.name, "")  # its receiver is greeted

    assert story.slug.startswith("mark")
    assert "mark" not in text.casefold()
    if verb is not None:
        assert letter["Subject"] == "News of your story"
        assert f"http://127.0.0.1:5000/en/my/stories/{story.id}" in text


def test_an_approval_of_words_that_no_reader_sees_does_not_say_that_they_do(
    site: Session, lani: Person, story: Story
) -> None:
    [public] = told(site, story, Verb.PUBLISH)
    editorial.unpublish(story, by=make.person(site, Role.MODERATOR), at=make.NOW, note="A name has to go first.")
    [hidden] = told(site, story, Verb.PUBLISH)

    said = ["Everybody can read it now" in words_of(letter) for letter in (public, hidden)]
    assert (said, "Readers do not see the story just now" in words_of(hidden)) == ([True, False], True)


@pytest.mark.parametrize("verb", sorted(set(Verb) - set(TELLING)))
def test_other_steps_make_no_news(site: Session, story: Story, verb: Verb) -> None:
    assert told(site, story, verb) == []


def test_teller_and_submitter_both_hear_of_it_but_not_whoever_did_it(site: Session, lani: Person) -> None:
    teller = make.person(site, name="Tuan")
    pages.account(site, teller, "tuan@example.org")
    story = make.draft(site, by=lani, teller=teller)
    heard = [letter["To"].addresses[0].addr_spec for letter in told(site, story, Verb.DECLINE)]
    assert heard == ["tuan@example.org", "lani@example.org"]
    [letter] = told(site, story, Verb.DECLINE, by=lani)
    assert letter["To"].addresses[0].addr_spec == "tuan@example.org"


def test_a_teller_without_an_account_gets_no_letter(site: Session) -> None:
    assert told(site, make.published(site), Verb.PUBLISH) == []


def test_the_author_hears_when_a_scheduled_story_is_published(app: Flask, site: Session, lani: Person) -> None:
    moderator = make.person(site, Role.MODERATOR)
    story = make.story_in(site, State.IN_REVIEW, by=lani, moderator=moderator)
    seen, due = story.newest_revision.id, now() - timedelta(seconds=1)
    editorial.approve(story, by=moderator, at=make.NOW, revision_id=seen, publish_at=due)
    site.commit()
    assert [publish_due(), publish_due()] == [1, 0]
    [path] = (Path(app.config["SETTINGS"].instance_path) / "mail").glob("*.eml")
    assert f"/en/my/stories/{story.id}" in path.read_text()


# --- a story waits


def mail_to(site: Session, email: str) -> list[str]:
    site.flush()
    texts = [text.decode() for text in site.scalars(select(Letter.message))]
    return [text for text in texts if f"<{email}>" in text]


def sent(site: Session, by: Person, at: datetime = make.NOW) -> Story:
    story = make.draft(site, by=by, title="The Persimmon Tree")
    make.agree(story)
    editorial.submit(story, by=by, at=at, revision_id=story.newest_revision.id)
    story_news.tell_moderators(story, at=at)
    return story


@pytest.fixture
def mo(site: Session) -> Account:
    return pages.account(site, make.person(site, Role.MODERATOR, name="Mo Tran"), "mo@example.org")


def test_moderators_hear_that_a_story_waits_and_not_a_word_of_it(site: Session, lani: Person, mo: Account) -> None:
    mo.locale = "ur"
    sent(site, lani)
    [letter] = mail_to(site, "mo@example.org")
    assert "http://127.0.0.1:5000/ur/moderating" in letter
    assert "Content-Language: ur" in letter
    assert not [words for words in ("The Persimmon", "Lani") if words in letter]
    assert mail_to(site, "lani@example.org") == []


def test_a_letter_that_can_be_turned_off_says_where(
    site: Session, client: FlaskClient, lani: Person, mo: Account
) -> None:
    sent(site, lani)
    [letter] = mail_to(site, "mo@example.org")
    assert "List-Unsubscribe: <http://127.0.0.1:5000/en/moderating#letters>\r\n" in letter
    pages.sign_in(client, mo)
    site.commit()
    page = client.get("/en/moderating").text
    assert "No more letters" in page.partition('id="letters"')[2]


@pytest.mark.parametrize("verb", TELLING)
def test_no_subject_names_a_story_or_a_person(site: Session, story: Story, verb: Verb) -> None:
    [letter] = told(site, story, verb)
    assert not [words for words in ("Persimmon", "Lani", "Kekoa", "Solidarity") if words in letter["Subject"]]


def test_nobody_is_told_of_a_story_of_their_own_and_others_are(site: Session, lani: Person, mo: Account) -> None:
    mo.person.grant(Role.LEADER)
    sent(site, mo.person)
    assert mail_to(site, "mo@example.org") == []
    sent(site, lani, make.NOW + timedelta(minutes=10))
    assert len(mail_to(site, "mo@example.org")) == 1


def test_many_stories_in_an_hour_make_one_letter(site: Session, lani: Person, mo: Account) -> None:
    for minutes in (0, 1, 59, 120):
        sent(site, lani, make.NOW + timedelta(minutes=minutes))
    assert len(mail_to(site, "mo@example.org")) == 2


def test_only_moderators_who_came_in_and_want_letters_get_them(site: Session, lani: Person, mo: Account) -> None:
    mo.queue_letters = False
    invited = pages.account(site, make.person(site, Role.MODERATOR), "invited@example.org")
    closed = pages.account(site, make.person(site, Role.MODERATOR), "closed@example.org")
    invited.password, closed.active = None, False
    pages.account(site, make.person(site, Role.STEWARD), "steward@example.org")
    sent(site, lani)
    assert site.scalars(select(Letter)).all() == []
