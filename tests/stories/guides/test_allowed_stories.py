"""Which stories a guide may show."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import factories as make
from sqlalchemy.orm import Session

from stories import consent, editorial, guides
from stories.guides import GuidePlan, allowed_stories
from stories.models import Guide, Purpose, Role, Story


def guide_around(session: Session, now: datetime, *stories: Story) -> Guide:
    plan = replace(GuidePlan("One hour", "en"), stories=stories)
    return guides.draft(session, plan, by=make.person(session, Role.EDUCATOR), at=now)


def answer(story: Story, now: datetime, yes: bool) -> None:
    consent.record(story, {Purpose.USE_IN_GUIDES: yes}, consent.Circumstances("en"), by=story.submitter, at=now)


def test_a_guide_shows_its_public_stories_in_its_own_order(session: Session, now: datetime) -> None:
    first, second = make.published(session), make.published(session)
    guide = guide_around(session, now, second, first)
    assert allowed_stories.anchored(session, guide) == [second, first]
    assert allowed_stories.counts(session, [guide]) == {guide.id: 2}


def test_a_story_that_is_withdrawn_archived_or_still_a_draft_is_not_shown(session: Session, now: datetime) -> None:
    moderator = make.person(session, Role.MODERATOR)
    withdrawn, archived, draft = make.published(session), make.published(session), make.draft(session)
    guide = guide_around(session, now, withdrawn, archived, draft)
    editorial.withdraw(withdrawn, editorial.Scope.HIDE, by=withdrawn.submitter, at=now)
    editorial.archive(archived, by=moderator, at=now, note="It was replaced.")
    assert allowed_stories.anchored(session, guide) == []
    assert allowed_stories.counts(session, [guide]) == {}


def test_a_teller_who_said_no_to_guides_is_in_none_and_may_change_their_mind(session: Session, now: datetime) -> None:
    story = make.published(session)
    answer(story, now, yes=False)
    assert allowed_stories.allowed_by_id(session, [story.id]) == {}
    assert allowed_stories.found_by_title(session, "Water", 5) == []
    answer(story, now, yes=True)
    assert allowed_stories.allowed_by_id(session, [story.id]) == {story.id: story}


def test_a_title_is_found_by_any_part_of_it_and_signs_stand_for_themselves(session: Session) -> None:
    story = make.published(session, title="100% ours")
    make.published(session, title="100 miles")
    assert allowed_stories.found_by_title(session, "100% O", 5) == [story]
    assert allowed_stories.found_by_title(session, "_", 5) == []
