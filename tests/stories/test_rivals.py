"""Of two who act at the same moment one sees what the other did: nothing is done twice, and nothing is lost."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from time import sleep
from typing import Any

import factories as make
import pytest
from factories import NOW
from rivals import Act, at_once, refusals
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from stories import consent, editorial, empty_searches, guides, importing, origins
from stories.community import catalogue
from stories.community.catalogue import CatalogueEntry, NameTaken
from stories.consent import Circumstances
from stories.editorial import Origin, Scope
from stories.errors import NotNow, Refused, StaleRevision
from stories.guides import GuidePlan, PhasePlan, StepPlan
from stories.importing import Columns, Importer, Names, Outcome, Way, rows
from stories.importing.formats import jsonl
from stories.models import EmptySearch, Guide, Organisation, Person, Purpose, Role, Story, Theme
from stories.workflow import RULES, Actor, State, Visibility

Verb = Callable[..., Any]
Begun = Callable[[Session, Person], Story]


def in_state(state: State) -> Begun:
    return lambda session, moderator: make.story_in(session, state, moderator=moderator)


def ready_to_submit(session: Session, _moderator: Person) -> Story:
    story = make.draft(session)
    make.agree(story)
    return story


def archived(session: Session, moderator: Person) -> Story:
    story = make.published(session, moderator=moderator)
    editorial.archive(story, by=moderator, at=NOW, note="It was replaced.")
    return story


VERBS: dict[Verb, Begun] = {
    editorial.write: in_state(State.DRAFT),
    editorial.take_up: lambda session, moderator: taken_back_with_a_suggestion(session, moderator),
    editorial.submit: ready_to_submit,
    editorial.recall: in_state(State.SUBMITTED),
    editorial.revise: in_state(State.PUBLISHED),
    editorial.begin_review: in_state(State.SUBMITTED),
    editorial.release: in_state(State.IN_REVIEW),
    editorial.amend: in_state(State.IN_REVIEW),
    editorial.approve: in_state(State.IN_REVIEW),
    editorial.request_changes: in_state(State.IN_REVIEW),
    editorial.decline: in_state(State.IN_REVIEW),
    editorial.ask_teller: lambda session, moderator: amended(session, moderator),
    editorial.confirm: in_state(State.AWAITING_TELLER),
    editorial.publish: in_state(State.APPROVED),
    editorial.correct: in_state(State.PUBLISHED),
    editorial.archive: in_state(State.PUBLISHED),
    editorial.restore: archived,
    editorial.unpublish: in_state(State.PUBLISHED),
    editorial.withdraw: in_state(State.PUBLISHED),
    editorial.take_name_off: in_state(State.PUBLISHED),
    editorial.discard: lambda session, _moderator: taken_up_again(session),
}


def amended(session: Session, moderator: Person) -> Story:
    story = make.story_in(session, State.IN_REVIEW, moderator=moderator)
    seen = story.newest_revision.id
    editorial.amend(story, make.words(title="The Water"), by=moderator, at=NOW, revision_id=seen)
    return story


def taken_back_with_a_suggestion(session: Session, moderator: Person) -> Story:
    story = amended(session, moderator)
    proposed = story.submissions[-1].proposed.id
    editorial.request_changes(story, by=moderator, at=NOW, revision_id=proposed, note="Shorter?")
    editorial.revise(story, by=story.submitter, at=NOW)
    return story


def taken_up_again(session: Session) -> Story:
    story = make.published(session)
    editorial.revise(story, by=story.submitter, at=NOW)
    return story


def test_every_verb_is_tried() -> None:
    verbs = {
        verb
        for _, verb in inspect.getmembers(editorial, inspect.isfunction)
        if verb.__module__ == editorial.__name__ and "story" in inspect.signature(verb).parameters
    }
    assert {verb for verb in verbs if not verb.__name__.startswith("_")} == set(VERBS)


def act(verb: Verb, story: Story, person: Person) -> Act:
    """Look at a story and all that belongs to it, then take the step on the wording that stands now."""
    story_id, person_id, revision_id = story.id, person.id, story.submissions[-1].proposed.id

    def look(session: Session) -> Callable[[], Any]:
        story, by = session.get_one(Story, story_id), session.get_one(Person, person_id)
        assert (story.submissions, story.revisions, story.transitions, story.translations, by.roles) is not None
        given = {
            "revision_id": revision_id, "note": "A reason.", "scope": Scope.HIDE,
            "words": make.words(title=f"By {person_id}"), "chosen": ["title"],
            "suggestion_id": story.submissions[-1].suggestion_id,
        }  # fmt: skip
        asked = {name: given[name] for name in inspect.signature(verb).parameters if name in given}
        return lambda: verb(story, by=by, at=NOW, **asked) and None

    return look


def shape(session: Session, story_id: int) -> list[Any]:
    """What can be told apart of a story's life, without whose it is."""
    story = session.get_one(Story, story_id, populate_existing=True)
    steps = [(step.verb, step.start, step.end) for step in story.transitions]
    return [story.visibility, len(story.revisions), [passage.state for passage in story.submissions], steps]


