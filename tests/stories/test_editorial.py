"""The verbs of a story's life, each with what it does, what it refuses, and what it leaves on record."""

from __future__ import annotations

import unicodedata
from datetime import timedelta

import factories as make
import pytest
from factories import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session

from stories import consent, editorial, queries, wording
from stories.errors import Missing, NotNow, NotPermitted, StaleRevision, TooLong, Unmet
from stories.models import Change, Naming, Purpose, Role
from stories.workflow import Need, State, Verb, Visibility


def changed(session: Session) -> list[tuple[str, int]]:
    return [(row.kind, row.subject_id) for row in session.scalars(select(Change).order_by(Change.id))]


def test_a_story_begins_as_a_private_draft(session: Session) -> None:
    story = make.draft(session, title="  The\x00 Water\n We Carried ")

    assert (story.submission.state, story.visibility, story.newest_revision.title) == (
        State.DRAFT, Visibility.PRIVATE, "The Water We Carried",
    )  # fmt: skip
    assert changed(session) == []


def test_an_anonymous_teller_leaves_no_name(session: Session) -> None:
    story = make.draft(session, teller_naming=Naming.ANONYMOUS, teller_name="Lani Kekoa")

    assert (story.newest_revision.teller_name, story.newest_revision.shown_name) == ("", "")


def test_a_draft_without_a_title_is_refused(session: Session) -> None:
    with pytest.raises(Missing):
        make.draft(session, title=" \x01 ")


@pytest.mark.parametrize(("field", "length"), [("title", 301), ("attribution", 1001), ("place", 501)])
def test_words_over_their_limit_are_refused(session: Session, field: str, length: int) -> None:
    with pytest.raises(TooLong) as refused:
        make.draft(session, **{field: "x" * length})

    assert (refused.value.field, refused.value.limit) == (field, length - 1)


def test_saving_the_same_words_makes_no_new_revision(session: Session) -> None:
    story = make.draft(session)
    first = story.newest_revision

    again = editorial.write(story, make.words(), by=story.submitter, at=NOW, revision_id=first.id)

    assert again is first


def test_saving_over_words_one_has_not_seen_is_refused(session: Session) -> None:
    story = make.draft(session)
    seen = story.newest_revision.id
    editorial.write(story, make.words(title="Second"), by=story.submitter, at=NOW, revision_id=seen)

    with pytest.raises(StaleRevision):
        editorial.write(story, make.words(title="Third"), by=story.submitter, at=NOW, revision_id=seen)


def test_nobody_else_writes_in_a_draft(session: Session) -> None:
    story = make.draft(session)

    with pytest.raises(NotPermitted):
        editorial.write(
            story, make.words(), by=make.person(session, Role.LEADER), at=NOW, revision_id=story.newest_revision.id
        )


def test_a_submitted_story_is_not_written_in(session: Session) -> None:
    story = make.story_in(session, State.SUBMITTED)

    with pytest.raises(NotNow):
        editorial.write(story, make.words(title="X"), by=story.submitter, at=NOW, revision_id=story.newest_revision.id)


def test_nothing_is_sent_without_consent_to_publish(session: Session) -> None:
    story = make.draft(session)

    with pytest.raises(Unmet) as refused:
        editorial.submit(story, by=story.submitter, at=NOW, revision_id=story.newest_revision.id)

    assert refused.value.need is Need.CONSENT


def test_sending_twice_is_refused_and_recorded_once(session: Session) -> None:
    story = make.story_in(session, State.SUBMITTED)

    with pytest.raises(NotNow):
        editorial.submit(story, by=story.submitter, at=NOW, revision_id=story.newest_revision.id)

    assert [step.verb for step in story.transitions] == [Verb.SUBMIT]


def test_a_decision_on_older_words_is_refused(session: Session) -> None:
    reviewer = make.person(session, Role.MODERATOR)
    story = make.story_in(session, State.IN_REVIEW, moderator=reviewer)
    seen = story.newest_revision.id
    editorial.amend(story, make.words(title="Other"), by=reviewer, at=NOW, revision_id=seen)

    with pytest.raises(StaleRevision):
        editorial.approve(story, by=reviewer, at=NOW, revision_id=seen)


def test_of_two_moderators_the_second_comes_too_late(session: Session) -> None:
    first, second = make.person(session, Role.MODERATOR), make.person(session, Role.MODERATOR)
    story = make.story_in(session, State.SUBMITTED)
    editorial.begin_review(story, by=first, at=NOW)

    with pytest.raises(NotNow):
        editorial.begin_review(story, by=second, at=NOW)
    with pytest.raises(NotNow):
        editorial.approve(story, by=second, at=NOW, revision_id=story.newest_revision.id)


def test_nobody_approves_what_they_submitted_for_somebody_else(session: Session) -> None:
    submitter = make.person(session, Role.LEADER, Role.MODERATOR)
    story = make.story_in(session, State.SUBMITTED, by=submitter, teller=make.person(session))

    with pytest.raises(NotPermitted):
        editorial.begin_review(story, by=submitter, at=NOW)


