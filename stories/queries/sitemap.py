"""Every public address, in parts of bounded size: a part holds the families of so many stories in a row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from stories.models import Revision, Story
from stories.queries.stories import IS_PUBLIC

FAMILIES = 4_000  # in a part: with each in all languages still less than the 50,000 addresses that a sitemap may hold


class Entry(NamedTuple):
    """A public story; `root` is the same for its translations."""

    root: int
    slug: str
    language: str
    written_at: datetime


def sitemap_parts(session: Session, families: int = FAMILIES) -> list[int]:
    """The numbers of the parts that hold anything, from 1 on. A story stays in its part as long as it is there."""
    last = -(-(session.scalar(select(func.max(Story.id))) or 0) // families)
    return [part for part in range(1, last + 1) if _holds_anything(session, part, families)]


def _holds_anything(session: Session, part: int, families: int) -> bool:
    """Asked of originals, then of translations: of both at once all that is public would be looked through."""
    any_of = select(Story.id).where(IS_PUBLIC).limit(1)
    return any(session.scalar(any_of.where(each)) is not None for each in _members(part, families))


def sitemap_part(session: Session, number: int, families: int = FAMILIES) -> Sequence[Entry]:
    """The public stories of a part, each family together."""
    root = func.coalesce(Story.original_id, Story.id)
    query = (
        select(root, Story.slug, Story.language, Revision.written_at)
        .join(Revision, Story.published_revision_id == Revision.id)
        .where(_is_in(number, families), IS_PUBLIC)
        .order_by(root, Story.id)
    )
    return [Entry(*row) for row in session.execute(query)]


def _is_in(part: int, families: int) -> ColumnElement[bool]:
    return or_(*_members(part, families))


def _members(part: int, families: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    first, last = (part - 1) * families + 1, part * families
    return Story.id.between(first, last) & Story.original_id.is_(None), Story.original_id.between(first, last)
