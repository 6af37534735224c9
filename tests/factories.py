"""People, stories and guides for tests, made through the same verbs that the website uses."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from stories import consent, editorial
from stories.models import Organisation, Person, Purpose, Role, Story, Theme
from stories.text import prose
from stories.wording import Words
from stories.workflow import State

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
_numbers = itertools.count(1)


def person(session: Session, *roles: Role, name: str = "") -> Person:
    someone = Person(name=name or f"Person {next(_numbers)}", created_at=NOW)
    session.add(someone)
    for role in roles:
        someone.grant(role)
    session.flush()
    return someone


def theme(session: Session, name: str = "Labour", slug: str = "") -> Theme:
    row = Theme(slug=slug or f"theme-{next(_numbers)}", name=name)
    session.add(row)
    session.flush()
    return row


def organisation(session: Session, name: str = "Harbor Lights", slug: str = "") -> Organisation:
    row = Organisation(slug=slug or f"organisation-{next(_numbers)}", name=name)
    session.add(row)
    session.flush()
    return row


def words(**changes: Any) -> Words:
    typed = changes.pop("typed", "We carried the water up together.\n\nNobody asked whose turn it was.")
    given = {"title": "The Water We Carried", "teller_name": "Lani Kekoa", "body": prose.body_from_typed(typed)}
    return Words(**(given | changes))


def draft(session: Session, by: Person | None = None, language: str = "en", **changes: Any) -> Story:
    """A draft; `teller`, `original` and `source_id` go to its origin, everything else to its words."""
    origin = {name: changes.pop(name) for name in ("teller", "original", "source_id") if name in changes}
    author = by or person(session, Role.LEADER)
    return editorial.begin_story(session, words(**changes), editorial.Origin(language, **origin), by=author, at=NOW)


def agree(story: Story, by: Person | None = None, at: datetime = NOW) -> None:
    asked = consent.Circumstances(language=story.language)
    consent.record(story, {Purpose.PUBLISH: True}, asked, by=by or story.teller or story.submitter, at=at)


def story_in(session: Session, state: State, *, moderator: Person | None = None, **changes: Any) -> Story:
    """A story whose first submission stands in `state`, brought there step by step."""
    reviewer = moderator or person(session, Role.MODERATOR)
    story = draft(session, **changes)
    author = story.submitter
    if state is State.DRAFT:
        return story
    agree(story)
    editorial.submit(story, by=author, at=NOW, revision_id=story.newest_revision.id)
    if state is State.SUBMITTED:
        return story
    if state is State.WITHDRAWN:
        editorial.withdraw(story, editorial.Scope.HIDE, by=story.teller or author, at=NOW)
        return story
    editorial.begin_review(story, by=reviewer, at=NOW)
    _decide(story, state, reviewer)
    return story


def _decide(story: Story, state: State, reviewer: Person) -> None:
    seen = story.newest_revision.id
    if state is State.CHANGES_REQUESTED:
        editorial.request_changes(story, by=reviewer, at=NOW, revision_id=seen, note="Please say where.")
    elif state is State.DECLINED:
        editorial.decline(story, by=reviewer, at=NOW, revision_id=seen, note="It belongs elsewhere.")
    elif state is State.AWAITING_TELLER:
        revision = editorial.amend(story, words(title="The Water"), by=reviewer, at=NOW, revision_id=seen)
        editorial.ask_teller(story, by=reviewer, at=NOW, revision_id=revision.id)
    elif state in {State.APPROVED, State.PUBLISHED}:
        editorial.approve(story, by=reviewer, at=NOW, revision_id=seen)
        if state is State.PUBLISHED:
            editorial.publish(story, by=reviewer, at=NOW)


def published(session: Session, **changes: Any) -> Story:
    return story_in(session, State.PUBLISHED, **changes)
