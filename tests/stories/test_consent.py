"""The consent ledger."""

from __future__ import annotations

import factories as make
from factories import NOW
from sqlalchemy.orm import Session

from stories import consent
from stories.models import Method, Purpose


def answer(story, **answers: bool) -> list[Purpose]:  # type: ignore[no-untyped-def]
    asked = consent.Circumstances(language="ur", method=Method.READ_ALOUD, evidence="with her son")
    given = {Purpose(name): granted for name, granted in answers.items()}
    return [event.purpose for event in consent.record(story, given, asked, by=story.submitter, at=NOW)]


def test_every_answer_is_kept_with_how_it_was_asked(session: Session) -> None:
    story = make.draft(session)
    answer(story, publish=True, quote=False)

    assert [
        (event.purpose, event.granted, event.language, event.method, event.evidence, event.text_version)
        for event in consent.ledger_of(story)
    ] == [
        (Purpose.PUBLISH, True, "ur", Method.READ_ALOUD, "with her son", consent.TEXT_VERSION),
        (Purpose.QUOTE, False, "ur", Method.READ_ALOUD, "with her son", consent.TEXT_VERSION),
    ]


def test_the_same_answer_again_is_no_new_event(session: Session) -> None:
    story = make.draft(session)
    answer(story, publish=True)

    assert answer(story, publish=True, name=True) == [Purpose.NAME]


def test_the_last_answer_stands(session: Session) -> None:
    story = make.draft(session)
    answer(story, publish=True)
    answer(story, publish=False)

    assert (consent.answers_of(story), story.consented) == ({Purpose.PUBLISH: False}, False)


def test_taking_back_the_consent_to_publish_hides_a_story_at_once(session: Session) -> None:
    story = make.published(session)
    answer(story, publish=False)

    assert (story.is_public, story.is_readable) == (False, False)


def test_taking_back_another_consent_hides_nothing(session: Session) -> None:
    story = make.published(session)
    answer(story, quote=False)

    assert story.is_public