@pytest.mark.parametrize("verb", [editorial.request_changes, editorial.decline])
def test_an_author_is_never_turned_away_without_a_word(session: Session, verb) -> None:  # type: ignore[no-untyped-def]
    reviewer = make.person(session, Role.MODERATOR)
    story = make.story_in(session, State.IN_REVIEW, moderator=reviewer)

    with pytest.raises(Unmet) as refused:
        verb(story, by=reviewer, at=NOW, revision_id=story.newest_revision.id, note=" \n ")

    assert refused.value.need is Need.NOTE


def test_words_the_teller_has_not_confirmed_are_not_approved(session: Session) -> None:
    reviewer = make.person(session, Role.MODERATOR)
    story = make.story_in(session, State.IN_REVIEW, moderator=reviewer)
    seen = story.newest_revision.id
    newer = editorial.amend(story, make.words(title="Other"), by=reviewer, at=NOW, revision_id=seen)

    with pytest.raises(Unmet) as refused:
        editorial.approve(story, by=reviewer, at=NOW, revision_id=newer.id)

    assert refused.value.need is Need.CONFIRMED_WORDS


def test_a_teller_with_an_account_confirms_what_a_submitter_sent(session: Session) -> None:
    teller, reviewer = make.person(session, Role.LEADER), make.person(session, Role.MODERATOR)
    story = make.story_in(session, State.SUBMITTED, teller=teller)
    revision_id = story.newest_revision.id
    editorial.begin_review(story, by=reviewer, at=NOW)
    editorial.ask_teller(story, by=reviewer, at=NOW, revision_id=revision_id)

    with pytest.raises(NotPermitted):
        editorial.confirm(story, by=story.submitter, at=NOW, revision_id=revision_id)
    editorial.confirm(story, by=teller, at=NOW, revision_id=revision_id)
    editorial.publish(story, by=None, at=NOW)

    assert story.is_public


def test_what_is_published_is_what_the_teller_last_confirmed(session: Session) -> None:
    story = make.story_in(session, State.AWAITING_TELLER)
    editorial.confirm(story, by=story.submitter, at=NOW, revision_id=story.newest_revision.id)
    editorial.publish(story, by=None, at=NOW)

    assert (story.published_revision.title, story.submission.confirmed_digest) == (
        "The Water", wording.of(story.published_revision).digest,
    )  # fmt: skip


def test_a_yes_that_was_asked_by_hand_needs_its_evidence(session: Session) -> None:
    story = make.story_in(session, State.AWAITING_TELLER)
    story.submitter.is_stand_in = True
    moderator, seen = make.person(session, Role.MODERATOR), story.newest_revision.id
    with pytest.raises(Unmet):
        editorial.confirm(story, by=moderator, at=NOW, revision_id=seen)
    editorial.confirm(story, by=moderator, at=NOW, revision_id=seen, note="By telephone.")

    assert (story.submission.state, story.submission.is_confirmed) == (State.APPROVED, True)
    assert (story.transitions[-1].by, story.transitions[-1].note) == (moderator, "By telephone.")


def test_the_clock_publishes_no_earlier_than_agreed(session: Session) -> None:
    reviewer = make.person(session, Role.MODERATOR)
    story = make.story_in(session, State.IN_REVIEW, moderator=reviewer)
    later = NOW + timedelta(days=3)
    editorial.approve(story, by=reviewer, at=NOW, revision_id=story.newest_revision.id, publish_at=later)

    with pytest.raises(Unmet):
        editorial.publish(story, by=None, at=NOW)
    assert queries.due_for_publication(session, NOW) == []
    assert queries.due_for_publication(session, later) == [story]
    editorial.publish(story, by=None, at=later)

    assert (story.is_public, story.published_at) == (True, later)


def test_a_date_can_be_moved_by_any_moderator_before_it_comes_and_once_only(session: Session) -> None:
    story = make.story_in(session, State.APPROVED)
    seen, later = story.newest_revision.id, NOW + timedelta(days=9)
    moderator = make.person(session, Role.MODERATOR)
    editorial.approve(story, by=moderator, at=NOW, revision_id=seen, publish_at=later)

    assert (story.submission.state, story.submission.publish_at) == (State.APPROVED, later)
    with pytest.raises(NotNow):
        editorial.approve(story, by=moderator, at=NOW, revision_id=seen, publish_at=later)


def test_an_approval_can_be_taken_back_to_be_read_again(session: Session) -> None:
    reviewer, other = make.person(session, Role.MODERATOR), make.person(session, Role.MODERATOR)
    story = make.story_in(session, State.IN_REVIEW, moderator=reviewer)
    seen, later = story.newest_revision.id, NOW + timedelta(days=3)
    editorial.approve(story, by=reviewer, at=NOW, revision_id=seen, publish_at=later)
    editorial.begin_review(story, by=other, at=NOW)

    submission = story.submission
    assert (submission.state, submission.reviewer, submission.publish_at) == (State.IN_REVIEW, other, None)
    assert queries.due_for_publication(session, later) == []
    editorial.approve(story, by=other, at=NOW, revision_id=seen)


