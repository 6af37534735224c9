"""Reads the date on which a story was first published; one that can be read two ways is refused, never guessed."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from stories.importing.records import BadLine

_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]+(.+))?")


def read(written: str, now: datetime) -> datetime:
    """The moment that an ISO 8601 date or the date of a letter means; without a zone it is UTC.

    Raises BadLine for anything else, and for what lies in the future.
    """
    moment = _iso(written) or _of_letters(written)
    if moment is None:
        raise BadLine(f"published_at {written[:40]!r} is no date that can be read one way only: write 2019-03-02")
    if moment > now:
        raise BadLine(f"published_at {written[:40]!r} lies in the future")
    return moment


def _iso(written: str) -> datetime | None:
    found = _YEAR_FIRST.fullmatch(written)
    if found is None:
        return None
    year, month, day, time = found.groups()
    try:
        moment = datetime.fromisoformat(f"{year}-{int(month):02}-{int(day):02}T{(time or '00:00').replace(' ', '')}")
    except ValueError:
        return None
    return _in_utc(moment)


def _of_letters(written: str) -> datetime | None:
    try:
        return _in_utc(parsedate_to_datetime(written)) if re.search(r"[A-Za-z]{3}", written) else None
    except (ValueError, IndexError, TypeError, OverflowError):
        return None


def _in_utc(moment: datetime) -> datetime | None:
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        return None
