"""What led to a story on the site it came from leads to it here, as long as its teller has it there."""

from __future__ import annotations

from typing import Any

import factories as make
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from stories import consent, editorial
from stories.editorial import Origin, Scope
from stories.errors import AddressTaken, NotAnAddress
from stories.models import Naming, OldAddress, Person, Purpose, Role, Story

OLD = ("https://old.example.org/2019/03/rice/", "/?p=41", "/en/news/rice", "/about-rice.html?id=7")


def moved_in(site: Session, *, language: str = "en", old: tuple[str, ...] = OLD, **changes: Any) -> Story:
    leader = make.person(site, Role.LEADER)
    origin = Origin(language, old_addresses=old, original=changes.pop("original", None))
    story = editorial.begin_story(site, make.words(**changes), origin, by=leader, at=make.NOW)
    publish_again(site, story, leader)
    site.commit()
    return story


def publish_again(site: Session, story: Story, leader: Person) -> None:
    moderator = make.person(site, Role.MODERATOR)
    make.agree(story)
    seen = story.newest_revision.id
    editorial.submit(story, by=leader, at=make.NOW, revision_id=seen)
    editorial.begin_review(story, by=moderator, at=make.NOW)
    editorial.approve(story, by=moderator, at=make.NOW, revision_id=seen)
    editorial.publish(story, by=moderator, at=make.NOW)


def answers(client: FlaskClient, *paths: str) -> list[tuple[int, str | None]]:
    found = [client.get(path) for path in paths]
    return [(answer.status_code, answer.headers.get("Location")) for answer in found]


@pytest.mark.parametrize(
    "path",
    [
        "/2019/03/rice/", "/2019/03/rice", "/2019/03/rice/?utm_source=letter", "/?p=41", "/?p=41&preview=true",
        "/en/news/rice", "/about-rice.html?id=7",
    ],
)  # fmt: skip
def test_each_old_address_leads_to_the_story_for_ever(client: FlaskClient, site: Session, path: str) -> None:
    story = moved_in(site, language="ur")

    answer = client.get(path)
    assert (answer.status_code, answer.headers["Location"]) == (301, f"/ur/stories/{story.slug}")
    assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert client.head(path).status_code == 301


def test_an_address_of_ours_is_never_taken_over(client: FlaskClient, site: Session) -> None:
    moved_in(site, old=("/en/about", "/en", "/?q=1"))

    assert answers(client, "/en/about", "/") == [(200, None), (302, "/en/")]
    assert client.get("/en").headers["Location"].endswith("/en/")
    assert client.post("/2019/03/rice").status_code in {400, 404}


def test_a_story_under_a_path_that_lacks_only_a_language_is_found(client: FlaskClient, site: Session) -> None:
    story = moved_in(site, old=("/stories/rice",))

    assert answers(client, "/stories/rice", "/stories/salt") == [
        (301, f"/en/stories/{story.slug}"), (302, "/en/stories/salt"),
    ]  # fmt: skip


@pytest.mark.parametrize("scope", list(Scope))
def test_a_story_that_was_taken_back_is_not_found_or_says_what_its_teller_left(
    client: FlaskClient, site: Session, scope: Scope
) -> None:
    silent, told = moved_in(site, old=("/silent",)), moved_in(site, old=("/told",), language="vi")
    editorial.withdraw(silent, scope, by=silent.submitter, at=make.NOW)
    editorial.withdraw(told, scope, by=told.submitter, at=make.NOW, tombstone="Ask the elders.")
    site.commit()

    gone = client.get("/told")
    assert answers(client, "/silent/", "/told") == [(404, None), (410, None)]
    assert "Ask the elders." in gone.get_data(as_text=True)
    assert told.slug not in gone.get_data(as_text=True)
    assert '<html lang="vi"' in gone.get_data(as_text=True)


def test_deleted_words_are_gone_from_old_addresses_too(site: Session) -> None:
    story = moved_in(site)
    editorial.withdraw(story, Scope.DELETE, by=story.submitter, at=make.NOW)

    kept = site.scalars(select(OldAddress.address).where(OldAddress.story_id == story.id)).all()
    assert len(kept) == 4
    assert all(address.startswith("sha256:") for address in kept)


def test_a_story_without_consent_or_not_yet_public_is_not_found(client: FlaskClient, site: Session) -> None:
    story = moved_in(site)
    consent.record(story, {Purpose.PUBLISH: False}, consent.Circumstances("en"), by=story.submitter, at=make.NOW)
    leader = make.person(site, Role.LEADER)
    editorial.begin_story(site, make.words(), Origin("en", old_addresses=("/draft",)), by=leader, at=make.NOW)
    site.commit()

    assert answers(client, "/2019/03/rice", "/draft/") == [(404, None), (404, None)]


def test_a_teller_who_is_not_named_any_more_is_not_led_to(client: FlaskClient, site: Session) -> None:
    never_named = moved_in(site, old=("/never",), teller_naming=Naming.ANONYMOUS, teller_name="")
    story = moved_in(site, old=("/lani-kekoa",))
    editorial.revise(story, by=story.submitter, at=make.NOW)
    unnamed = make.words(teller_naming=Naming.ANONYMOUS, teller_name="")
    seen = story.newest_revision.id
    editorial.write(story, unnamed, by=story.submitter, at=make.NOW, revision_id=seen)
    publish_again(site, story, story.submitter)
    site.commit()

    assert answers(client, "/never", "/lani-kekoa/") == [(301, f"/en/stories/{never_named.slug}"), (404, None)]


def test_two_stories_cannot_come_from_one_address_but_a_family_can(site: Session) -> None:
    story = moved_in(site, old=("/rice",))
    translation = moved_in(site, old=("/rice/",), language="tl", original=story)

    assert site.scalars(select(OldAddress.story_id)).all() == [story.id]
    assert translation.original is story
    with pytest.raises(AddressTaken):
        moved_in(site, old=("https://old.example.org/rice",))
    with pytest.raises(NotAnAddress):
        moved_in(site, old=("rice",))


@pytest.mark.parametrize("path", ["/%00", "/2019/%ff/x", "/" + "a" * 5_000, "/?p=%00", "/?" + "&".join(["a=1"] * 200)])
def test_odd_addresses_are_answered(client: FlaskClient, path: str) -> None:
    assert client.get(path, follow_redirects=True).status_code in {200, 404}
