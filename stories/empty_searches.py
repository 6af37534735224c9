"""What readers looked for in vain: how often, on which day and in which language of the site. Never what, never who."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from stories.models import EmptySearch


def found_nothing(session: Session, *, day: date, language: str, times: int) -> None:
    """Count so many more searches that found nothing, in a transaction that began as one that writes."""
    counted = session.get(EmptySearch, (day, language))
    if counted is None:
        counted = EmptySearch(day=day, language=language, count=0)
        session.add(counted)
    counted.count += times


def in_vain(session: Session, *, since: date) -> Sequence[EmptySearch]:
    """The counts from this day on, the newest day first, and of one day the most first."""
    query = select(EmptySearch).where(EmptySearch.day >= since)
    return session.scalars(query.order_by(EmptySearch.day.desc(), EmptySearch.count.desc(), EmptySearch.language)).all()