def actors(story: Story, verb: Verb, mo: Person, lee: Person) -> tuple[Person, Person]:
    """Two who may take the step: two moderators, or the same person who presses twice."""
    parts = {part for rule in RULES if rule.verb.replace(" ", "_") == verb.__name__ for part in rule.actors}
    if verb is editorial.amend or Actor.REVIEWER in parts:
        return mo, mo
    return (mo, lee) if Actor.MODERATOR in parts else (story.submitter, story.submitter)


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.__name__)
def test_of_two_who_take_the_same_step_one_is_refused(session: Session, database_url: str, verb: Verb) -> None:
    mo, lee = make.person(session, Role.MODERATOR), make.person(session, Role.MODERATOR)
    story, twin = VERBS[verb](session, mo), VERBS[verb](session, mo)
    first, second = actors(story, verb, mo, lee)
    alone, _ = actors(twin, verb, mo, lee)
    act(verb, twin, alone)(session)()
    steps = act(verb, story, first), act(verb, story, second)
    session.commit()

    came = at_once(database_url, *steps)

    assert [isinstance(error, Refused) for error in refusals(came)] == [True], came
    assert shape(session, story.id) == shape(session, twin.id)


def test_an_approval_and_a_withdrawal_at_once_leave_nothing_approved(session: Session, database_url: str) -> None:
    mo = make.person(session, Role.MODERATOR)
    story = make.story_in(session, State.IN_REVIEW, moderator=mo)
    steps = act(editorial.approve, story, mo), act(editorial.withdraw, story, story.submitter)
    session.commit()

    at_once(database_url, *steps)

    assert (shape(session, story.id)[0], shape(session, story.id)[2]) == (Visibility.WITHDRAWN, [State.WITHDRAWN])


def test_a_translation_begun_while_its_original_is_withdrawn_is_withdrawn_too_or_refused(
    session: Session, database_url: str
) -> None:
    story = make.published(session)
    story_id, person_id = story.id, story.submitter.id
    withdraw = act(editorial.withdraw, story, story.submitter)
    session.commit()

    def translate(inside: Session) -> Callable[[], Any]:
        original, by = inside.get_one(Story, story_id), inside.get_one(Person, person_id)
        origin = Origin("km", original=original)

        def begin() -> None:
            editorial.begin_story(inside, make.words(), origin, by=by, at=NOW)
            sleep(0.2)  # the withdrawal comes before the commit

        return begin

    came = at_once(database_url, translate, withdraw)

    session.expire_all()
    assert set(session.scalars(select(Story.visibility))) == {Visibility.WITHDRAWN}
    assert all(isinstance(error, NotNow) for error in refusals(came))


def test_the_origin_of_a_draft_is_not_put_right_after_it_was_sent(session: Session, database_url: str) -> None:
    story = ready_to_submit(session, make.person(session))
    story_id, person_id = story.id, story.submitter.id
    submit = act(editorial.submit, story, story.submitter)
    session.commit()

    def put_right(inside: Session) -> Callable[[], Any]:
        mine, by = inside.get_one(Story, story_id), inside.get_one(Person, person_id)
        assert (mine.transitions, mine.translations) is not None
        return lambda: origins.put_right(mine, Origin("km"), by=by, at=NOW)

    sent, put = at_once(database_url, submit, put_right)

    session.expire_all()
    language = session.get_one(Story, story_id).language
    assert (sent, language) == (None, "en" if isinstance(put, NotNow) else "km")


