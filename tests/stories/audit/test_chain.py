"""Every transition, consent event and recorded event has a line in the log, numbered as it is committed."""

from __future__ import annotations

import threading
from datetime import timedelta

import factories as make
import pytest
import sqlalchemy
from alembic import command
from databases import connected
from factories import NOW
from rivals import at_once, refusals
from sqlalchemy import select
from sqlalchemy.orm import Session
from tampering import tamper

from stories import audit, consent, database, editorial, migrations
from stories.database import Lock
from stories.models import Base, ConsentEvent, Event, EventKind, Method, Purpose, Role, Transition, chain
from stories.models.chain import Head
from stories.workflow import State


def lines(session: Session) -> list[Event]:
    return list(session.scalars(select(Event).order_by(Event.position)))


def test_a_step_an_answer_and_an_event_get_their_lines_in_the_transaction_that_wrote_them(session: Session) -> None:
    story = make.story_in(session, State.SUBMITTED)
    mo = make.person(session, Role.MODERATOR)
    audit.record(session, EventKind.ROLE_GRANTED, by=mo, at=NOW, about=story.submitter, role=Role.LEADER)
    session.commit()

    assert [
        (line.position, line.kind, line.by_id, line.person_id, line.story_id, line.details) for line in lines(session)
    ] == [
        (1, "consent recorded", story.submitter_id, None, story.id, {"purpose": "publish", "granted": True}),
        (2, "step taken", story.submitter_id, None, story.id, {"verb": "submit", "end": "submitted"}),
        (3, "role granted", mo.id, story.submitter_id, None, {"role": "leader"}),
    ]
    assert list(audit.verify(session)) == []


def test_no_transition_and_no_consent_event_is_without_a_line_whatever_became_of_a_story(session: Session) -> None:
    stories = [make.story_in(session, state) for state in State]
    editorial.withdraw(stories[-2], editorial.Scope.DELETE, by=stories[-2].submitter, at=NOW)
    session.commit()

    lined = {(line.kind, line.row_id) for line in lines(session)}
    assert lined == {(EventKind.STEP_TAKEN, number) for number in session.scalars(select(Transition.id))} | {
        (EventKind.CONSENT_RECORDED, number) for number in session.scalars(select(ConsentEvent.id))
    }
    assert list(audit.verify(session)) == []


def test_positions_have_no_gaps_where_something_was_rolled_back(session: Session) -> None:
    for _ in range(2):
        make.story_in(session, State.SUBMITTED)
        session.rollback()
        session.expunge_all()  # SQLite gives the numbers of what was rolled back to what comes next
    make.story_in(session, State.SUBMITTED)
    with session.begin_nested() as savepoint:
        make.story_in(session, State.APPROVED)
        savepoint.rollback()
    session.expunge_all()
    with session.begin_nested():
        make.story_in(session, State.SUBMITTED)
    session.commit()
    make.story_in(session, State.SUBMITTED)
    session.commit()

    assert [line.position for line in lines(session)] == [1, 2, 3, 4, 5, 6]
    assert list(audit.verify(session)) == []


def test_a_session_that_forgets_its_rows_before_it_commits_leaves_no_line_without_a_position(session: Session) -> None:
    make.story_in(session, State.APPROVED)
    session.flush()
    session.expunge_all()
    session.commit()

    assert [line.position for line in lines(session)] == [1, 2, 3, 4]
    assert list(audit.verify(session)) == []


def test_whoever_writes_at_the_same_moment_gets_the_next_position(session: Session, database_url: str) -> None:
    stories = [make.story_in(session, State.SUBMITTED).id for _ in range(4)]
    mo = make.person(session, Role.MODERATOR).id
    session.commit()

    def begin(number: int):  # type: ignore[no-untyped-def]
        def act(session: Session):  # type: ignore[no-untyped-def]
            story, person = session.get_one(make.Story, number), session.get_one(make.Person, mo)
            return lambda: editorial.begin_review(story, by=person, at=NOW)

        return act

    came = at_once(database_url, *(begin(number) for number in stories))

    session.expire_all()
    assert refusals(came) == []
    assert [line.position for line in lines(session)] == list(range(1, 13))
    assert list(audit.verify(session)) == []


@pytest.mark.postgresql("SQLite lets one transaction write at a time")
def test_whoever_only_writes_and_has_not_committed_keeps_nobody_waiting(session: Session, database_url: str) -> None:
    make.story_in(session, State.SUBMITTED)
    session.flush()
    with connected(database_url) as engine, Session(engine) as other:
        audit.record(other, EventKind.SIGNED_IN, by=None, at=NOW)
        other.commit()
        assert [line.position for line in lines(other)] == [1]
    session.commit()

    assert [line.position for line in lines(session)] == [1, 2, 3]
    assert list(audit.verify(session)) == []


