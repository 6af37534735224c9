"""What is kept beside stories quotes them: it goes in the transaction in which one of them is no longer public."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import factories as make
import pytest
from factories import NOW
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from stories import consent, editorial, guides, leaving, queries, related
from stories.community import catalogue
from stories.leaving import Farewell
from stories.models import Change, Guide, Purpose, Related, RelatedKind, RelatedProgress, Role, Story
from stories.related import Near
from stories.workflow import RULES, Verb, Visibility

STORY, GUIDE = RelatedKind.STORY, RelatedKind.GUIDE
Step = Callable[[Session, Story], object]


def moderator(session: Session) -> editorial.Person:
    return make.person(session, Role.MODERATOR)


def publish_again(session: Session, story: Story) -> None:
    author, mo = story.submitter, moderator(session)
    editorial.revise(story, by=author, at=NOW)
    editorial.write(story, make.words(title="Other"), by=author, at=NOW, revision_id=story.newest_revision.id)
    editorial.submit(story, by=author, at=NOW, revision_id=story.newest_revision.id)
    editorial.begin_review(story, by=mo, at=NOW)
    editorial.approve(story, by=mo, at=NOW, revision_id=story.newest_revision.id)
    editorial.publish(story, by=mo, at=NOW)


def take_consent_back(_session: Session, story: Story) -> None:
    consent.record(story, {Purpose.PUBLISH: False}, consent.Circumstances("en"), by=story.submitter, at=NOW)


STEPS: dict[str, Step] = {
    "withdraw, hidden": lambda _, story: editorial.withdraw(story, editorial.Scope.HIDE, by=story.submitter, at=NOW),
    "withdraw, deleted": lambda _, story: editorial.withdraw(story, editorial.Scope.DELETE, by=story.submitter, at=NOW),
    "unpublish": lambda session, story: editorial.unpublish(story, by=moderator(session), at=NOW, note="A danger."),
    "archive": lambda session, story: editorial.archive(story, by=moderator(session), at=NOW, note="Old."),
    "take name off": lambda _, story: editorial.take_name_off(story, by=story.submitter, at=NOW),
    "publish": publish_again,
    "consent taken back": take_consent_back,
    **{
        f"leave, {farewell.value}": lambda _, story, farewell=farewell: leaving.leave(story.submitter, farewell, at=NOW)
        for farewell in Farewell
        if farewell is not Farewell.STAY
    },
}  # fmt: skip


def beside(session: Session, story: Story, *others: Story) -> None:
    """Keep that the story and each of the others stand beside one another, with a word of both."""
    for other in others:
        related.keep(session, story.id, [Near(STORY, other.id, (), ("harbour",))])
        related.keep(session, other.id, [Near(STORY, story.id, ("Water",), ("harbour",))])
    session.flush()


def rows_about(session: Session, story: Story) -> list[Related]:
    names_it = (Related.kind == STORY) & (Related.other_id == story.id)
    return list(session.scalars(select(Related).where(or_(Related.story_id == story.id, names_it))))


def test_every_step_that_changes_what_readers_see_is_tried() -> None:
    changing = {
        rule.verb for rule in RULES if isinstance(rule.start, Visibility) and isinstance(rule.end, Visibility)
    } - {Verb.RESTORE}  # what comes back has nothing kept
    assert {name.partition(",")[0] for name in STEPS} >= {verb.value for verb in changing | {Verb.PUBLISH}}


@pytest.mark.parametrize("name", STEPS)
def test_nothing_is_kept_of_a_story_that_changed_and_those_beside_it_are_looked_at_again(
    session: Session, name: str
) -> None:
    story, other, third = (make.published(session) for _ in range(3))
    beside(session, story, other)
    beside(session, other, third)
    related.keep(session, other.id, [Near(STORY, story.id, (), ("harbour",)), Near(STORY, third.id, (), ("rice",))])
    session.commit()
    STEPS[name](session, story)
    session.flush()

    assert rows_about(session, story) == []
    assert related.of_story(session, other.id) == [Near(STORY, third.id, (), ("rice",))]
    progress = dict(session.execute(select(RelatedProgress.subject_id, RelatedProgress.is_current)).all())
    assert (progress.get(story.id), progress[other.id], progress[third.id]) == (None, False, True)


@pytest.mark.parametrize("name", ["withdraw, hidden", "withdraw, deleted", "take name off"])
def test_translations_take_what_is_kept_of_them_along(session: Session, name: str) -> None:
    story, other = make.published(session), make.published(session)
    translation = make.published(session, by=story.submitter, original=story, language="vi")
    beside(session, translation, other)
    session.commit()
    STEPS[name](session, story)
    session.flush()

    assert rows_about(session, translation) == []


def test_a_guide_that_is_taken_back_stands_beside_nothing(session: Session) -> None:
    story, educator = make.published(session), make.person(session, Role.EDUCATOR)
    guide = published_guide(session, educator)
    related.keep(session, story.id, [Near(GUIDE, guide.id, (), ("harbour",))])
    related.note_done(session, GUIDE, guide.id)
    session.commit()
    guides.unpublish(guide, by=educator, at=NOW)
    session.flush()

    assert related.of_story(session, story.id) == []
    assert queries.related_due(session, 10) == [(STORY, story.id)]


def published_guide(session: Session, educator: editorial.Person) -> Guide:
    phases = (guides.PhasePlan("Open", steps=(guides.StepPlan("Welcome", 5),)),)
    plan = guides.GuidePlan("An Hour", "en", phases=phases, help_note="Rest.")
    guide = guides.draft(session, plan, by=educator, at=NOW)
    guides.publish(guide, by=educator, at=NOW)
    return guide


def test_what_is_public_and_not_worked_out_is_due_guides_first(session: Session) -> None:
    story, hidden = make.published(session), make.published(session)
    guide = published_guide(session, make.person(session, Role.EDUCATOR))
    editorial.withdraw(hidden, editorial.Scope.HIDE, by=hidden.submitter, at=NOW)
    assert queries.related_due(session, 10) == [(GUIDE, guide.id), (STORY, story.id)]
    related.keep(session, story.id, [])
    related.note_done(session, GUIDE, guide.id)

    assert queries.related_due(session, 10) == []
    assert (related.of_story(session, story.id), related.of_story(session, hidden.id)) == ([], None)


def test_a_theme_with_another_name_has_its_stories_looked_at_again(session: Session) -> None:
    water = make.theme(session, "Water", "water")
    story = make.published(session, themes=(water,))
    related.keep(session, story.id, [])
    session.commit()
    catalogue.write(session, water, replace(catalogue.entry_of(water), name="Clean water"))
    session.flush()

    assert queries.related_due(session, 10) == [(STORY, story.id)]


def test_only_another_list_than_was_kept_is_a_change(session: Session) -> None:
    story, other = make.published(session), make.published(session)
    near = [Near(STORY, other.id, ("Water",), ())]
    changed = [related.keep(session, story.id, each) for each in (near, near, [])]
    kinds = session.scalars(select(Change.kind).where(Change.kind == "related")).all()

    assert (changed, kinds) == ([False, False, True], ["related"])
