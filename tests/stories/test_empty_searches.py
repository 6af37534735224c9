"""Searches that found nothing: numbers by day and language, and nothing else."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from stories import empty_searches
from stories.models import EmptySearch

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)


def test_searches_are_added_up_by_day_and_language(session: Session) -> None:
    for day, language, times in ((MONDAY, "ur", 1), (TUESDAY, "ur", 2), (TUESDAY, "km", 5), (TUESDAY, "ur", 1)):
        empty_searches.add(session, day=day, language=language, times=times)
    session.commit()

    counted = [(row.day, row.language, row.count) for row in empty_searches.since(session, since=MONDAY)]
    assert counted == [(TUESDAY, "km", 5), (TUESDAY, "ur", 3), (MONDAY, "ur", 1)]
    assert len(empty_searches.since(session, since=TUESDAY)) == 2


def test_nothing_else_is_kept() -> None:
    assert {column.name for column in EmptySearch.__table__.columns} == {"day", "language", "count"}
