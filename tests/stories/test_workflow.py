"""The table of permitted steps, compared with a grid written by hand."""

from __future__ import annotations

import factories as make
import pytest
from sqlalchemy.orm import Session

from stories import actors
from stories.models import Role
from stories.workflow import RULES, Actor, Need, State, Verb, Visibility

# start | verb | end | who | what it needs
GRID = """
draft             | submit          | submitted         | author            | consent, words
draft             | withdraw        | withdrawn         | teller            |
submitted         | recall          | draft             | author            |
submitted         | begin review    | in review         | moderator         |
submitted         | withdraw        | withdrawn         | teller            |
in review         | release         | submitted         | moderator         |
in review         | approve         | approved          | reviewer          | confirmed words, consent
in review         | request changes | changes requested | reviewer          | note
in review         | decline         | declined          | reviewer          | note
in review         | ask teller      | awaiting teller   | reviewer          | changed words
in review         | withdraw        | withdrawn         | teller            |
changes requested | revise          | draft             | author            |
changes requested | withdraw        | withdrawn         | teller            |
awaiting teller   | revise          | draft             | teller            |
awaiting teller   | confirm         | approved          | teller            | consent
awaiting teller   | confirm         | approved          | witness           | consent, note
awaiting teller   | decline         | declined          | witness           | note
awaiting teller   | withdraw        | withdrawn         | teller            |
approved          | approve         | approved          | moderator         | confirmed words, consent
approved          | begin review    | in review         | moderator         |
approved          | publish         | published         | moderator         | confirmed words, consent, words
approved          | publish         | published         | clock             | confirmed words, consent, due, words
approved          | withdraw        | withdrawn         | teller            |
private           | withdraw        | withdrawn         | teller            |
public            | correct         | awaiting teller   | moderator         | note
public            | revise          | draft             | author            |
public            | archive         | archived          | moderator         | note
public            | unpublish       | unpublished       | moderator         | note
public            | withdraw        | withdrawn         | teller            |
public            | take name off   | public            | teller            |
archived          | correct         | awaiting teller   | moderator         | note
archived          | restore         | public            | moderator         | consent
archived          | unpublish       | unpublished       | moderator         | note
archived          | withdraw        | withdrawn         | teller            |
archived          | take name off   | archived          | teller            |
unpublished       | restore         | public            | moderator         | consent
unpublished       | withdraw        | withdrawn         | teller            |
unpublished       | take name off   | unpublished       | teller            |
"""


def test_the_table_is_the_grid() -> None:
    written = {tuple(cell.strip() for cell in line.split("|")) for line in GRID.strip().splitlines()}

    table = {
        (str(rule.start), str(rule.verb), str(rule.end), *map(_listed, (rule.actors, rule.needs))) for rule in RULES
    }

    assert table == written


def _listed(words: frozenset[Actor] | frozenset[Need]) -> str:
    return ", ".join(sorted(words))


def test_every_verb_is_in_the_table() -> None:
    assert {rule.verb for rule in RULES} == set(Verb)


def test_every_open_state_can_be_left_and_no_ended_one() -> None:
    starts = {rule.start for rule in RULES if isinstance(rule.start, State)}

    assert starts == {state for state in State if state.is_open}


def test_the_teller_can_withdraw_from_everywhere() -> None:
    left = {rule.start for rule in RULES if rule.verb is Verb.WITHDRAW and rule.actors == {Actor.TELLER}}

    assert left == {state for state in State if state.is_open} | set(Visibility) - {Visibility.WITHDRAWN}


@pytest.mark.parametrize(
    ("state", "author", "moderator"),
    [
        (State.DRAFT, {Verb.SUBMIT, Verb.WITHDRAW}, set()),
        (State.SUBMITTED, {Verb.RECALL, Verb.WITHDRAW}, {Verb.BEGIN_REVIEW}),
        (
            State.IN_REVIEW,
            {Verb.WITHDRAW},
            {Verb.RELEASE, Verb.APPROVE, Verb.REQUEST_CHANGES, Verb.DECLINE, Verb.ASK_TELLER},
        ),
        (State.CHANGES_REQUESTED, {Verb.REVISE, Verb.WITHDRAW}, set()),
        (State.AWAITING_TELLER, {Verb.REVISE, Verb.CONFIRM, Verb.WITHDRAW}, set()),
        (State.APPROVED, {Verb.WITHDRAW}, {Verb.APPROVE, Verb.BEGIN_REVIEW, Verb.PUBLISH}),
        (
            State.PUBLISHED,
            {Verb.REVISE, Verb.WITHDRAW, Verb.TAKE_NAME_OFF},
            {Verb.CORRECT, Verb.ARCHIVE, Verb.UNPUBLISH},
        ),
        (State.DECLINED, {Verb.WITHDRAW}, set()),
        (State.WITHDRAWN, set(), set()),
    ],
)
def test_what_is_open_to_author_and_reviewer(
    session: Session, state: State, author: set[Verb], moderator: set[Verb]
) -> None:
    reviewer = make.person(session, Role.MODERATOR)
    story = make.story_in(session, state, moderator=reviewer)

    assert actors.open_to(story, story.submitter) == author
    assert actors.open_to(story, reviewer) == moderator


def test_a_moderator_who_did_not_begin_the_review_can_only_release_it(session: Session) -> None:
    story = make.story_in(session, State.IN_REVIEW)

    assert actors.open_to(story, make.person(session, Role.MODERATOR)) == {Verb.RELEASE}


def test_nothing_is_open_to_somebody_else(session: Session) -> None:
    story = make.published(session)

    assert actors.open_to(story, make.person(session, Role.LEADER, Role.EDUCATOR, Role.STEWARD)) == set()


def test_a_moderator_has_no_part_in_a_story_of_their_own(session: Session) -> None:
    someone = make.person(session, Role.LEADER, Role.MODERATOR)
    story = make.story_in(session, State.SUBMITTED, by=someone)

    assert actors.open_to(story, someone) == {Verb.RECALL, Verb.WITHDRAW}


def test_a_published_story_under_correction_takes_no_second_one(session: Session) -> None:
    story = make.published(session)
    moderator = make.person(session, Role.MODERATOR)
    make.editorial.correct(
        story, make.words(title="Water"), by=moderator, at=make.NOW, revision_id=story.newest_revision.id, note="A name"
    )

    assert actors.open_to(story, moderator) == {Verb.ARCHIVE, Verb.UNPUBLISH}


def test_a_moderator_witnesses_what_the_teller_says_only_where_nobody_who_signs_in_speaks(session: Session) -> None:
    moderator = make.person(session, Role.MODERATOR)
    story = make.story_in(session, State.AWAITING_TELLER)
    assert actors.open_to(story, moderator) == set()

    story.submitter.is_stand_in = True
    assert actors.open_to(story, moderator) == {Verb.CONFIRM, Verb.DECLINE}
