"""What readers looked for in vain: how often, on which day and in which language of the site. Never what, never who."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Date, bindparam, select, text
from sqlalchemy.orm import Session

from stories.models import EmptySearch

_COUNT = text(
    "INSERT INTO empty_searches (day, language, count) VALUES (:day, :language, :times) "
    "ON CONFLICT (day, language) DO UPDATE SET count = empty_searches.count + excluded.count"
).bindparams(bindparam("day", type_=Date))


def add(session: Session, *, day: date, language: str, times: int) -> None:
    """Count so many more searches that found nothing, whoever else counts at the same moment."""
    session.execute(_COUNT, {"day": day, "language": language, "times": times})


def since(session: Session, *, since: date) -> Sequence[EmptySearch]:
    """The counts from this day on, the newest day first, and of one day the most first."""
    query = select(EmptySearch).where(EmptySearch.day >= since)
    return session.scalars(query.order_by(EmptySearch.day.desc(), EmptySearch.count.desc(), EmptySearch.language)).all()
