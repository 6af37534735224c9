"""The review of a story: reading it, deciding on it, and who is turned away."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import factories as make
import pages
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from solidarity.web.clock import now
from stories import editorial
from stories.models import Person, Role, Story
from stories.workflow import RULES, State, Verb, Visibility

NOTE = "Please say in which year it was."


@pytest.fixture
def lani(site: Session) -> Person:
    """A leader with an account."""
    person = make.person(site, Role.LEADER, name="Lani Kekoa")
    pages.account(site, person, "lani@example.org")
    site.commit()
    return person


def at_desk(story: Story) -> str:
    return f"/en/moderating/stories/{story.id}"


def decide(client: FlaskClient, story: Story, noun: str, **fields: object):  # type: ignore[no-untyped-def]
    given = {"revision": str(story.newest_revision.id), "when": "now", **fields}
    return pages.send(client, "/en/moderating", f"{at_desk(story)}/{noun}", **given)


def fresh(site: Session, story: Story) -> Story:
    site.expire_all()
    site.rollback()
    found = site.get(Story, story.id)
    assert found is not None
    return found


def state(site: Session, story: Story) -> State:
    return fresh(site, story).submissions[-1].state


def letters(app: Flask) -> list[str]:
    folder = Path(app.config["SETTINGS"].instance_path) / "mail"
    return [path.read_text() for path in sorted(folder.glob("*.eml"))] if folder.exists() else []


# --- works


def test_the_review_page_shows_the_story_with_its_content_note_first(
    client: FlaskClient, site: Session, mo: Person
) -> None:
    story = make.story_in(site, State.SUBMITTED, content_note="A funeral.", takeaways=("We are many.",))
    site.commit()
    page = client.get(at_desk(story)).text
    order = [page.index(words) for words in ("The Water We Carried", "A funeral.", "carried the water", "We are many.")]
    assert order == sorted(order)
    assert page.index('href="#decide"') < order[1] < page.index('id="decide"')


def test_only_the_steps_that_are_open_are_offered(client: FlaskClient, site: Session, mo: Person) -> None:
    offered = {}
    for where in (State.SUBMITTED, State.IN_REVIEW, State.APPROVED, State.PUBLISHED, State.DECLINED):
        story = make.story_in(site, where, moderator=mo)
        site.commit()
        page = client.get(at_desk(story)).text
        offered[where] = re.findall(rf'"{at_desk(story)}/([a-z-]+)[#"]', page)
    assert offered == {
        State.SUBMITTED: ["review"],
        State.IN_REVIEW: ["approval", "change-request", "decline", "release", "words"],
        State.APPROVED: ["publication", "date", "second-review"],
        State.PUBLISHED: ["archiving", "takedown", "correction"],
        State.DECLINED: [],
    }


def test_a_story_is_taken_up_put_back_and_taken_up_by_another(client: FlaskClient, site: Session, mo: Person) -> None:
    story = make.story_in(site, State.SUBMITTED)
    site.commit()
    assert decide(client, story, "review").location == at_desk(story)
    assert fresh(site, story).submissions[-1].reviewer_id == mo.id
    decide(client, story, "release")
    assert state(site, story) is State.SUBMITTED


def test_an_approved_story_is_public_and_found_when_the_answer_comes(
    client: FlaskClient, site: Session, mo: Person
) -> None:
    story = make.story_in(site, State.IN_REVIEW, moderator=mo, title="Persimmon harvest")
    site.commit()
    answer = decide(client, story, "approval", note="Thank you.")
    assert (answer.status_code, answer.location) == (303, at_desk(story))
    assert fresh(site, story).is_public
    assert "Persimmon" in client.get("/en/search?q=persimmon").text
    assert "Search is up to date." in client.get(at_desk(story)).text


def test_a_story_approved_for_a_date_is_not_public_before_it(client: FlaskClient, site: Session, mo: Person) -> None:
    story = make.story_in(site, State.IN_REVIEW, moderator=mo)
    site.commit()
    moment = (now() + timedelta(days=3)).replace(second=0, microsecond=0)
    decide(client, story, "approval", when="later", publish_at=f"{moment:%Y-%m-%dT%H:%M}")
    kept = fresh(site, story)
    assert (kept.visibility, kept.submissions[-1].publish_at) == (Visibility.PRIVATE, moment)
    assert client.get(f"/en/stories/{kept.slug}").status_code == 404


def scheduled(site: Session, mo: Person) -> Story:
    story = make.story_in(site, State.IN_REVIEW, moderator=mo)
    seen, later = story.newest_revision.id, now() + timedelta(days=3)
    editorial.approve(story, by=mo, at=now(), revision_id=seen, publish_at=later)
    site.commit()
    return story


def test_a_date_can_be_moved_before_it_comes(client: FlaskClient, site: Session, mo: Person) -> None:
    story = scheduled(site, mo)
    moment = (now() + timedelta(days=9)).replace(second=0, microsecond=0)
    answers = [decide(client, story, "date", publish_at=f"{moment:%Y-%m-%dT%H:%M}").status_code for _ in range(2)]
    assert (answers, fresh(site, story).submissions[-1].publish_at) == ([303, 409], moment)
    assert decide(client, story, "date", publish_at="").status_code == 422


def test_an_approval_can_be_taken_back_before_its_date(client: FlaskClient, site: Session, mo: Person) -> None:
    story = scheduled(site, mo)
    decide(client, story, "second-review")
    kept = fresh(site, story).submissions[-1]
    assert (kept.state, kept.reviewer_id, kept.publish_at) == (State.IN_REVIEW, mo.id, None)
    assert decide(client, story, "decline", note=NOTE).status_code == 303


@pytest.mark.parametrize(("noun", "end"), [("change-request", State.CHANGES_REQUESTED), ("decline", State.DECLINED)])
def test_the_author_is_told_why_and_by_letter_without_the_words(
    client: FlaskClient, app: Flask, site: Session, mo: Person, lani: Person, noun: str, end: State
) -> None:
    story = make.story_in(site, State.IN_REVIEW, moderator=mo, by=lani, title="The Persimmon Tree")
    site.commit()
    decide(client, story, noun, note=NOTE)
    [letter] = letters(app)
    assert (state(site, story), story.transitions[-1].note) == (end, NOTE)
    assert "lani@example.org" in letter
    assert f"/en/my/stories/{story.id}" in letter
    assert not [words for words in ("Persimmon", NOTE, "carried") if words in letter]


def test_a_story_that_readers_have_is_archived_brought_back_and_taken_down(
    client: FlaskClient, site: Session, mo: Person
) -> None:
    story = make.published(site)
    site.commit()
    seen = []
    for noun in ("archiving", "restoration", "takedown"):
        assert decide(client, story, noun, note="The teller asked.").status_code == 303
        kept = fresh(site, story)
        readers = [client.get("/en/stories").text, client.get(f"/en/stories/{kept.slug}")]
        seen.append((kept.visibility, kept.slug in readers[0], readers[1].status_code))
    assert seen == [
        (Visibility.ARCHIVED, False, 200),
        (Visibility.PUBLIC, True, 200),
        (Visibility.UNPUBLISHED, False, 404),
    ]


def test_words_that_the_teller_has_not_confirmed_can_only_be_asked_about(
    client: FlaskClient, site: Session, mo: Person, lani: Person
) -> None:
    teller = make.person(site)
    story = make.story_in(site, State.IN_REVIEW, moderator=mo, by=lani, teller=teller)
    site.commit()
    assert f"{at_desk(story)}/approval" not in client.get(at_desk(story)).text
    assert decide(client, story, "approval").status_code == 422
    assert decide(client, story, "question").status_code == 303
    assert state(site, story) is State.AWAITING_TELLER


def test_the_history_names_every_step_and_who_took_it(client: FlaskClient, site: Session, mo: Person) -> None:
    story = make.story_in(site, State.DECLINED, moderator=mo)
    site.commit()
    page = client.get(at_desk(story)).text
    assert re.findall(r'timeline__what">([^<]+)<', page) == [
        "Declined",
        "Taken up to be read",
        "Sent to the moderators",
    ]
    assert page.count("<bdi>Mo Tran</bdi>") >= 2


def test_the_table_of_steps_is_printed_whole(client: FlaskClient, mo: Person) -> None:
    assert client.get("/en/moderating/steps").text.count('<th scope="row">') == len(RULES)


# --- the queue


def test_the_queue_tells_ones_own_stories_apart(client: FlaskClient, site: Session, mo: Person) -> None:
    make.story_in(site, State.SUBMITTED, by=mo, title="By myself")
    make.story_in(site, State.SUBMITTED, title="By somebody")
    site.commit()
    page = client.get("/en/moderating").text
    assert page.count("Your own story") == 1
    assert page.index("By myself") < page.index("Your own story") < page.index("By somebody")


@pytest.mark.parametrize(
    "query", ["show=all&language=ur", "show=nonsense", "page=99999999999999999999", "page=-1&language=%00"]
)
def test_any_address_of_the_queue_opens(client: FlaskClient, site: Session, mo: Person, query: str) -> None:
    make.story_in(site, State.SUBMITTED)
    site.commit()
    assert client.get(f"/en/moderating?{query}").status_code == 200


# --- who is turned away


@pytest.mark.parametrize("role", [Role.LEADER, Role.EDUCATOR, Role.STEWARD])
def test_the_desk_is_open_to_moderators_only(app: Flask, site: Session, role: Role) -> None:
    story = make.story_in(site, State.SUBMITTED)
    account = pages.account(site, make.person(site, role))
    site.commit()
    client = app.test_client()
    paths = ("/en/moderating", "/en/moderating/stories", "/en/moderating/steps", at_desk(story))
    assert [client.get(path).status_code for path in paths] == [302] * 4
    pages.sign_in(client, account)
    assert [client.get(path).status_code for path in paths] == [403] * 4


def test_nobody_decides_on_a_story_of_their_own(client: FlaskClient, site: Session, mo: Person) -> None:
    own = make.story_in(site, State.SUBMITTED, by=mo)
    sent_for_somebody = make.story_in(site, State.SUBMITTED, by=mo, teller=make.person(site))
    site.commit()
    assert [decide(client, story, "review").status_code for story in (own, sent_for_somebody)] == [403, 403]
    assert state(site, own) is State.SUBMITTED


def test_only_the_moderator_who_is_reading_decides(client: FlaskClient, site: Session, mo: Person) -> None:
    story = make.story_in(site, State.IN_REVIEW)
    site.commit()
    assert decide(client, story, "approval").status_code == 409
    assert state(site, story) is State.IN_REVIEW


def test_drafts_and_withdrawn_stories_do_not_exist_for_moderators(
    client: FlaskClient, site: Session, mo: Person
) -> None:
    for where in (State.DRAFT, State.WITHDRAWN):
        story = make.story_in(site, where)
        site.commit()
        assert client.get(at_desk(story)).status_code == 404


# --- bad input


@pytest.mark.parametrize("note", ["", "  \n ", "\x00\x07"])
@pytest.mark.parametrize("noun", ["change-request", "decline"])
def test_a_decision_without_words_to_the_author_is_refused(
    client: FlaskClient, site: Session, mo: Person, noun: str, note: str
) -> None:
    story = make.story_in(site, State.IN_REVIEW, moderator=mo)
    site.commit()
    answer = decide(client, story, noun, note=note)
    assert answer.status_code == 422
    assert "Please say a few words to the author." in answer.text
    assert state(site, story) is State.IN_REVIEW


def test_words_that_are_too_long_are_kept_on_the_page(client: FlaskClient, site: Session, mo: Person) -> None:
    story = make.story_in(site, State.IN_REVIEW, moderator=mo)
    site.commit()
    answer = decide(client, story, "decline", note="persimmon " * 1_001)
    assert answer.status_code == 422
    assert answer.text.count("persimmon") >= 1_001


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("2020-01-01T10:00", "This moment has passed"),
        ("", "Please give a date and a time"),
        ("tomorrow", "Please give a date and a time"),
        ("9999-99-99T99:99", "Please give a date and a time"),
    ],
)
def test_a_date_that_will_not_do_is_refused_beside_its_field(
    client: FlaskClient, site: Session, mo: Person, moment: str, said: str
) -> None:
    story = make.story_in(site, State.IN_REVIEW, moderator=mo)
    site.commit()
    answer = decide(client, story, "approval", when="later", publish_at=moment, note="Thank you")
    assert answer.status_code == 422
    assert said in answer.text
    assert moment in answer.text
    assert "Thank you" in answer.text
    assert state(site, story) is State.IN_REVIEW


def test_a_date_is_forgotten_by_whoever_chooses_now(client: FlaskClient, site: Session, mo: Person) -> None:
    story = make.story_in(site, State.IN_REVIEW, moderator=mo)
    site.commit()
    decide(client, story, "approval", when="now", publish_at="2020-01-01T10:00")
    assert fresh(site, story).is_public


@pytest.mark.parametrize("revision", ["", "x", "-1", "9" * 40, "１２"])
def test_a_decision_that_names_no_revision_is_a_conflict(
    client: FlaskClient, site: Session, mo: Person, revision: str
) -> None:
    story = make.story_in(site, State.IN_REVIEW, moderator=mo)
    site.commit()
    assert decide(client, story, "approval", revision=revision).status_code == 409
    assert state(site, story) is State.IN_REVIEW


@pytest.mark.parametrize("path", ["0", "99999", "2147483648", "-1", "x"])
def test_a_story_that_is_not_there_is_not_found(client: FlaskClient, mo: Person, path: str) -> None:
    assert client.get(f"/en/moderating/stories/{path}").status_code == 404


def test_a_step_that_does_not_exist_is_not_found(client: FlaskClient, site: Session, mo: Person) -> None:
    story = make.story_in(site, State.SUBMITTED)
    site.commit()
    assert decide(client, story, "applause").status_code == 404


def test_a_story_without_consent_is_not_approved(client: FlaskClient, site: Session, mo: Person) -> None:
    story = make.story_in(site, State.IN_REVIEW, moderator=mo)
    make.agree(story)
    story.consented = False
    site.commit()
    answer = decide(client, story, "approval", note="Thank you")
    assert answer.status_code == 422
    assert "consent to publish" in answer.text
    assert "Thank you" in answer.text


# --- twice, and at once


def test_pressing_twice_approves_once_and_says_so(
    client: FlaskClient, app: Flask, site: Session, mo: Person, lani: Person
) -> None:
    story = make.story_in(site, State.IN_REVIEW, moderator=mo, by=lani)
    site.commit()
    answers = [decide(client, story, "approval", note="Thank you, all of you.") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 409]
    assert "Published, by yourself" in answers[1].text
    assert "Thank you, all of you." in answers[1].text
    assert [step.verb for step in fresh(site, story).transitions][-2:] == [Verb.APPROVE, Verb.PUBLISH]
    assert len(letters(app)) == 1


def test_a_decision_on_an_outdated_revision_is_given_back_with_what_was_typed(
    client: FlaskClient, site: Session, mo: Person
) -> None:
    story = make.story_in(site, State.IN_REVIEW, moderator=mo)
    seen = story.newest_revision.id
    editorial.amend(story, make.words(title="Newer words"), by=mo, at=datetime.now(UTC), revision_id=seen)
    site.commit()
    answer = decide(client, story, "decline", revision=str(seen), note=NOTE)
    assert answer.status_code == 409
    assert NOTE in answer.text
    assert "Newer words" in answer.text
    assert f'value="{fresh(site, story).newest_revision.id}"' in answer.text
    assert state(site, story) is State.IN_REVIEW


def test_of_two_moderators_at_once_one_is_told_who_was_faster(client: FlaskClient, site: Session, mo: Person) -> None:
    story = make.story_in(site, State.SUBMITTED)
    ana = make.person(site, Role.MODERATOR, name="Ana Reyes")
    editorial.begin_review(story, by=ana, at=make.NOW)
    site.commit()
    answer = decide(client, story, "review")
    assert answer.status_code == 409
    assert "Taken up to be read, by Ana Reyes" in answer.text
    assert fresh(site, story).submissions[-1].reviewer_id == ana.id


def test_of_two_requests_at_the_same_moment_one_takes_the_story(app: Flask, site: Session) -> None:
    story = make.story_in(site, State.SUBMITTED)
    clients = [app.test_client(), app.test_client()]
    for client in clients:
        pages.sign_in(client, pages.account(site, make.person(site, Role.MODERATOR)))
    site.commit()
    sent = [(client, pages.token(client, "/en/moderating"), story.newest_revision.id) for client in clients]
    where = f"{at_desk(story)}/review"
    site.rollback()
    with ThreadPoolExecutor() as pool:
        answers = pool.map(
            lambda it: it[0].post(where, data={"csrf_token": it[1], "revision": it[2]}).status_code, sent
        )
    assert sorted(answers) == [303, 409]
    assert [step.verb for step in fresh(site, story).transitions] == [Verb.SUBMIT, Verb.BEGIN_REVIEW]


def test_a_decision_on_a_story_taken_back_in_the_meantime_gives_the_words_back(
    client: FlaskClient, site: Session, mo: Person
) -> None:
    story = make.story_in(site, State.IN_REVIEW, moderator=mo)
    token = pages.token(client, at_desk(story)) if site.commit() is None else ""
    editorial.withdraw(story, editorial.Scope.HIDE, by=story.submitter, at=make.NOW)
    site.commit()
    fields = {"csrf_token": token, "revision": str(story.newest_revision.id), "note": NOTE}
    answer = client.post(f"{at_desk(story)}/decline", data=fields)
    assert answer.status_code == 409
    assert NOTE in answer.text


def test_a_moderator_may_choose_to_get_no_letters(client: FlaskClient, site: Session, mo: Person) -> None:
    said = []
    for wanted in ("no", "yes"):
        pages.send(client, "/en/moderating", "/en/moderating/letters", wanted=wanted)
        said.append("You get no letters about stories that arrive." in client.get("/en/moderating").text)
    assert said == [True, False]
