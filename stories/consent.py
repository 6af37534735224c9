"""The consent ledger: a teller's answers, one event each, the last one standing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from stories import changes, database
from stories.database import session_of
from stories.models import ConsentEvent, Method, Person, Purpose, Story

TEXT_VERSION = "2026-11"  # raise it with every change to the wording on the consent form


@dataclass(frozen=True)
class Circumstances:
    """How a teller was asked: the language of the words they heard or read, by what method, and any evidence."""

    language: str
    method: Method = Method.SELF
    evidence: str = ""
    text_version: str = TEXT_VERSION


def record(
    story: Story, answers: dict[Purpose, bool], asked: Circumstances, *, by: Person, at: datetime
) -> list[ConsentEvent]:
    """Append an event for each answer that differs from the one that stands; returns the new events.

    A yes to publish, or its end, takes effect for readers in the same transaction.
    """
    database.lock(story)  # whoever answers at the same moment is heard after this
    session = session_of(story)
    standing = answers_of(story)
    events = [
        ConsentEvent(
            story=story, purpose=purpose, granted=granted, text_version=asked.text_version, language=asked.language,
            method=asked.method, evidence=asked.evidence, recorded_by=by, at=at,
        )
        for purpose, granted in answers.items()
        if standing.get(purpose) is not granted
    ]  # fmt: skip
    session.add_all(events)
    session.flush()
    story.consented = answers.get(Purpose.PUBLISH, story.consented)
    if events and story.published_revision_id is not None:
        changes.story_changed(session, story)
    return events


def ledger_of(story: Story) -> list[ConsentEvent]:
    """Every event of a story, oldest first."""
    query = select(ConsentEvent).where(ConsentEvent.story_id == story.id).order_by(ConsentEvent.id)
    return list(session_of(story).scalars(query))


def answers_of(story: Story) -> dict[Purpose, bool]:
    """The answer that stands for each purpose that was ever asked."""
    return {event.purpose: event.granted for event in ledger_of(story)}
