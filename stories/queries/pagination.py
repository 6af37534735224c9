"""Long lists, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of a longer list; pages count from 1. A page past the end has no rows."""

    rows: Sequence[Row]
    total: int
    number: int
    size: int

    @property
    def last(self) -> int:
        """The number of the last page, at least 1."""
        return max(1, -(-self.total // self.size))


def paginate(session: Session, query: Select[Any], *, number: int, size: int) -> Page[Any]:
    """One page of what `query` finds, in the order of the query."""
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    past_the_end = (number - 1) * size >= total
    rows = [] if past_the_end else session.scalars(query.limit(size).offset((number - 1) * size)).unique().all()
    return Page(rows, total, number, size)
