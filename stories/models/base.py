"""What every table shares: the metadata, its naming rule, and time that always knows its zone."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, Enum, MetaData
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""Lists and names by language. JSONB, because PostgreSQL cannot compare JSON: a DISTINCT over it is an error."""


class Base(DeclarativeBase):
    """The parent of every table; accounts of the website join the same metadata."""

    metadata = MetaData(naming_convention=NAMING)


class Moment(TypeDecorator[datetime]):
    """A point in time, stored as UTC. A time without a zone is refused, so that none is ever guessed."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else value.replace(tzinfo=UTC)


def words_of(kind: type[StrEnum]) -> Enum:
    """A column that holds the words of an enumeration as text, so that a new word needs no new type."""
    return Enum(kind, native_enum=False, length=40, values_callable=_values, validate_strings=True)


def _values(kind: type[Any]) -> list[str]:
    return [str(member.value) for member in kind]
