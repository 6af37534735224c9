from __future__ import annotations

import factories as make
import pytest
from sqlalchemy.orm import Session

from stories import consent, origins
from stories.editorial import Origin
from stories.errors import NotNow, NotPermitted
from stories.models import Purpose, Role
from stories.workflow import State


def test_a_draft_that_was_never_sent_may_change_its_language_and_original(session: Session) -> None:
    leader = make.person(session, Role.LEADER)
    original = make.published(session)
    translation = make.draft(session, by=leader, language="en")
    origins.put_right(translation, Origin("km", original=original), by=leader, at=make.NOW)
    session.flush()
    assert (translation.language, translation.original, translation.root_id) == ("km", original, original.id)


def test_another_teller_must_be_asked_anew(session: Session) -> None:
    leader = make.person(session, Role.LEADER)
    story = make.draft(session, by=leader, teller=leader)
    make.agree(story)
    origins.put_right(story, Origin("en"), by=leader, at=make.NOW)
    assert (story.teller, story.consented, consent.answers_of(story)) == (None, False, {Purpose.PUBLISH: False})


def test_a_story_that_was_sent_keeps_its_origin(session: Session) -> None:
    story = make.story_in(session, State.CHANGES_REQUESTED)
    with pytest.raises(NotNow):
        origins.put_right(story, Origin("km"), by=story.submitter, at=make.NOW)


def test_nobody_else_may_say_where_a_story_comes_from(session: Session) -> None:
    story = make.draft(session)
    with pytest.raises(NotPermitted):
        origins.put_right(story, Origin("km"), by=make.person(session, Role.LEADER), at=make.NOW)


def test_a_story_is_never_its_own_translation(session: Session) -> None:
    story = make.draft(session)
    origins.put_right(story, Origin("en", original=story), by=story.submitter, at=make.NOW)
    assert story.original is None


def test_a_public_story_may_be_translated_by_others_unless_its_teller_said_no(session: Session) -> None:
    other = make.person(session, Role.LEADER)
    story = make.published(session)
    assert origins.may_translate(story, other)
    consent.record(story, {Purpose.TRANSLATE: False}, consent.Circumstances("en"), by=story.submitter, at=make.NOW)
    assert not origins.may_translate(story, other)
    assert origins.may_translate(story, story.submitter)


def test_a_story_that_is_not_public_may_be_translated_by_its_own_people_only(session: Session) -> None:
    story = make.draft(session)
    assert (origins.may_translate(story, story.submitter), origins.may_translate(story, make.person(session))) == (
        True,
        False,
    )