@pytest.mark.parametrize("answers", [(True, True), (True, False)])
def test_the_last_answer_in_the_ledger_is_the_one_that_stands(
    session: Session, database_url: str, answers: tuple[bool, bool]
) -> None:
    story = make.draft(session)
    story_id, person_id = story.id, story.submitter.id
    session.commit()

    def answer(yes: bool) -> Act:
        def look(inside: Session) -> Callable[[], Any]:
            mine, by = inside.get_one(Story, story_id), inside.get_one(Person, person_id)
            return lambda: len(consent.record(mine, {Purpose.PUBLISH: yes}, Circumstances("en"), by=by, at=NOW))

        return look

    came = at_once(database_url, *(answer(yes) for yes in answers))

    session.expire_all()
    mine = session.get_one(Story, story_id)
    assert consent.answers_of(mine) == {Purpose.PUBLISH: mine.consented}
    assert sorted(came) == ([0, 1] if answers == (True, True) else [1, 1])


HOUR = GuidePlan("One hour", "en", help_note="Stop.", phases=(PhasePlan("Talk", steps=(StepPlan("Talk", 20),)),))


def test_of_two_who_save_a_guide_one_is_told_that_there_are_newer_words(session: Session, database_url: str) -> None:
    author = make.person(session, Role.EDUCATOR)
    guide_id, author_id = guides.draft(session, HOUR, by=author, at=NOW).id, author.id
    session.commit()

    def save(title: str) -> Act:
        def look(inside: Session) -> Callable[[], Any]:
            mine, by = inside.get_one(Guide, guide_id), inside.get_one(Person, author_id)
            assert (mine.version, mine.phases, mine.anchors) is not None
            return lambda: guides.save(mine, replace(HOUR, title=title), by=by, at=NOW, version=1) or title

        return look

    came = at_once(database_url, save("One"), save("Another"))

    session.expire_all()
    guide = session.get_one(Guide, guide_id)
    assert [type(error) for error in refusals(came)] == [StaleRevision]
    assert (guide.title in came, guide.version, len(guide.phases)) == (True, 2, 1)


@pytest.mark.parametrize("kind", [Theme, Organisation])
@pytest.mark.parametrize("name", ["Labour", "শ্রম"])
def test_a_name_is_given_once(session: Session, database_url: str, kind: type[Any], name: str) -> None:
    session.add(kind(slug=f"taken-{name}", name="Another"))
    session.commit()

    def add(inside: Session) -> Callable[[], Any]:
        return lambda: catalogue.add(inside, kind, CatalogueEntry(name)).name

    came = at_once(database_url, add, add, add)

    assert [type(error) for error in refusals(came)] == [NameTaken, NameTaken]
    assert sorted(session.scalars(select(kind.name))) == sorted(["Another", name])


def test_two_counts_of_empty_searches_are_added_up(session: Session, database_url: str) -> None:
    day = date(2026, 11, 22)

    def count(times: int) -> Act:
        return lambda inside: lambda: empty_searches.add(inside, day=day, language="en", times=times)

    at_once(database_url, count(2), count(3))
    at_once(database_url, count(20), count(30))

    assert [row.count for row in session.scalars(select(EmptySearch))] == [55]


def test_a_line_that_two_imports_bring_is_in_once(session: Session, database_url: str) -> None:
    importing.own_desk(session, at=NOW)
    session.commit()
    row = {"source_id": "a", "language": "en", "title": "T", "body": "B", "attribution": "A", "licence": "CC0"}

    def bring(inside: Session) -> Callable[[], Any]:
        desk = importing.own_desk(inside, at=NOW)
        importer = Importer(inside, desk, Names(inside, may_add=True), Way.PUBLISHED, NOW)
        record = rows.read(jsonl.record(1, json.dumps(row)), Columns(), Way.PUBLISHED, at=NOW)
        return lambda: importer.bring_in(record).outcome

    came = at_once(database_url, bring, bring)

    assert sorted(came) == [Outcome.ADDED, Outcome.ALREADY_IN]
    assert session.scalar(select(func.count()).select_from(Story)) == 1
