"""Stories from a file, line by line."""

from __future__ import annotations

import json
import unicodedata
from datetime import UTC, datetime
from typing import Any

import factories as make
import pytest
from factories import NOW
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from stories import consent, editorial, importing, queries
from stories.errors import Refused
from stories.importing import BadLine, Brought, Columns, Importer, Names, Outcome, Way, rows
from stories.importing.formats import jsonl
from stories.models import Method, Purpose, Role, Story

ROW = {
    "source_id": "hull-001", "language": "en", "title": "The Ferry", "body": "# Dawn\n\nWe *rowed*.",
    "attribution": "Told by the crew", "licence": "CC BY 4.0",
}  # fmt: skip


def bring_in(session: Session, **changes: Any) -> Outcome:
    row = {name: value for name, value in (ROW | changes).items() if value is not None}
    return bring_in_line(session, json.dumps(row).encode())


def bring_in_line(session: Session, line: bytes) -> Outcome:
    return brought(session, line).outcome


def brought(session: Session, line: bytes, way: Way = Way.PUBLISHED) -> Brought:
    desk = importing.own_desk(session, at=NOW)
    importer = Importer(session, desk, Names(session, may_add=True), way, NOW)
    record = jsonl.record(1, line.decode("utf-8", "surrogateescape"))
    return importer.bring_in(rows.read(record, Columns(), way, at=NOW))


def only_story(session: Session) -> Story:
    return session.scalars(select(Story)).one()


def test_a_line_becomes_a_published_story(session: Session) -> None:
    assert bring_in(session) is Outcome.ADDED

    story = only_story(session)
    shown = story.published_revision
    assert (story.is_public, story.licence, shown.title, shown.body, shown.attribution) == (
        True, "CC BY 4.0", "The Ferry", "<h2>Dawn</h2><p>We <em>rowed</em>.</p>", "Told by the crew",
    )  # fmt: skip


def test_the_licence_is_the_evidence_of_consent(session: Session) -> None:
    bring_in(session)

    event = consent.ledger_of(only_story(session))[0]
    assert (event.purpose, event.granted, event.method, event.evidence) == (
        Purpose.PUBLISH, True, Method.LICENCE, "CC BY 4.0",
    )  # fmt: skip


def test_the_same_line_again_adds_nothing(session: Session) -> None:
    bring_in(session)

    assert bring_in(session) is Outcome.ALREADY_IN
    assert bring_in(session, title="The Ferry, again") is Outcome.DIFFERS
    assert session.scalar(select(func.count()).select_from(Story)) == 1


def test_lines_with_one_source_are_translations_of_the_first(session: Session) -> None:
    bring_in(session)
    bring_in(session, language="tl", title="Ang Bangka")
    bring_in(session, language="ur", title="کشتی")

    family = queries.public_family(session, 1)
    assert [(story.language, story.root_id, story.id == 1) for story in family] == [
        ("en", 1, True), ("tl", 1, False), ("ur", 1, False),
    ]  # fmt: skip


def test_markup_and_control_characters_are_no_reason_to_refuse(session: Session) -> None:
    bring_in(
        session, title="<b>The\x07\n Ferry</b>", attribution="a\x00b\ud800", body="x <script>alert(1)</script>\x0b"
    )

    shown = only_story(session).published_revision
    assert (shown.title, shown.attribution, shown.body) == ("<b>The Ferry</b>", "a b", "<p>x</p>")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"title": None}, "title is missing or empty"),
        ({"title": " \x00 "}, "title is missing or empty"),
        ({"licence": 4}, "licence is missing or empty"),
        ({"language": "fr"}, "language 'fr' is not one of"),
        ({"title": "x" * 301}, "title is longer than 300"),
        ({"body": "&" * 20_001}, "TooMuchMarkup"),
    ],
)
def test_a_bad_line_is_named_and_changes_nothing(session: Session, changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadLine, match=reason):
        bring_in(session, **changes)

    assert session.scalar(select(func.count()).select_from(Story)) == 0


@pytest.mark.parametrize("line", [b"{", b"[]", b"\xff", b"[" * 100_000, b'"x"'])
def test_what_is_no_object_of_json_is_a_bad_line(session: Session, line: bytes) -> None:
    with pytest.raises(BadLine):
        bring_in_line(session, line)


def test_nobody_can_be_asked_in_whose_name_stories_are_brought_in(session: Session) -> None:
    bring_in(session)
    story = only_story(session)
    assert (story.speaker.name, story.speaker.is_stand_in) == ("Import", True)


def line(**changes: Any) -> bytes:
    return json.dumps({name: value for name, value in (ROW | changes).items() if value is not None}).encode()


