"""Brings stories in from JSON Lines, through the same verbs that people use, one line at a time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from stories import consent, database, editorial
from stories.database import Lock
from stories.errors import Refused
from stories.models import Method, Naming, Person, Purpose, Role, Story
from stories.text import limits, prose
from stories.text.languages import STORY_LANGUAGES
from stories.wording import LIST_FIELDS, Words

REQUIRED = ("source_id", "language", "title", "body", "attribution", "licence")
OPTIONAL = ("introduction", "teller_name", "content_note", "place", "time")


class Outcome(StrEnum):
    """What became of a line."""

    ADDED = "added"
    ALREADY_IN = "already in"


class BadLine(Exception):
    """A line that cannot become a story; the message says why, in words for whoever prepared the file."""


@dataclass(frozen=True)
class Desk:
    """In whose names stories are brought in: one submits, another approves, for nobody approves their own."""

    submitter: Person
    moderator: Person


def own_desk(session: Session, *, at: datetime) -> Desk:
    """Two people of the import's own, who cannot sign in; made on first need."""
    return Desk(_someone(session, "Import", Role.LEADER, at), _someone(session, "Import review", Role.MODERATOR, at))


def _someone(session: Session, name: str, role: Role, at: datetime) -> Person:
    query = select(Person).where(Person.name == name, Person.is_stand_in)
    found = session.scalar(query)
    if found is None:
        database.take_turn(session, Lock.PEOPLE)
        found = session.scalar(query)
    if found is None:
        found = Person(name=name, is_stand_in=True, created_at=at)
        session.add(found)
    found.grant(role)
    session.flush()
    return found


def bring_in(session: Session, line: bytes, desk: Desk, *, at: datetime) -> Outcome:
    """Make a published story of one line, unless it is in already. Raises BadLine, having changed nothing."""
    row = _read(line)
    family = _family(session, row["source_id"])
    if any(story.language == row["language"] for story in family):
        return Outcome.ALREADY_IN
    try:
        with session.begin_nested():
            _publish(session, row, family[0] if family else None, desk, at)
    except Refused as refused:
        raise BadLine(str(refused) or type(refused).__name__) from refused
    except IntegrityError:  # another import brings the same file
        if not any(story.language == row["language"] for story in _family(session, row["source_id"])):
            raise
        return Outcome.ALREADY_IN
    return Outcome.ADDED


def _read(line: bytes) -> dict[str, Any]:
    try:
        row = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise BadLine(f"not a line of JSON: {error}") from error
    if not isinstance(row, dict):
        raise BadLine("not a JSON object")
    for name in REQUIRED:
        if not isinstance(row.get(name), str) or not prose.plain(row[name]):
            raise BadLine(f"{name} is missing or empty")
    row["source_id"] = prose.plain(row["source_id"])
    if row["language"] not in STORY_LANGUAGES:
        raise BadLine(f"language {row['language'][:20]!r} is not one of {', '.join(STORY_LANGUAGES)}")
    if len(row["source_id"]) > 200 or len(row["licence"]) > limits.SHORT:
        raise BadLine("source_id or licence is too long")
    return row


def _family(session: Session, source_id: str) -> list[Story]:
    query = select(Story).where(Story.source_id == source_id).order_by(Story.id)
    return list(session.scalars(query))


def _publish(session: Session, row: dict[str, Any], original: Story | None, desk: Desk, at: datetime) -> None:
    licence = prose.plain(row["licence"])
    origin = editorial.Origin(row["language"], original=original, source_id=row["source_id"], licence=licence)
    story = editorial.begin_story(session, _words(row), origin, by=desk.submitter, at=at)
    asked = consent.Circumstances(language=row["language"], method=Method.LICENCE, evidence=licence)
    consent.record(story, {Purpose.PUBLISH: True}, asked, by=desk.submitter, at=at)
    revision_id = story.newest_revision.id
    editorial.submit(story, by=desk.submitter, at=at, revision_id=revision_id)
    editorial.begin_review(story, by=desk.moderator, at=at)
    editorial.approve(story, by=desk.moderator, at=at, revision_id=revision_id)
    editorial.publish(story, by=desk.moderator, at=at)


def _words(row: dict[str, Any]) -> Words:
    texts: dict[str, Any] = {name: row[name] for name in OPTIONAL if isinstance(row.get(name), str)}
    texts |= {name: _strings(row.get(name)) for name in LIST_FIELDS}
    named = bool(prose.plain(texts.get("teller_name", "")))
    return Words(
        title=row["title"],
        body=prose.body_from_markdown(row["body"]),
        attribution=row["attribution"],
        teller_naming=Naming.CHOSEN_NAME if named else Naming.ANONYMOUS,
        **texts,
    )


def _strings(value: Any) -> tuple[str, ...]:
    return tuple(entry for entry in value if isinstance(entry, str)) if isinstance(value, list) else ()
