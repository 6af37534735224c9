"""Brings rows in through the same verbs that people use, each in a transaction of its own inside the caller's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from stories import consent, database, editorial
from stories.database import Lock
from stories.errors import Refused
from stories.importing import answers
from stories.importing.columns import WORD_LISTS, folded
from stories.importing.names import Names, forms
from stories.importing.records import BadLine
from stories.importing.rows import OPTIONAL, Row, Way
from stories.models import Method, Naming, Person, Purpose, Revision, Role, Story
from stories.text import limits, prose
from stories.wording import Words
from stories.workflow import Visibility


class Outcome(StrEnum):
    """What became of a row."""

    ADDED = "added"
    ALREADY_IN = "already in"
    DIFFERS = "already in, in other words"  # nothing was altered
    SAID_NO = "not brought in: its teller said no"


@dataclass(frozen=True)
class Desk:
    """In whose names stories are brought in: one submits, another approves, for nobody approves their own."""

    submitter: Person
    moderator: Person


@dataclass
class Brought:
    """What became of a row, and what is to be told of it."""

    outcome: Outcome
    stands_as: str = ""  # where an added story stands: published, submitted or draft
    remarks: list[str] = field(default_factory=list)
    new_names: list[str] = field(default_factory=list)
    missing_names: list[str] = field(default_factory=list)


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


@dataclass(frozen=True)
class Importer:
    """Brings rows in, in the names of `desk`: published, or submitted in the name of its submitter."""

    session: Session
    desk: Desk
    names: Names
    way: Way
    at: datetime

    def bring_in(self, row: Row) -> Brought:
        """Make a story of one row, unless it is in already.

        A row that says no to being published is never brought in. One that says nothing is never published; as a
        submission it becomes a draft that waits for consent. Raises BadLine, having changed nothing.
        """
        if row.consent is not None and not row.consent.granted:
            return Brought(Outcome.SAID_NO)
        family = _family(self.session, row.source_id)
        if (same := _in_language(family, row.language)) is not None:
            return _met_again(same, row)
        try:
            with self.session.begin_nested():
                return self._begin(row, family[0] if family else None)
        except Refused as refused:
            raise BadLine(str(refused) or type(refused).__name__) from refused
        except IntegrityError:
            same = _in_language(_family(self.session, row.source_id), row.language)
            if same is None:
                raise
            return _met_again(same, row)  # another import, which brings the same row, was faster

    def _begin(self, row: Row, original: Story | None) -> Brought:
        brought = Brought(Outcome.ADDED, remarks=[*row.remarks])
        asked = _recorded(row)
        if self.way is Way.PUBLISHED:
            _require_record(row, asked)
        origin = editorial.Origin(
            row.language, original=original, source_id=row.source_id, licence=row.licence,
            published_at=row.published_at, old_addresses=row.old_addresses,
        )  # fmt: skip
        by = self.desk.submitter
        story = editorial.begin_story(self.session, _words(row, self.names, brought), origin, by=by, at=self.at)
        if asked is not None:
            consent.record(story, _answers(row), asked, by=by, at=self.at)
            editorial.submit(story, by=by, at=self.at, revision_id=story.newest_revision.id)
        if self.way is Way.PUBLISHED:
            _publish(story, self.desk, self.at)
        brought.stands_as = str(story.submissions[-1].state)
        return brought


def _family(session: Session, source_id: str) -> list[Story]:
    query = select(Story).where(Story.source_id == source_id).order_by(Story.id)
    return list(session.scalars(query))


def _in_language(family: list[Story], language: str) -> Story | None:
    return next((story for story in family if story.language == language), None)


def _publish(story: Story, desk: Desk, at: datetime) -> None:
    editorial.begin_review(story, by=desk.moderator, at=at)
    editorial.approve(story, by=desk.moderator, at=at, revision_id=story.newest_revision.id)
    editorial.publish(story, by=desk.moderator, at=at)


def _recorded(row: Row) -> consent.Circumstances | None:
    """The consent that the row records: an answer, or a licence under which everybody may publish."""
    if row.consent is not None:
        evidence = f"import: {row.consent.said}"[: limits.ATTRIBUTION]
        return consent.Circumstances(language=row.language, method=Method.IN_WRITING, evidence=evidence)
    if answers.licenses(row.licence):
        return consent.Circumstances(language=row.language, method=Method.LICENCE, evidence=row.licence)
    return None


def _require_record(row: Row, asked: consent.Circumstances | None) -> None:
    if asked is None and row.licence:
        raise BadLine(f"licence {row.licence[:60]!r} lets nobody publish it, and there is no consent")
    if asked is None:
        raise BadLine("licence is missing or empty, and consent too: nothing says that it may be published")
    if asked.method is Method.LICENCE and not prose.plain(row.texts["attribution"]):
        raise BadLine("attribution is missing or empty: a licence wants one")


def _answers(row: Row) -> dict[Purpose, bool]:
    given = {Purpose.PUBLISH: True}
    if row.consent is not None and row.consent.named is not None:
        given[Purpose.NAME] = row.consent.named
    return given


def _words(row: Row, names: Names, brought: Brought) -> Words:
    themes, new, missing = names.themes(row.themes, row.tags)
    organisation, new_too, missing_too = names.organisation(row.organisation)
    brought.new_names += [*new, *new_too]
    brought.missing_names += [*missing, *missing_too]
    return Words(**_plain_words(row), themes=themes, organisation=organisation)


def _plain_words(row: Row) -> dict[str, Any]:
    """The words of a row but for its themes and organisation, without the name of somebody who wants none shown."""
    texts = dict(row.texts)
    name = prose.plain(texts["teller_name"])
    if row.consent is not None and row.consent.named is False:
        texts["teller_name"] = ""
        texts["attribution"] = "" if name and folded(name) in folded(texts["attribution"]) else texts["attribution"]
    naming = Naming.CHOSEN_NAME if prose.plain(texts["teller_name"]) else Naming.ANONYMOUS
    return {**texts, **row.lists, "body": row.body, "teller_naming": naming}


# --- a row whose story is here


def _met_again(story: Story, row: Row) -> Brought:
    """Nothing of a story that is here is altered by a file; where the file says something else, that is told."""
    if story.visibility is Visibility.WITHDRAWN:
        return Brought(Outcome.ALREADY_IN, remarks=["it was withdrawn by its teller and stays so"])
    try:
        words = Words(**_plain_words(row)).tidied()
    except Refused as refused:
        raise BadLine(str(refused)) from refused
    differing = [list(_differing(revision, words, row)) for revision in story.revisions]
    if [] in differing:
        return Brought(Outcome.ALREADY_IN)
    fewest = min(len(names) for names in differing)
    fields = ", ".join(next(names for names in differing if len(names) == fewest))
    return Brought(Outcome.DIFFERS, remarks=[f"it is here in other words ({fields}), which were left as they are"])


def _differing(revision: Revision, words: Words, row: Row) -> Iterator[str]:
    """The fields in which a row says something else than a wording of its story."""
    for name in ("title", "attribution", *OPTIONAL):
        if getattr(words, name) != getattr(revision, name):
            yield name
    if prose.text_of(words.body) != prose.text_of(revision.body):
        yield "body"
    for name in WORD_LISTS:
        if list(getattr(words, name)) != getattr(revision, name):
            yield name
    themes = [forms(theme) for theme in revision.themes]
    if any(not any(folded(name) in known for known in themes) for name in row.themes):
        yield "themes"
    here = forms(revision.organisation) if revision.organisation else set()
    if row.organisation and folded(row.organisation) not in here:
        yield "organisation"
