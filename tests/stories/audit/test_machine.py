"""Whatever people do, the log stays whole; and whatever single thing is altered behind the site's back is found."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import factories as make
import pytest
from databases import Databases, connected
from factories import NOW
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select, text
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session
from tampering import tamper

from stories import audit, consent, editorial
from stories.errors import Refused
from stories.models import ConsentEvent, Event, EventKind, Person, Purpose, Role, Story, Transition
from stories.models.base import Moment
from stories.models.chain import EMPTY, head
from stories.workflow import Verb

PLAIN = sorted(set(EventKind) - {EventKind.STEP_TAKEN, EventKind.CONSENT_RECORDED})
TABLES = {"events": Event, "transitions": Transition, "consent_events": ConsentEvent}
WORDS = {"transitions": "note", "consent_events": "evidence", "events": "text"}


untouched = precondition(lambda log: not log.broken)


class Log(RuleBasedStateMachine):
    """A site of a few stories and people."""

    databases: Databases

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        folder = Path(self.open.enter_context(tempfile.TemporaryDirectory()))
        engine = self.open.enter_context(connected(self.open.enter_context(self.databases.migrated(folder))))
        self.session = self.open.enter_context(Session(engine))
        self.kept = EMPTY
        self.broken = False

    def teardown(self) -> None:
        self.open.close()

    @initialize()
    def people(self) -> None:
        people = make.person(self.session, Role.LEADER), make.person(self.session, Role.MODERATOR)
        self.numbers = [person.id for person in people]
        self.begin()
        self.session.commit()

    @property
    def ana(self) -> Person:
        return self.session.get_one(Person, self.numbers[0])

    @property
    def mo(self) -> Person:
        return self.session.get_one(Person, self.numbers[1])

    @untouched
    @rule()
    def begin(self) -> None:
        make.agree(make.draft(self.session, by=self.ana))

    @untouched
    @rule(verb=st.sampled_from(Verb), which=st.integers(0, 50), note=st.sampled_from(["", "Where was it?", "“ہاں”"]))
    def step(self, verb: Verb, which: int, note: str) -> None:
        stories = self.session.scalars(select(Story).order_by(Story.id)).all()
        story = stories[which % len(stories)]
        seen = {"revision_id": story.newest_revision.id}
        try:
            _STEPS[verb](story, self, seen, note)
        except Refused:
            pass

    @untouched
    @rule(which=st.integers(0, 50))
    def delete(self, which: int) -> None:
        stories = self.session.scalars(select(Story).order_by(Story.id)).all()
        try:
            editorial.withdraw(stories[which % len(stories)], editorial.Scope.DELETE, by=self.ana, at=NOW)
        except Refused:
            pass

    @untouched
    @rule(purpose=st.sampled_from(Purpose), yes=st.booleans(), evidence=st.sampled_from(["", "On the phone"]))
    def answer(self, purpose: Purpose, yes: bool, evidence: str) -> None:
        story = self.session.scalars(select(Story).order_by(Story.id)).first()
        assert story
        consent.record(story, {purpose: yes}, consent.Circumstances("en", evidence=evidence), by=self.ana, at=NOW)

    @untouched
    @rule(kind=st.sampled_from(PLAIN), text=st.sampled_from(["", "old@example.org"]))
    def happen(self, kind: EventKind, text: str) -> None:
        audit.record(self.session, kind, by=self.mo, at=NOW, about=self.ana, text=text, way="password")

    @untouched
    @rule()
    def erase(self) -> None:
        audit.erase_about(self.session, self.ana)

    @untouched
    @rule()
    def commit(self) -> None:
        self.session.commit()

    @rule()
    def roll_back(self) -> None:
        self.session.rollback()
        self.session.expunge_all()  # SQLite gives the numbers of what was rolled back to what comes next

    @untouched
    @rule()
    def keep(self) -> None:
        self.session.commit()
        self.kept = head(self.session)
        assert list(audit.verify(self.session, self.kept)) == []

    @invariant()
    def is_whole(self) -> None:
        if not self.broken:
            assert [found for found in audit.verify(self.session, self.kept) if found.row or found.position] == []

    @untouched
    @rule(table=st.sampled_from(sorted(TABLES)), choose=st.data())
    def alter(self, table: str, choose: st.DataObject) -> None:
        """One value, one row less, or one row more; afterwards nothing but verifying."""
        self.session.commit()
        numbers = self.session.scalars(select(TABLES[table].id).order_by(TABLES[table].id)).all()
        if not numbers:
            return
        row = choose.draw(st.sampled_from(numbers))
        self.kept = head(self.session)
        names = [column.name for column in TABLES[table].__table__.columns]
        what = choose.draw(st.sampled_from([*names, "DELETE", "INSERT"]))
        before = self._rows(table)
        try:
            tamper(self.session, self._statement(table, what, row, choose))
        except (IntegrityError, DataError):  # the database itself does not take it
            self.session.rollback()
        if self._rows(table) != before:
            self.broken = True
            assert list(audit.verify(self.session, self.kept)) != [], (table, what, row)

    def _statement(self, table: str, what: str, row: int, choose: st.DataObject) -> str:
        if what == "DELETE":
            return f"DELETE FROM {table} WHERE id = {row}"
        if what == "INSERT":
            names = [column.name for column in TABLES[table].__table__.columns]
            listed = ", ".join(f'"{name}"' for name in names if name not in {"id", "position", "row_id"})
            return f"INSERT INTO {table} ({listed}, id) SELECT {listed}, 9999 FROM {table} WHERE id = {row}"
        value = choose.draw(st.sampled_from(_VALUES[_kind_of(table, what)]))
        return f'UPDATE {table} SET "{what}" = {value} WHERE id = {row}'

    def _rows(self, table: str) -> list[Any]:
        return [tuple(row) for row in self.session.execute(text(f"SELECT * FROM {table} ORDER BY id"))]


def _kind_of(table: str, column: str) -> str:
    its_type = TABLES[table].__table__.columns[column].type
    kind = "datetime" if isinstance(its_type, Moment) else its_type.python_type.__name__
    return "str" if kind not in _VALUES else kind


_VALUES = {
    "int": ["9999", "1", "0", "-1"],
    "bool": ["true", "false"],
    "str": ["''", "'forged'", "'approve'", "'signed in'"],
    "datetime": ["'2001-01-01 00:00:00.000000'", "'2026-11-22 09:00:00.000001'"],
    "dict": ["'{}'", """'{"role": "steward"}'"""],
}

_STEPS: dict[Verb, Any] = {
    Verb.SUBMIT: lambda story, log, seen, _: editorial.submit(story, by=log.ana, at=NOW, **seen),
    Verb.RECALL: lambda story, log, _seen, _: editorial.recall(story, by=log.ana, at=NOW),
    Verb.BEGIN_REVIEW: lambda story, log, _seen, _: editorial.begin_review(story, by=log.mo, at=NOW),
    Verb.RELEASE: lambda story, log, _seen, _: editorial.release(story, by=log.mo, at=NOW),
    Verb.APPROVE: lambda story, log, seen, note: editorial.approve(story, by=log.mo, at=NOW, note=note, **seen),
    Verb.PUBLISH: lambda story, _log, _seen, _: editorial.publish(story, by=None, at=NOW),
    Verb.REQUEST_CHANGES: lambda story, log, seen, note: editorial.request_changes(
        story, by=log.mo, at=NOW, note=note, **seen
    ),
    Verb.REVISE: lambda story, log, _seen, _: editorial.revise(story, by=log.ana, at=NOW),
    Verb.DECLINE: lambda story, log, seen, note: editorial.decline(story, by=log.mo, at=NOW, note=note, **seen),
    Verb.ASK_TELLER: lambda story, log, seen, note: editorial.ask_teller(story, by=log.mo, at=NOW, note=note, **seen),
    Verb.CONFIRM: lambda story, log, seen, note: editorial.confirm(story, by=log.ana, at=NOW, note=note, **seen),
    Verb.CORRECT: lambda story, log, seen, note: editorial.correct(
        story, make.words(title="Other"), by=log.mo, at=NOW, note=note, **seen
    ),
    Verb.ARCHIVE: lambda story, log, _seen, note: editorial.archive(story, by=log.mo, at=NOW, note=note),
    Verb.RESTORE: lambda story, log, _seen, note: editorial.restore(story, by=log.mo, at=NOW, note=note),
    Verb.UNPUBLISH: lambda story, log, _seen, note: editorial.unpublish(story, by=log.mo, at=NOW, note=note),
    Verb.TAKE_NAME_OFF: lambda story, log, _seen, _: editorial.take_name_off(story, by=log.ana, at=NOW),
    Verb.WITHDRAW: lambda story, log, _seen, _: editorial.withdraw(story, editorial.Scope.HIDE, by=log.ana, at=NOW),
}


def _machine(databases: Databases, examples: int) -> None:
    machine = type("LogOfOneRun", (Log,), {"databases": databases})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=25, deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )  # fmt: skip


def test_the_log_stays_whole_and_every_single_change_of_it_is_found(databases: Databases) -> None:
    _machine(databases, 15)


@pytest.mark.long
def test_it_does_in_many_more_ways(databases: Databases) -> None:
    _machine(databases, 400)
