"""Somebody leaves for good: what becomes of their stories, guides and reviews, and what is left of them."""

from __future__ import annotations

from datetime import timedelta

import factories as make
import pytest
from factories import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session

from stories import actors, consent, editorial, guides, leaving
from stories.errors import NotNow
from stories.leaving import Farewell
from stories.models import Guide, Naming, Person, Purpose, Role, Story
from stories.workflow import State, Verb, Visibility

LATER = NOW + timedelta(days=400)


@pytest.fixture
def lani(session: Session) -> Person:
    return make.person(session, Role.LEADER, name="Lani Kekoa")


def published(session: Session, by: Person, **changes: object) -> Story:
    story = make.draft(session, by, title="Lani Kekoa and the Water", **changes)
    make.agree(story)
    reviewer = make.person(session, Role.MODERATOR)
    editorial.submit(story, by=by, at=NOW, revision_id=story.newest_revision.id)
    editorial.begin_review(story, by=reviewer, at=NOW)
    editorial.approve(story, by=reviewer, at=NOW, revision_id=story.newest_revision.id)
    editorial.publish(story, by=reviewer, at=NOW)
    return story


def shown(story: Story) -> tuple[Visibility, str, bool]:
    """Where the story stands, under which name, and whether its words are there."""
    revision = story.published_revision
    assert revision is not None
    return story.visibility, revision.shown_name, bool(revision.body)


@pytest.mark.parametrize(
    ("farewell", "left"),
    [
        (Farewell.STAY, (Visibility.PUBLIC, "Lani Kekoa", True)),
        (Farewell.WITHOUT_NAME, (Visibility.PUBLIC, "", True)),
        (Farewell.HIDE, (Visibility.WITHDRAWN, "Lani Kekoa", True)),
        (Farewell.DELETE, (Visibility.WITHDRAWN, "", False)),
    ],
)
def test_published_stories_become_what_their_teller_chose(
    session: Session, lani: Person, farewell: Farewell, left: tuple[Visibility, str, bool]
) -> None:
    story = published(session, lani)
    leaving.leave(lani, farewell, at=LATER)

    assert shown(story) == left
    assert (lani.name, lani.roles, lani.has_left) == ("", frozenset(), True)


@pytest.mark.parametrize("farewell", Farewell)
@pytest.mark.parametrize("state", [state for state in State if state not in {State.PUBLISHED, State.WITHDRAWN}])
def test_what_was_never_published_is_deleted_wherever_it_stands(
    session: Session, farewell: Farewell, state: State
) -> None:
    story = make.story_in(session, state)
    leaving.leave(story.submitter, farewell, at=LATER)

    words = {field for revision in story.revisions for field in (revision.title, revision.body, revision.teller_name)}
    assert (story.visibility, words, story.open_submission) == (Visibility.WITHDRAWN, {""}, None)


@pytest.mark.parametrize("farewell", Farewell)
def test_a_newer_draft_of_a_published_story_goes_and_readers_keep_what_they_had(
    session: Session, lani: Person, farewell: Farewell
) -> None:
    story = published(session, lani)
    editorial.revise(story, by=lani, at=NOW)
    seen = story.newest_revision.id
    editorial.write(story, make.words(typed="A secret."), by=lani, at=NOW, revision_id=seen)
    before = story.published_revision.body
    leaving.leave(lani, farewell, at=LATER)

    assert story.open_submission is None
    assert "A secret" not in "".join(revision.body for revision in story.revisions) or farewell is Farewell.HIDE
    assert story.published_revision.body == ("" if farewell is Farewell.DELETE else before)


def test_a_story_without_its_name_has_it_nowhere_but_in_its_text(session: Session, lani: Person) -> None:
    story = published(session, lani, attribution="Thanks to Lani Kekoa’s aunt")
    old = story.slug
    leaving.leave(lani, Farewell.WITHOUT_NAME, at=LATER)

    revision = story.published_revision
    assert (revision.teller_naming, revision.attribution, revision.title) == (
        Naming.ANONYMOUS, "", "Lani Kekoa and the Water",
    )  # fmt: skip
    assert {kept.teller_name for kept in story.revisions} == {""}
    assert old.endswith(story.slug)
    assert story.slug != old
    assert consent.answers_of(story)[Purpose.NAME] is False
    assert [step.verb for step in story.transitions][-1] is Verb.TAKE_NAME_OFF
    assert story.is_public


