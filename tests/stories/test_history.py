"""The database itself refuses to rewrite what happened."""

from __future__ import annotations

import factories as make
import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE revisions SET title = 'Another'",
        "DELETE FROM revisions",
        "UPDATE transitions SET verb = 'decline'",
        "UPDATE transitions SET note = 'Another'",
        "DELETE FROM transitions",
        "UPDATE consent_events SET granted = true",
        "DELETE FROM consent_events",
    ],
)
def test_what_happened_cannot_be_rewritten(session: Session, statement: str) -> None:
    make.published(session)

    with pytest.raises(IntegrityError, match="append-only"):
        session.connection().exec_driver_sql(statement)