def test_publishing_is_noted_for_the_index(session: Session) -> None:
    story = make.published(session)

    assert changed(session) == [("story", story.id)]


def test_a_published_story_stays_public_while_it_is_rewritten(session: Session) -> None:
    story = make.published(session)
    before = story.published_revision
    editorial.revise(story, by=story.submitter, at=NOW)
    editorial.write(story, make.words(title="New"), by=story.submitter, at=NOW, revision_id=story.newest_revision.id)

    assert (story.is_public, story.published_revision, story.newest_revision.title) == (True, before, "New")


def test_a_correction_waits_for_the_teller(session: Session) -> None:
    story = make.published(session)
    before = story.published_revision
    editorial.correct(
        story, make.words(title="Corrected"), by=make.person(session, Role.MODERATOR), at=NOW,
        revision_id=before.id, note="The name of the river",
    )  # fmt: skip

    assert (story.published_revision, story.submission.state) == (before, State.AWAITING_TELLER)


@pytest.mark.parametrize(("verb", "seen"), [(editorial.archive, (False, True)), (editorial.unpublish, (False, False))])
def test_a_moderator_takes_a_story_from_readers_and_gives_it_back(session: Session, verb, seen) -> None:  # type: ignore[no-untyped-def]
    moderator = make.person(session, Role.MODERATOR)
    story = make.published(session)
    verb(story, by=moderator, at=NOW, note="A family asked for time.")

    assert (story.is_public, story.is_readable) == seen
    editorial.restore(story, by=moderator, at=NOW)
    assert story.is_public


@pytest.mark.parametrize("state", [state for state in State if state is not State.WITHDRAWN])
def test_a_teller_withdraws_from_every_state(session: Session, state: State) -> None:
    story = make.story_in(session, state)
    editorial.withdraw(story, editorial.Scope.HIDE, by=story.submitter, at=NOW)

    assert (story.visibility, story.is_readable, story.open_submission) == (Visibility.WITHDRAWN, False, None)
    assert consent.answers_of(story).get(Purpose.PUBLISH, False) is False


def test_withdrawing_takes_the_translations_along(session: Session) -> None:
    story = make.published(session)
    translation = make.published(session, original=story, language="vi")
    editorial.withdraw(story, editorial.Scope.HIDE, by=story.submitter, at=NOW)

    assert translation.visibility is Visibility.WITHDRAWN


def test_only_the_teller_withdraws_where_there_is_one(session: Session) -> None:
    story = make.story_in(session, State.SUBMITTED, teller=make.person(session))

    with pytest.raises(NotPermitted):
        editorial.withdraw(story, editorial.Scope.DELETE, by=story.submitter, at=NOW)


def test_deleting_destroys_every_word_and_keeps_the_record(session: Session) -> None:
    story = make.published(session, introduction="Of the harbour", pull_quotes=("Nobody asked",))
    random = story.slug.rpartition("-")[2]
    editorial.withdraw(story, editorial.Scope.DELETE, by=story.submitter, at=NOW, tombstone="I took it home.")
    session.commit()

    kept = wording.of(story.newest_revision)
    assert (kept.title, kept.body, kept.introduction, kept.pull_quotes, kept.teller_name) == ("", "", "", (), "")
    assert (story.slug, story.tombstone) == (random, "I took it home.")
    assert [step.verb for step in story.transitions][-1] is Verb.WITHDRAW


def test_deleted_words_are_in_no_file_of_the_database(session: Session, tmp_path) -> None:  # type: ignore[no-untyped-def]
    story = make.published(session, typed="The password of the harbour was zanzibarquill.")
    session.commit()
    editorial.withdraw(story, editorial.Scope.DELETE, by=story.submitter, at=NOW)
    session.commit()
    session.close()
    session.get_bind().dispose()

    assert [path.name for path in tmp_path.iterdir() if b"zanzibarquill" in path.read_bytes()] == []


@pytest.mark.parametrize("body", ["", "<p>\u3164</p>", "<hr>"])
def test_a_story_without_a_visible_word_is_not_sent(session: Session, body: str) -> None:
    story = make.draft(session, body=body)
    make.agree(story)

    with pytest.raises(Unmet) as refused:
        editorial.submit(story, by=story.submitter, at=NOW, revision_id=story.newest_revision.id)
    assert refused.value.need is Need.WORDS


def test_a_source_id_is_composed_so_that_the_same_one_is_the_same(session: Session) -> None:
    assert make.draft(session, source_id=unicodedata.normalize("NFD", "Bảo-tàng-1")).source_id == "Bảo-tàng-1"