def test_consent_in_the_file_decides_what_is_published(session: Session) -> None:
    assert bring_in(session, consent="No") is Outcome.SAID_NO
    for changes in ({"licence": None}, {"licence": "All rights reserved"}):
        with pytest.raises(BadLine, match="licence"):
            bring_in(session, **changes)
    assert session.scalar(select(func.count()).select_from(Story)) == 0

    assert bring_in(session, licence=None, attribution=None, consent="Yes, with my name") is Outcome.ADDED
    events = [(e.purpose, e.granted, e.method, e.evidence) for e in consent.ledger_of(only_story(session))]
    assert events == [
        (Purpose.PUBLISH, True, Method.IN_WRITING, "import: Yes, with my name"),
        (Purpose.NAME, True, Method.IN_WRITING, "import: Yes, with my name"),
    ]


def test_whoever_wants_no_name_shown_is_not_named(session: Session) -> None:
    bring_in(session, teller_name="Ana Reyes", attribution="Told by ANA REYES", consent="Yes, without")

    shown = only_story(session).newest_revision
    assert (shown.teller_name, shown.attribution, shown.teller_naming) == ("", "", "anonymous")


@pytest.mark.parametrize(
    ("changes", "state", "consented"),
    [
        ({"consent": "yes", "licence": None}, "submitted", True),
        ({"licence": "CC0"}, "submitted", True),
        ({"licence": None}, "draft", False),
        ({"licence": "All rights reserved"}, "draft", False),
    ],
)
def test_a_submission_waits_for_moderators_or_for_consent(
    session: Session, changes: dict[str, Any], state: str, consented: bool
) -> None:
    found = brought(session, line(**changes), Way.SUBMISSIONS)

    story = only_story(session)
    assert (found.stands_as, story.consented, story.is_public) == (state, consented, False)
    with pytest.raises(Refused):
        editorial.publish(story, by=make.person(session, Role.MODERATOR), at=NOW)


def test_what_said_no_is_no_submission_either(session: Session) -> None:
    assert brought(session, line(consent="no"), Way.SUBMISSIONS).outcome is Outcome.SAID_NO
    assert session.scalar(select(func.count()).select_from(Story)) == 0


def test_date_address_themes_and_organisation_are_kept(session: Session) -> None:
    known = make.theme(session, "Work", "work")
    known.names = {"vi": "Việc làm"}
    session.flush()
    found = brought(
        session,
        line(published_at="2019-03-02", old_address="/ferry", themes=["viêc làm".replace("ê", "ệ"), "Rivers"],
             tags=["Boats"], organisation="Harbor Lights"),
    )  # fmt: skip

    story = only_story(session)
    shown = story.published_revision
    assert shown.organisation is not None
    assert (story.published_at, sorted(theme.name for theme in shown.themes), shown.organisation.name) == (
        datetime(2019, 3, 2, tzinfo=UTC), ["Rivers", "Work"], "Harbor Lights",
    )  # fmt: skip
    assert (found.new_names, found.missing_names) == (["Rivers", "Harbor Lights"], ["Boats"])
    assert queries.story_at_old_address(session, "/ferry/") is story


def test_a_theme_of_a_line_that_failed_is_not_mistaken_for_another(session: Session) -> None:
    desk = importing.own_desk(session, at=NOW)
    importer = Importer(session, desk, Names(session, may_add=True), Way.PUBLISHED, NOW)

    def take(**changes: Any) -> Brought:
        record = jsonl.record(1, line(**changes).decode())
        return importer.bring_in(rows.read(record, Columns(), Way.PUBLISHED, at=NOW))

    with pytest.raises(BadLine):
        take(source_id="1", themes=["Rivers"], old_address="no address")
    take(source_id="2", themes=["Stairs"])
    take(source_id="3", themes=["Rivers"])
    assert [[t.name for t in s.newest_revision.themes] for s in session.scalars(select(Story).order_by(Story.id))] == [
        ["Stairs"], ["Rivers"],
    ]  # fmt: skip


def test_a_row_that_was_changed_is_told_and_changes_nothing(session: Session) -> None:
    bring_in(session, themes=["Rivers"])
    found = brought(session, line(themes=["Rivers", "Boats"], place="Hull"))

    assert found.remarks == ["it is here in other words (place, themes), which were left as they are"]
    assert only_story(session).newest_revision.place == ""


def test_a_story_rewritten_on_the_site_is_known_by_its_first_words(session: Session) -> None:
    bring_in(session)
    story = only_story(session)
    editorial.revise(story, by=story.submitter, at=NOW)
    seen = story.newest_revision.id
    editorial.write(story, make.words(), by=story.submitter, at=NOW, revision_id=seen)

    assert bring_in(session) is Outcome.ALREADY_IN


def test_a_story_that_was_withdrawn_does_not_come_back(session: Session) -> None:
    bring_in(session)
    story = only_story(session)
    editorial.withdraw(story, editorial.Scope.DELETE, by=story.submitter, at=NOW)

    found = brought(session, line(title="Another"))
    assert (found.outcome, found.remarks) == (Outcome.ALREADY_IN, ["it was withdrawn by its teller and stays so"])


def test_an_id_is_the_same_however_its_letters_are_composed(session: Session) -> None:
    assert bring_in(session, source_id="Bảo") is Outcome.ADDED
    assert bring_in(session, source_id=unicodedata.normalize("NFD", "Bảo")) is Outcome.ALREADY_IN
