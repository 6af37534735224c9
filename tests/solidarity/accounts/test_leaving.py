"""Closing one's account, deleting it, and taking one's data along."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import factories as make
import pages
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_login import current_user
from rivals import at_once
from sqlalchemy import select
from sqlalchemy.orm import Session

from solidarity.accounts.leaving import remove
from solidarity.accounts.models import Account, UserSession
from solidarity.letters import compose, invitations
from solidarity.letters.models import Kind, Letter
from solidarity.search_engine import catch_up
from stories import editorial, guides
from stories.leaving import Farewell
from stories.models import Person, Role, Story
from stories.workflow import State, Visibility

PASSWORD, NEW = "a long enough password", "seven rivers and a kite"
LEAVING, DATA = "/en/account/leaving", "/en/account/data"


@pytest.fixture
def lani(site: Session, client: FlaskClient) -> Account:
    """A leader, signed in."""
    account = pages.account(site, make.person(site, Role.LEADER, name="Lani Kekoa"), "lani@example.org", PASSWORD)
    pages.sign_in(client, account)
    return account


@pytest.fixture
def letters(app: Flask) -> Callable[[], list[tuple[str, str]]]:
    return lambda: pages.subjects(app)


def published(site: Session, person: Person, **words: Any) -> Story:
    story = make.published(site, **words)
    story.submitter = person
    site.commit()
    catch_up()
    return story


def delete(client: FlaskClient, **fields: str) -> Any:
    given = {"stories": "stay", "understood": "y"}
    return pages.send(client, LEAVING, "/en/account/deletion", **(given | fields))


def test_a_closed_account_is_opened_again_by_a_steward(
    app: Flask, client: FlaskClient, site: Session, lani: Account, letters: Any
) -> None:
    answer = pages.send(client, LEAVING, "/en/account/closure")
    assert (answer.status_code, answer.location) == (303, "/en/account/sign-in")
    assert "Your account is closed." in client.get(answer.location).text
    enter = {"email": "lani@example.org", "password": PASSWORD}
    assert pages.send(client, "/en/account/sign-in", **enter).status_code == 422
    site.rollback()
    invitations.open_again(lani)
    site.commit()
    assert pages.send(client, "/en/account/sign-in", **enter).status_code == 303
    assert letters()[0] == ("lani@example.org", "Your account at Solidarity Stories is closed")


@pytest.mark.parametrize(
    ("choice", "status", "name_shown"),
    [("stay", 200, True), ("without name", 200, False), ("hide", 404, False), ("delete", 404, False)],
)
def test_a_deleted_account_leaves_what_was_chosen_for_readers(
    app: Flask, client: FlaskClient, site: Session, lani: Account, choice: str, status: int, name_shown: bool
) -> None:
    story = published(site, lani.person)
    answer = delete(client, stories=choice)
    assert (answer.status_code, answer.location) == (303, "/en/account/sign-in")
    page = client.get(f"/en/stories/{story.slug}")
    assert (page.status_code, "Lani Kekoa" in page.text) == (status, name_shown)
    assert ("Lani Kekoa" in client.get("/en/search?q=water").text) is name_shown


def test_of_a_deleted_account_no_row_tells_who_it_was(
    app: Flask, client: FlaskClient, site: Session, lani: Account, letters: Any
) -> None:
    published(site, lani.person, teller_name="Auntie")
    compose.send(lani, Kind.STORY_NEWS, subject="x", text="y", link="http://site.example/")
    site.commit()
    number = lani.person_id
    delete(client)
    site.rollback()
    site.expunge_all()
    assert [site.scalars(select(kind)).all() for kind in (Account, UserSession, Letter)] == [[], [], []]
    assert site.get_one(Person, number).name == ""
    assert letters()[-1] == ("lani@example.org", "Your account at Solidarity Stories was deleted")
    for table in Person.metadata.sorted_tables:
        for row in site.execute(select(table)):
            assert "lani" not in repr(tuple(row)).lower(), table.name


def test_where_their_steps_are_on_record_it_says_that_somebody_left(
    app: Flask, client: FlaskClient, site: Session, lani: Account
) -> None:
    story = published(site, lani.person)
    delete(client)
    moderator = app.test_client()
    pages.sign_in(moderator, pages.account(site, make.person(site, Role.MODERATOR)))
    page = moderator.get(f"/en/moderating/stories/{story.id}")
    assert (page.status_code, "Somebody who left" in page.text) == (200, True)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"understood": ""}, "Please tick this if you are sure."),
        ({"stories": ""}, "Please choose one of these."),
        ({"stories": "burn"}, "Please choose one of these."),
    ],
)
def test_nobody_is_deleted_by_a_slip(
    client: FlaskClient, site: Session, lani: Account, fields: dict[str, str], said: str
) -> None:
    published(site, lani.person)
    answer = delete(client, **fields)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert client.get("/en/account").status_code == 200


def test_who_has_published_nothing_is_asked_nothing_about_it(client: FlaskClient, site: Session, lani: Account) -> None:
    draft = make.draft(site, lani.person)
    site.commit()
    page = client.get(LEAVING).text
    assert ("become of your published stories" in page, "1 story that was never published" in page) == (False, True)
    assert pages.send(client, LEAVING, "/en/account/deletion", understood="y").status_code == 303
    site.rollback()
    assert (draft.visibility, draft.newest_revision.title) == (Visibility.WITHDRAWN, "")


def test_the_only_steward_stays(client: FlaskClient, site: Session, lani: Account) -> None:
    lani.person.grant(Role.STEWARD)
    site.commit()
    answers = [pages.send(client, LEAVING, "/en/account/closure"), delete(client)]
    assert [(one.status_code, "You are the only steward" in one.text) for one in answers] == [(422, True)] * 2
    pages.account(site, make.person(site, Role.STEWARD), "sam@example.org")
    site.commit()
    assert delete(client).status_code == 303


def test_a_moderator_who_leaves_gives_reviews_back(
    app: Flask, client: FlaskClient, site: Session, lani: Account
) -> None:
    lani.person.grant(Role.MODERATOR)
    story = make.story_in(site, State.IN_REVIEW, moderator=lani.person)
    site.commit()
    assert delete(client).status_code == 303
    site.rollback()
    assert (story.submission.state, story.submission.reviewer) == (State.SUBMITTED, None)


def test_an_account_that_is_deleted_three_times_at_once_is_deleted_once(
    app: Flask, site: Session, lani: Account
) -> None:
    number = lani.id
    site.rollback()

    def look(session: Session) -> Callable[[], Any]:
        account = session.get_one(Account, number)

        def go() -> None:
            with app.app_context():
                remove(session, account, Farewell.STAY)

        return go

    came = at_once(app.config["SETTINGS"].database_url, look, look, look)
    assert sorted(str(type(one).__name__) for one in came) == ["NoneType", "ObjectDeletedError", "ObjectDeletedError"]


def test_a_button_that_is_pressed_four_times_at_once_deletes_and_says_so(
    app: Flask, client: FlaskClient, site: Session, lani: Account
) -> None:
    token, cookie = pages.token(client, LEAVING), client.get_cookie("desk")
    assert cookie is not None

    def press(_number: int) -> Any:
        browser = app.test_client()
        browser.set_cookie("desk", cookie.value)
        return browser.post("/en/account/deletion", data={"csrf_token": token, "understood": "y"}).status_code

    with ThreadPoolExecutor(4) as at_the_same_time:
        told = list(at_the_same_time.map(press, range(4)))
    assert 303 in told
    assert set(told) <= {303, 401}  # 401: it came when all was done
    site.rollback()
    assert site.scalars(select(Account)).all() == []


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/en/account/deletion", {"understood": "y"}),
        ("/en/account/closure", {}),
        ("/en/account/profile", {"name": "Lani", "locale": "en"}),
        ("/en/account/address", {"email": "lani@new.example"}),
        ("/en/account/new-password", {"current_password": PASSWORD, "password": NEW, "password_confirm": NEW}),
    ],
)
def test_whoever_was_deleted_a_moment_ago_is_told_that_they_are_signed_out(
    app: Flask, client: FlaskClient, site: Session, lani: Account, path: str, fields: dict[str, str]
) -> None:
    token, other = pages.token(client, LEAVING), app.test_client()
    pages.sign_in(other, lani)

    def another_request_is_faster() -> None:
        assert current_user.is_authenticated
        app.before_request_funcs[None].remove(another_request_is_faster)
        assert delete(other).status_code == 303

    app.before_request_funcs.setdefault(None, []).append(another_request_is_faster)
    answer = client.post(path, data={"csrf_token": token, **fields})
    assert answer.status_code == (303 if path.endswith("deletion") else 401)
    assert client.get("/en/account").status_code == 302


# --- my data


def taken(client: FlaskClient) -> dict[str, str]:
    answer = pages.send(client, DATA)
    assert (answer.status_code, answer.content_type) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as file:
        return {name: file.read(name).decode() for name in file.namelist()}


def test_everything_of_a_person_is_in_the_file(client: FlaskClient, site: Session, lani: Account) -> None:
    lani.person.grant(Role.EDUCATOR)
    story = published(site, lani.person)
    make.draft(site, lani.person, title="Not yet", typed="A <b>draft</b>.")
    plan = guides.GuidePlan(
        title="An Hour", language="en", themes=(make.theme(site, "Care"),), stories=(story,),
        phases=(guides.PhasePlan("Talk", steps=(guides.StepPlan("Begin", 10),)),),
    )  # fmt: skip
    guides.draft(site, plan, by=lani.person, at=make.NOW)
    site.commit()
    files = taken(client)
    data = json.loads(files.pop("data.json"))
    assert (data["format"], data["person"]["name"], data["account"]["email"]) == (
        "solidarity-stories/account/1", "Lani Kekoa", "lani@example.org",
    )  # fmt: skip
    assert (data["person"]["roles"], len(data["sessions"])) == (["educator", "leader"], 1)
    assert [next(iter(one["wordings"].values()))["title"] for one in data["stories"]] == [
        "The Water We Carried",
        "Not yet",
    ]
    assert [event["purpose"] for event in data["stories"][0]["consent"]] == ["publish"]
    assert data["stories"][0]["steps"][0]["what"] == "submit"
    assert [(one["title"], one["themes"], one["stories"]) for one in data["guides"]] == [
        ("An Hour", ["Care"], [story.slug])
    ]
    assert sorted(files) == [f"stories/{story.id}-published.html", f"stories/{story.id + 1}-newest.html"]
    assert "We carried the water up together." in files[f"stories/{story.id}-published.html"]


def test_every_wording_that_is_still_kept_is_in_the_file(client: FlaskClient, site: Session, lani: Account) -> None:
    draft = make.draft(site, lani.person, title="First", typed="The first words.")
    for number, title in enumerate(("Second", "Third")):
        at, last = make.NOW + timedelta(days=number + 1), draft.newest_revision.id
        editorial.write(draft, make.words(title=title), by=lani.person, at=at, revision_id=last)
        site.flush()
        site.refresh(draft)
    site.commit()
    files = taken(client)
    [story] = json.loads(files.pop("data.json"))["stories"]
    assert {name: (words["title"], words["written_at"][:10]) for name, words in story["wordings"].items()} == {
        "newest": ("Third", str(make.NOW.date() + timedelta(days=2))),
        "earlier-1": ("First", str(make.NOW.date())),
        "earlier-2": ("Second", str(make.NOW.date() + timedelta(days=1))),
    }
    assert ("The first words." in files[f"stories/{draft.id}-earlier-1.html"], len(files)) == (True, 3)


def test_nothing_of_anybody_else_is_in_the_file(client: FlaskClient, site: Session, lani: Account) -> None:
    lani.person.grant(Role.MODERATOR)
    other = make.story_in(site, State.IN_REVIEW, moderator=lani.person, title="Hers", typed="Her own words.")
    mine = published(site, lani.person)
    site.commit()
    everything = "".join(taken(client).values())
    others = {other.submitter.name, "Hers", "Her own words", *(step.by.name for step in mine.transitions if step.by)}
    assert [words for words in others - {"Lani Kekoa"} if words in everything] == []
    assert json.loads(taken(client)["data.json"])["steps_on_stories_of_others"][0]["what"] == "begin review"


def test_a_suggestion_that_was_not_shown_to_the_author_is_not_in_the_file(
    client: FlaskClient, site: Session, lani: Account
) -> None:
    story = make.story_in(site, State.AWAITING_TELLER)  # the moderator's words are its newest
    story.submitter = lani.person
    site.commit()
    assert '"The Water"' not in taken(client)["data.json"]


def test_words_that_were_destroyed_are_not_in_the_file(client: FlaskClient, site: Session, lani: Account) -> None:
    draft = make.draft(site, lani.person)
    site.commit()
    pages.send(client, f"/en/my/stories/{draft.id}/withdrawal", scope="delete")
    [story] = json.loads(taken(client)["data.json"])["stories"]
    assert (story["wordings"], story["stands"][0]) == ({}, "withdrawn")
