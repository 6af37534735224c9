"""The database itself refuses to rewrite what happened."""

from __future__ import annotations

import factories as make
import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from stories import consent, editorial
from stories.models import Method, Purpose


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE revisions SET title = 'Another'",
        "DELETE FROM revisions",
        "UPDATE transitions SET verb = 'decline'",
        "UPDATE transitions SET note = 'Another'",
        "DELETE FROM transitions",
        "UPDATE transitions SET by_id = NULL",
        "UPDATE consent_events SET granted = false",
        "UPDATE consent_events SET evidence = 'Another'",
        "DELETE FROM consent_events",
        "UPDATE events SET at = '2020-01-01'",
        "UPDATE events SET by_id = NULL",
        "UPDATE events SET position = position + 100",
        "UPDATE events SET hash = 'Another'",
        "UPDATE events SET text = 'Another'",
        "UPDATE events SET salt = 'Another'",
        "DELETE FROM events",
    ],
)
def test_what_happened_cannot_be_rewritten(session: Session, statement: str) -> None:
    story = make.draft(session)
    asked = consent.Circumstances(story.language, Method.IN_WRITING, "A letter")
    consent.record(story, {Purpose.PUBLISH: True}, asked, by=story.submitter, at=make.NOW)
    editorial.submit(story, by=story.submitter, at=make.NOW, revision_id=story.newest_revision.id)
    session.commit()

    with pytest.raises(IntegrityError, match="append-only"):
        session.connection().exec_driver_sql(statement)