def test_an_address_that_names_nobody_stays(session: Session, lani: Person) -> None:
    story = make.story_in(session, State.PUBLISHED)
    before = story.slug
    editorial.take_name_off(story, by=story.submitter, at=LATER)

    assert (story.slug, story.published_revision.shown_name) == (before, "")


def test_a_name_that_is_gone_is_not_taken_off_again(session: Session, lani: Person) -> None:
    story = published(session, lani)
    editorial.take_name_off(story, by=lani, at=LATER)
    with pytest.raises(NotNow):
        editorial.take_name_off(story, by=lani, at=LATER)
    leaving.leave(lani, Farewell.WITHOUT_NAME, at=LATER)

    assert shown(story) == (Visibility.PUBLIC, "", True)


def test_a_name_that_only_an_earlier_wording_had_is_gone_too(session: Session, lani: Person) -> None:
    story = published(session, lani)
    editorial.revise(story, by=lani, at=NOW)
    words = make.words(teller_naming=Naming.ANONYMOUS)
    editorial.write(story, words, by=lani, at=NOW, revision_id=story.newest_revision.id)
    story.published_revision = story.newest_revision
    leaving.leave(lani, Farewell.WITHOUT_NAME, at=LATER)

    assert {revision.teller_name for revision in story.revisions} == {""}


def test_a_story_that_was_always_anonymous_stays_as_it_is(session: Session, lani: Person) -> None:
    story = published(session, lani, teller_naming=Naming.ANONYMOUS)
    kept = story.published_revision
    leaving.leave(lani, Farewell.WITHOUT_NAME, at=LATER)

    assert (story.published_revision, kept.erased_at) == (kept, None)


def test_nothing_is_taken_off_or_thrown_away_before_readers_had_it(session: Session) -> None:
    story = make.draft(session)
    for verb in (editorial.take_name_off, editorial.discard):
        with pytest.raises(NotNow):
            verb(story, by=story.submitter, at=NOW)


def test_moderators_read_what_readers_read_after_the_name_is_gone(session: Session, lani: Person) -> None:
    story = published(session, lani)
    leaving.leave(lani, Farewell.WITHOUT_NAME, at=LATER)
    moderator = make.person(session, Role.MODERATOR)

    assert story.submission.revision is story.published_revision
    editorial.correct(
        story, make.words(title="The Water"), by=moderator, at=LATER, revision_id=story.newest_revision.id, note="Typo"
    )
    assert Verb.CONFIRM in actors.open_to(story, moderator), (
        "nobody who signs in speaks for it, so a moderator asks by hand"
    )


def test_the_story_of_a_teller_with_an_account_stays_whoever_sent_it_in_leaves(session: Session, lani: Person) -> None:
    teller = make.person(session, Role.LEADER)
    story = published(session, teller)
    story.teller, story.submitter = teller, lani
    leaving.leave(lani, Farewell.DELETE, at=LATER)

    assert shown(story)[0] is Visibility.PUBLIC


def test_a_translation_goes_with_its_original_and_nothing_is_withdrawn_twice(session: Session, lani: Person) -> None:
    original = published(session, lani)
    translation = published(session, lani, language="ur", original=original)
    draft = make.draft(session, lani, language="bn", original=original)
    leaving.leave(lani, Farewell.DELETE, at=LATER)

    assert {story.visibility for story in (original, translation, draft)} == {Visibility.WITHDRAWN}


def test_a_moderator_who_leaves_gives_back_what_they_were_reading(session: Session) -> None:
    moderator = make.person(session, Role.MODERATOR)
    story = make.story_in(session, State.IN_REVIEW, moderator=moderator)
    leaving.leave(moderator, Farewell.STAY, at=LATER)

    assert (story.submission.state, story.submission.reviewer) == (State.SUBMITTED, None)
    assert story.transitions[-1].by is moderator


def test_drafted_guides_go_and_public_ones_stay_with_the_stewards(session: Session) -> None:
    educator = make.person(session, Role.EDUCATOR)
    plan = guides.GuidePlan(
        title="An Hour", language="en", help_note="Call a friend.",
        phases=(guides.PhasePlan("Talk", steps=(guides.StepPlan("Begin", 10),)),),
    )  # fmt: skip
    public = guides.draft(session, plan, by=educator, at=NOW)
    guides.publish(public, by=educator, at=NOW)
    guides.draft(session, plan, by=educator, at=NOW)
    leaving.leave(educator, Farewell.STAY, at=LATER)

    assert session.scalars(select(Guide)).all() == [public]
    assert guides.may_change(public, make.person(session, Role.STEWARD))
