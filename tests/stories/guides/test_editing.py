"""Guides: who may write them, what is tidied, what is refused, and what the index hears of."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import factories as make
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from stories import guides
from stories.errors import Missing, OutOfRange, Refused, StaleRevision, TooLong
from stories.guides import GuideOrigin, GuidePlan, NotYourGuide, PhasePlan, PromptPlan, StepPlan
from stories.models import Change, Guide, Role
from stories.models.guides import Depth, Grouping
from stories.text import limits

READING = StepPlan(
    "Read aloud", 12, Grouping.EVERYONE, "A paragraph to a voice.", "Do not hurry.", (PromptPlan("Who was there?"),)
)
TALK = StepPlan("Talk", 20, Grouping.PAIRS, prompts=(PromptPlan("And you?", Depth.ACTION),))
HOUR = GuidePlan(
    title="One hour",
    language="en",
    audiences=("facilitators",),
    help_note="Slow down. Offer company.",
    phases=(PhasePlan("Open", "Come in.", (READING,)), PhasePlan("Discuss", "", (TALK,))),
)


def written(session: Session, now: datetime, plan: GuidePlan = HOUR, **origin: Any) -> Guide:
    author = make.person(session, Role.EDUCATOR)
    return guides.draft(session, plan, by=author, at=now, origin=GuideOrigin(**origin))


def notes(session: Session) -> list[int]:
    return list(session.scalars(select(Change.subject_id).where(Change.kind == "guide")))


def test_a_draft_is_what_was_written_and_nobody_else_sees_it(session: Session, now: datetime) -> None:
    guide = written(session, now)
    session.commit()
    session.expire_all()
    assert guides.plan_of(guide) == HOUR
    assert (guide.minutes, guide.version, guide.is_public) == (32, 1, False)


@pytest.mark.parametrize("role", [Role.LEADER, Role.MODERATOR])
def test_only_educators_and_stewards_write_guides(session: Session, now: datetime, role: Role) -> None:
    with pytest.raises(NotYourGuide):
        guides.draft(session, HOUR, by=make.person(session, role), at=now)


def test_texts_are_tidied_and_empty_steps_and_phases_left_out(session: Session, now: datetime) -> None:
    messy = replace(
        HOUR,
        title="  One\x00  hour ",
        objectives=("  Listen ", " ", "\x07"),
        phases=(PhasePlan(" "), PhasePlan("Open", "Come in. \r\n", (StepPlan(" \n"), READING)), HOUR.phases[1]),
    )
    assert guides.plan_of(written(session, now, messy)) == replace(HOUR, objectives=("Listen",))


def test_words_that_the_site_does_not_know_are_left_out(session: Session, now: datetime) -> None:
    plan = replace(HOUR, audiences=("teachers", "facilitators", "aliens"), settings=("moon",), query_language="xx")
    guide = written(session, now, plan)
    assert (guide.audiences, guide.settings, guide.query_language) == (["facilitators", "teachers"], [], "")


def with_step(**changes: Any) -> GuidePlan:
    return replace(HOUR, phases=(PhasePlan("Open", "", (replace(READING, **changes),)),))


REFUSED = [
    (replace(HOUR, title=" "), Missing, "title"),
    (replace(HOUR, title="x" * (limits.TITLE + 1)), TooLong, "title"),
    (replace(HOUR, language="tlh"), Missing, "language"),
    (replace(HOUR, about="x" * (limits.INTRODUCTION + 1)), TooLong, "about"),
    (replace(HOUR, objectives=("x",) * (limits.LIST_ENTRIES + 1)), TooLong, "objectives"),
    (replace(HOUR, agreements=("x" * (limits.SHORT + 1),)), TooLong, "agreements"),
    (replace(HOUR, group_min=0), OutOfRange, "group_min"),
    (replace(HOUR, group_min=9, group_max=8), OutOfRange, "group_max"),
    (replace(HOUR, query_minutes=10**30), OutOfRange, "query_minutes"),
    (replace(HOUR, phases=(PhasePlan("Open", "", (READING,) * (limits.GUIDE_STEPS + 1)),)), TooLong, "phases"),
    (replace(HOUR, phases=(PhasePlan("Open"),) * (limits.GUIDE_PHASES + 1)), TooLong, "phases"),
    (replace(HOUR, phases=(PhasePlan("", "", (READING,)),)), Missing, "phases"),
    (with_step(title=""), Missing, "phases"),
    (with_step(title="x" * (limits.TITLE + 1)), TooLong, "phases"),
    (with_step(minutes=-1), OutOfRange, "phases"),
    (with_step(minutes=limits.STEP_MINUTES + 1), OutOfRange, "phases"),
    (with_step(instruction="x" * (limits.INTRODUCTION + 1)), TooLong, "phases"),
    (with_step(tip="x" * (limits.INTRODUCTION + 1)), TooLong, "phases"),
    (with_step(prompts=(PromptPlan("x" * (limits.SHORT + 1)),)), TooLong, "phases"),
    (with_step(prompts=(PromptPlan("x"),) * (limits.LIST_ENTRIES + 1)), TooLong, "phases"),
]


@pytest.mark.parametrize(("plan", "error", "field"), REFUSED)
def test_a_plan_that_does_not_fit_is_refused_and_says_which_field(
    session: Session, now: datetime, plan: GuidePlan, error: type[Refused], field: str
) -> None:
    with pytest.raises(error) as refused:
        written(session, now, plan)
    assert refused.value.field == field  # type: ignore[attr-defined]
    assert session.scalars(select(Guide)).all() == []


def test_saving_keeps_the_same_stories_in_their_new_order(session: Session, now: datetime) -> None:
    first, second = make.published(session), make.published(session)
    guide = written(session, now, replace(HOUR, stories=(first, second, first)))
    session.commit()
    guides.save(guide, replace(HOUR, stories=(second, first)), by=guide.author, at=now, version=1)
    session.commit()
    assert [anchor.story for anchor in guide.anchors] == [second, first]
    assert guide.version == 2


def test_a_save_on_an_older_version_is_refused_and_changes_nothing(session: Session, now: datetime) -> None:
    guide = written(session, now)
    guides.save(guide, replace(HOUR, title="Ours"), by=guide.author, at=now, version=1)
    with pytest.raises(StaleRevision):
        guides.save(guide, replace(HOUR, title="Theirs"), by=guide.author, at=now, version=1)
    assert guide.title == "Ours"


def test_another_educator_may_not_change_a_guide_but_a_steward_may(session: Session, now: datetime) -> None:
    guide = written(session, now)
    stranger = make.person(session, Role.EDUCATOR)
    for verb in (guides.publish, guides.unpublish):
        with pytest.raises(NotYourGuide):
            verb(guide, by=stranger, at=now)
    with pytest.raises(NotYourGuide):
        guides.save(guide, HOUR, by=stranger, at=now, version=1)
    guides.publish(guide, by=make.person(session, Role.STEWARD), at=now)
    assert guide.is_public


def test_an_author_who_is_no_longer_an_educator_may_not_change_the_guide(session: Session, now: datetime) -> None:
    guide = written(session, now)
    guide.author.revoke(Role.EDUCATOR)
    assert not guides.may_change(guide, guide.author)


@pytest.mark.parametrize(
    ("plan", "field"), [(replace(HOUR, phases=()), "phases"), (replace(HOUR, help_note=" "), "help_note")]
)
def test_a_guide_needs_time_and_a_help_note_before_it_is_public(
    session: Session, now: datetime, plan: GuidePlan, field: str
) -> None:
    guide = written(session, now, plan)
    with pytest.raises(Missing) as refused:
        guides.publish(guide, by=guide.author, at=now)
    assert (refused.value.field, guide.is_public) == (field, False)


def test_a_public_guide_cannot_be_saved_without_its_help_note(session: Session, now: datetime) -> None:
    guide = written(session, now)
    guides.publish(guide, by=guide.author, at=now)
    with pytest.raises(Missing):
        guides.save(guide, replace(HOUR, help_note=""), by=guide.author, at=now, version=1)
    assert guide.help_note == HOUR.help_note


def test_the_index_hears_of_publishing_saving_and_taking_back(session: Session, now: datetime) -> None:
    guide = written(session, now)
    assert notes(session) == []
    guides.publish(guide, by=guide.author, at=now)
    guides.save(guide, HOUR, by=guide.author, at=now, version=1)
    guides.unpublish(guide, by=guide.author, at=now)
    assert notes(session) == [guide.id] * 3
    assert not guide.is_public


def test_publishing_twice_keeps_the_first_date(session: Session, now: datetime) -> None:
    guide = written(session, now)
    guides.publish(guide, by=guide.author, at=now)
    guides.publish(guide, by=guide.author, at=now + timedelta(days=1))
    assert guide.published_at == now


def test_a_translation_of_a_translation_belongs_to_the_original(session: Session, now: datetime) -> None:
    english = written(session, now)
    urdu = written(session, now, replace(HOUR, language="ur"), original=english)
    session.flush()
    khmer = written(session, now, replace(HOUR, language="km"), original=urdu)
    assert (urdu.original, khmer.original) == (english, english)
