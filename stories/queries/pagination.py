"""Long lists, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.base import ExecutableOption

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


@dataclass(frozen=True)
class Wanted:
    """Which page is asked for; `total`: how many rows there are, where that is known already."""

    number: int
    size: int
    total: int | None = None


def paginate(
    session: Session,
    query: Select[Any],
    order: Sequence[Any],
    options: Sequence[ExecutableOption],
    wanted: Wanted,
) -> Page[Any]:
    """One page of the entities that `query` finds, in the order of some columns.

    The page is found by numbers alone, so that what is passed over costs a step in an index and no row is sorted.
    """
    (entity,) = (column["entity"] for column in query.column_descriptions)
    number, size, total = wanted.number, wanted.size, wanted.total
    if total is None:
        total = count_rows(session, query)
    if (number - 1) * size >= total:
        return Page([], total, number, size)
    found = query.with_only_columns(entity.id, maintain_column_froms=True).order_by(*order)
    page = found.limit(size).offset((number - 1) * size).subquery()
    rows = select(entity).join(page, page.c.id == entity.id).options(*options).order_by(*order)
    return Page(session.scalars(rows).unique().all(), total, number, size)


def count_rows(session: Session, query: Select[Any]) -> int:
    """How many rows `query` finds."""
    (entity,) = (column["entity"] for column in query.column_descriptions)
    numbers = query.with_only_columns(entity.id, maintain_column_froms=True).subquery()
    return session.scalar(select(func.count()).select_from(numbers)) or 0
