"""What lies before the moderators."""

from __future__ import annotations

from datetime import timedelta

import factories as make
import pytest
from sqlalchemy.orm import Session

from stories import editorial
from stories.models import Role
from stories.queries import review_queue
from stories.queries.review_queue import QueueFilter, QueueTab
from stories.workflow import RULES, Actor, State, Verb


def test_the_submission_that_has_waited_longest_comes_first(session: Session) -> None:
    moderator = make.person(session, Role.MODERATOR)
    first, second = make.draft(session, title="First"), make.draft(session, title="Second")
    for story, hours in ((first, 2), (second, 1)):
        make.agree(story)
        at = make.NOW + timedelta(hours=hours)
        editorial.submit(story, by=story.submitter, at=at, revision_id=story.newest_revision.id)
    page = review_queue.submissions(session, QueueFilter(), moderator)
    assert [submission.story for submission in page.rows] == [second, first]


def test_each_submission_lies_on_its_pile(session: Session) -> None:
    me, other = make.person(session, Role.MODERATOR), make.person(session, Role.MODERATOR)
    made = {
        "draft": make.story_in(session, State.DRAFT),
        "waiting": make.story_in(session, State.SUBMITTED),
        "mine": make.story_in(session, State.IN_REVIEW, moderator=me),
        "others": make.story_in(session, State.IN_REVIEW, moderator=other),
        "asked for changes": make.story_in(session, State.CHANGES_REQUESTED),
        "with the teller": make.story_in(session, State.AWAITING_TELLER),
        "approved": make.story_in(session, State.APPROVED),
        "declined": make.story_in(session, State.DECLINED),
        "published": make.story_in(session, State.PUBLISHED),
    }
    names = {story.id: name for name, story in made.items()}
    piles = {
        pile: {names[row.story.id] for row in review_queue.submissions(session, QueueFilter(pile), me).rows}
        for pile in QueueTab
    }
    assert piles == {
        QueueTab.WAITING: {"waiting"},
        QueueTab.MINE: {"mine"},
        QueueTab.OTHERS: {"others"},
        QueueTab.AUTHORS: {"asked for changes", "with the teller"},
        QueueTab.SCHEDULED: {"approved"},
        QueueTab.ALL: {"waiting", "mine", "others", "asked for changes", "with the teller", "approved"},
    }
    assert review_queue.tab_counts(session, me) == {pile: len(found) for pile, found in piles.items()}


def test_a_pile_can_be_narrowed_to_a_language_with_both_scripts_of_chinese_together(session: Session) -> None:
    moderator = make.person(session, Role.MODERATOR)
    stories = [make.story_in(session, State.SUBMITTED, language=tag) for tag in ("ur", "zh-Hans", "zh-Hant")]
    chinese = review_queue.submissions(session, QueueFilter(language="zh"), moderator)
    assert [row.story for row in chinese.rows] == stories[1:]
    assert review_queue.languages_in(session, moderator, QueueTab.WAITING) == {"ur": 1, "zh": 2}


@pytest.mark.parametrize("state", [state for state in State if state.is_open])
def test_whose_turn_it_is_agrees_with_the_table(state: State) -> None:
    steps = [rule for rule in RULES if rule.start is state and rule.verb is not Verb.WITHDRAW]
    assert any(review_queue.TURNS[state] in rule.actors for rule in steps)


def test_nobody_has_a_turn_when_a_submission_has_ended(session: Session) -> None:
    declined = make.story_in(session, State.DECLINED).submission
    assert declined is not None
    assert review_queue.turn_of(declined) is None


def test_the_turn_of_a_submission_in_review_is_its_reviewer(session: Session) -> None:
    submission = make.story_in(session, State.IN_REVIEW).submission
    assert submission is not None
    assert review_queue.turn_of(submission) is Actor.REVIEWER


def test_moderators_read_what_was_sent_to_them_and_no_draft(session: Session) -> None:
    sent, draft = make.story_in(session, State.SUBMITTED), make.story_in(session, State.DRAFT)
    assert review_queue.revision_for_moderators(sent) is sent.newest_revision
    assert review_queue.revision_for_moderators(draft) is None


def test_a_story_taken_back_is_a_draft_again(session: Session) -> None:
    story = make.story_in(session, State.SUBMITTED)
    editorial.recall(story, by=story.submitter, at=make.NOW)
    assert review_queue.revision_for_moderators(story) is None


def test_while_the_author_revises_a_published_story_moderators_read_what_is_public(session: Session) -> None:
    story = make.published(session)
    editorial.revise(story, by=story.submitter, at=make.NOW)
    editorial.write(
        story, make.words(title="Not sent yet"), by=story.submitter, at=make.NOW, revision_id=story.newest_revision.id
    )
    assert review_queue.revision_for_moderators(story) is story.published_revision


def test_a_withdrawn_story_is_read_by_nobody(session: Session) -> None:
    story = make.story_in(session, State.WITHDRAWN)
    assert review_queue.revision_for_moderators(story) is None