@pytest.mark.postgresql("SQLite lets one transaction write at a time")
def test_two_commits_at_once_wait_for_each_other_and_both_are_in_the_chain(database_url: str) -> None:
    waited = threading.Event()

    def commit(engine: sqlalchemy.Engine) -> None:
        with Session(engine) as session:
            audit.record(session, EventKind.SIGNED_IN, by=None, at=NOW)
            session.commit()
            waited.set()

    with connected(database_url) as engine, Session(engine) as first:
        database.take_turn(first, Lock.EVENTS)
        second = threading.Thread(target=commit, args=(engine,))
        second.start()
        assert not waited.wait(0.3)
        audit.record(first, EventKind.SIGNED_OUT, by=None, at=NOW)
        first.commit()
        second.join()
        assert [line.kind for line in lines(first)] == ["signed out", "signed in"]
        assert list(audit.verify(first)) == []


@pytest.mark.parametrize(
    "fact", ["a sentence that says far more than a code would, and goes on for some time", 1.5, {"a": 1}]
)
def test_only_codes_and_numbers_are_facts_of_an_event(session: Session, fact: object) -> None:
    with pytest.raises(ValueError, match="is no code"):
        audit.record(session, EventKind.INVITED, by=None, at=NOW, said=fact)


# --- erasing


def test_a_note_that_is_erased_takes_its_salt_along_and_the_chain_stays_whole(session: Session) -> None:
    story = make.story_in(session, State.CHANGES_REQUESTED)
    asked = consent.Circumstances(story.language, Method.IN_WRITING, "Ana said so on the phone")
    consent.record(story, {Purpose.QUOTE: True}, asked, by=story.submitter, at=NOW)
    session.commit()
    salted = [line.row_id for line in lines(session) if line.salt]

    editorial.withdraw(story, editorial.Scope.DELETE, by=story.submitter, at=NOW)
    session.commit()

    assert len(salted) == 2
    assert [line.salt for line in lines(session)] == [""] * len(lines(session))
    assert [event.evidence for event in consent.ledger_of(story)] == [""] * 3
    assert [transition.note for transition in story.transitions] == [""] * len(story.transitions)
    assert (list(audit.verify(session)), audit.lines_without_words(session)) == ([], 2)


def test_what_is_erased_of_somebody_leaves_that_it_happened(session: Session) -> None:
    ana, mo = make.person(session), make.person(session)
    for person in (ana, mo):
        audit.record(session, EventKind.ADDRESS_CHANGED, by=person, at=NOW, about=person, text="old@example.org")
    session.commit()

    assert audit.erase_about(session, ana) == 1
    session.commit()

    assert [(line.person_id, line.text, bool(line.salt)) for line in lines(session)] == [
        (ana.id, "", False), (mo.id, "old@example.org", True),
    ]  # fmt: skip
    assert (list(audit.verify(session)), audit.lines_without_words(session)) == ([], 1)


def test_the_same_words_have_another_digest_each_time(session: Session) -> None:
    for _ in range(2):
        audit.record(session, EventKind.ADDRESS_CHANGED, by=None, at=NOW, text="old@example.org")
    session.commit()

    first, second = lines(session)
    assert first.text_digest != second.text_digest


# --- what was there before the log


def test_what_happened_before_there_was_a_log_is_taken_up_into_it(session: Session) -> None:
    story = make.published(session, title="Before")
    other = make.story_in(session, State.DECLINED)
    consent.record(
        other, {Purpose.QUOTE: False}, consent.Circumstances("km", Method.READ_ALOUD, "“ខ្ញុំ”"),
        by=other.submitter, at=NOW - timedelta(days=3, microseconds=7),
    )  # fmt: skip
    session.commit()
    rows = len(lines(session))

    config = migrations._config(session.connection(), Base.metadata)
    command.downgrade(config, "0008")
    command.upgrade(config, "head")
    session.commit()
    session.expire_all()
    editorial.archive(story, by=make.person(session, Role.MODERATOR), at=NOW, note="Why.")
    session.commit()

    assert [line.position for line in lines(session)] == list(range(1, rows + 2))
    assert [line.details.get("taken_up") for line in lines(session)] == [True] * rows + [None]
    assert (lines(session)[0].at, lines(session)[0].kind) == (
        NOW - timedelta(days=3, microseconds=7),
        "consent recorded",
    )
    assert list(audit.verify(session)) == []

    tamper(session, "UPDATE transitions SET verb = 'decline' WHERE id = 1")
    assert [str(found) for found in audit.verify(session)] == ["transition 1 was changed (line 4 of the log)"]


def test_the_head_stands_for_every_line(session: Session) -> None:
    heads = [chain.head(session)]
    for kind in (EventKind.SIGNED_IN, EventKind.SIGNED_OUT):
        audit.record(session, kind, by=None, at=NOW)
        session.commit()
        heads.append(chain.head(session))

    assert [head.position for head in heads] == [0, 1, 2]
    assert len({head.hash for head in heads}) == 3
    assert heads[0] == Head(0, "0" * 64)
