"""Stories from a file, line by line."""

from __future__ import annotations

import json
from typing import Any

import pytest
from factories import NOW
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from stories import consent, importing, queries
from stories.importing import BadLine, Outcome
from stories.models import Method, Purpose, Story

ROW = {
    "source_id": "hull-001", "language": "en", "title": "The Ferry", "body": "# Dawn\n\nWe *rowed*.",
    "attribution": "Told by the crew", "licence": "CC BY 4.0",
}  # fmt: skip


def bring_in(session: Session, **changes: Any) -> Outcome:
    row = {name: value for name, value in (ROW | changes).items() if value is not None}
    desk = importing.own_desk(session, at=NOW)
    return importing.bring_in(session, json.dumps(row).encode(), desk, at=NOW)


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

    assert bring_in(session, title="The Ferry, again") is Outcome.ALREADY_IN
    assert session.scalar(select(func.count()).select_from(Story)) == 1


def test_lines_with_one_source_are_translations_of_the_first(session: Session) -> None:
    bring_in(session)
    bring_in(session, language="tl", title="Ang Bangka")
    bring_in(session, language="ur", title="کشتی")

    family = queries.public_translations(session, [1])[1]
    assert [(story.language, story.original_id) for story in family] == [("en", None), ("tl", 1), ("ur", 1)]


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
    desk = importing.own_desk(session, at=NOW)

    with pytest.raises(BadLine):
        importing.bring_in(session, line, desk, at=NOW)


def test_nobody_can_be_asked_in_whose_name_stories_are_brought_in(session: Session) -> None:
    bring_in(session)
    story = only_story(session)
    assert (story.speaker.name, story.speaker.is_stand_in) == ("Import", True)
