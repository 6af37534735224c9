"""The migrations make the very tables that the models describe, on either database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from databases import Databases, connected, on_postgres
from sqlalchemy import Column, Connection, MetaData, Table
from sqlalchemy.orm import Session

import solidarity.accounts.models  # noqa: F401 - joins the metadata, as letters do
from solidarity.letters.models import PATIENCE, Letter
from stories import database, migrations
from stories.models import Base, Submission
from tests.factories import NOW

TABLES = {table.name: table for table in Base.metadata.tables.values()}


def test_migrations_and_models_agree(session: Session) -> None:
    context = MigrationContext.configure(session.connection())

    assert compare_metadata(context, Base.metadata) == []


@pytest.mark.parametrize("name", TABLES)
def test_the_database_has_every_column_and_constraint_of(session: Session, name: str) -> None:
    assert _in_the_database(session.connection(), name) == _in_the_models(TABLES[name])


def _in_the_models(table: Table) -> dict[str, Any]:
    unique = [c for c in table.constraints if isinstance(c, sqlalchemy.UniqueConstraint)]
    return {
        "columns": {column.name: bool(column.nullable) for column in table.columns},
        "primary key": [column.name for column in table.primary_key],
        "foreign keys": {
            (tuple(c.column_keys), c.referred_table.name, tuple(e.column.name for e in c.elements))
            for c in table.foreign_key_constraints
        },
        "unique": {tuple(c.columns.keys()) for c in unique},
        "indexes": {(str(index.name), tuple(index.columns.keys()), index.unique) for index in table.indexes},
    }


def _in_the_database(connection: Connection, name: str) -> dict[str, Any]:
    inspector = sqlalchemy.inspect(connection)
    unique = {tuple(found["column_names"]) for found in inspector.get_unique_constraints(name)}
    indexes = [found for found in inspector.get_indexes(name) if not found.get("duplicates_constraint")]
    return {
        "columns": {found["name"]: found["nullable"] for found in inspector.get_columns(name)},
        "primary key": inspector.get_pk_constraint(name)["constrained_columns"],
        "foreign keys": {
            (tuple(found["constrained_columns"]), found["referred_table"], tuple(found["referred_columns"]))
            for found in inspector.get_foreign_keys(name)
        },
        "unique": unique,
        "indexes": {(found["name"], tuple(found["column_names"]), bool(found["unique"])) for found in indexes},
    }


@pytest.mark.parametrize("name", TABLES)
def test_rows_can_be_compared_grouped_and_put_in_order_by_every_column_of(session: Session, name: str) -> None:
    columns = list(TABLES[name].columns)

    for query in (
        sqlalchemy.select(*columns).distinct().order_by(*columns),
        sqlalchemy.select(*columns).group_by(*columns),
        sqlalchemy.union(sqlalchemy.select(*columns), sqlalchemy.select(*columns)),
    ):
        assert session.execute(query).all() == []


def test_a_migrated_database_is_current(session: Session) -> None:
    assert migrations.is_current(session.get_bind())


def test_a_site_with_a_row_in_every_table_is_brought_up_to_date(databases: Databases, tmp_path: Path) -> None:
    with databases.blank(tmp_path) as url, connected(url) as engine:
        with engine.begin() as connection:
            command.upgrade(migrations._config(connection, Base.metadata), "0001")
        first = MetaData()
        first.reflect(engine)
        tables = [table for table in first.tables.values() if table.name != "alembic_version"]
        with database.writing(), engine.begin() as connection:
            _without_looking_at_foreign_keys(connection)
            for table in tables:
                connection.execute(table.insert().values({column.name: _something(column) for column in table.columns}))

        migrations.upgrade(engine, Base.metadata)

        with engine.begin() as connection:
            kept = {table.name: _count(connection, table) for table in tables}
    assert kept == {table.name: 1 for table in tables}


def _without_looking_at_foreign_keys(connection: Connection) -> None:
    """Every row refers to another one, which may not be there yet."""
    off = "SET LOCAL session_replication_role = replica" if on_postgres() else "PRAGMA defer_foreign_keys = ON"
    connection.exec_driver_sql(off)


def _count(connection: Connection, table: Table) -> int:
    return connection.scalar(sqlalchemy.select(sqlalchemy.func.count()).select_from(table)) or 0


def test_a_letter_that_waited_while_the_site_was_updated_still_goes_out(databases: Databases, tmp_path: Path) -> None:
    letter = "To: Zeynəb <ana@example.org>\r\nSubject: آپ کی کہانی\r\n\r\nسلام\r\n".encode()
    with databases.blank(tmp_path) as url, connected(url) as engine:
        with engine.begin() as connection:
            command.upgrade(migrations._config(connection, Base.metadata), "0004")
            connection.execute(
                sqlalchemy.text("INSERT INTO letters (text, written_at, due_at, tries) VALUES (:text, :at, :at, 1)"),
                {"text": letter, "at": "2026-11-22 09:00:00.000000"},
            )

        migrations.upgrade(engine, Base.metadata)

        with Session(engine) as session:
            [kept] = session.scalars(sqlalchemy.select(Letter))
    assert (kept.kind, kept.address, kept.tries, kept.send_until) == ("other", "ana@example.org", 1, NOW + PATIENCE)
    head, _, body = (kept.message or b"").partition(b"\r\n\r\n")
    assert (head.isascii(), body.decode()) == (True, "سلام\r\n")
    assert message_from_bytes(kept.message or b"", policy=policy.default)["Subject"] == "آپ کی کہانی"


PEOPLE = {"author": 1, "teller": 2, "moderator": 3}
# The state of a submission, who wrote each revision of its story, which one the teller had confirmed and which was
# public (numbers from 1 on), and which are to be the author's own and the suggestion afterwards.
BEFORE_AND_AFTER = {
    "the moderator's words in review": ("in review", ["author", "moderator"], 1, None, (1, 2)),
    "several of them": ("changes requested", ["author", "teller", "moderator", "moderator"], 1, None, (2, 4)),
    "a draft that began with them": ("draft", ["author", "moderator"], 1, None, (1, 2)),
    "a draft that went on from them": ("draft", ["author", "moderator", "author"], 1, None, (3, None)),
    "words that the teller confirmed": ("approved", ["author", "moderator"], 2, None, (2, None)),
    "more of them after a yes": ("in review", ["author", "moderator", "moderator"], 2, None, (2, 3)),
    "a correction of public words": ("awaiting teller", ["author", "moderator", "author", "moderator"], 2, 2, (2, 4)),
    "the author's own": ("submitted", ["author"], 1, None, (1, None)),
    "an end": ("declined", ["author", "moderator"], 1, None, (2, None)),
}


@pytest.mark.parametrize("kind", BEFORE_AND_AFTER)
def test_where_a_moderators_words_stood_in_the_place_of_the_authors_these_are_given_back(
    databases: Databases, tmp_path: Path, kind: str
) -> None:
    state, writers, confirmed, public, wanted = BEFORE_AND_AFTER[kind]
    with databases.blank(tmp_path) as url, connected(url) as engine:
        with engine.begin() as connection:
            command.upgrade(migrations._config(connection, Base.metadata), "0012")
        before = MetaData()
        before.reflect(engine)
        with database.writing(), engine.begin() as connection:
            _without_looking_at_foreign_keys(connection)

            def add(table: str, **values: Any) -> None:
                columns = [column for column in before.tables[table].columns if not column.nullable]
                given = {column.name: _something(column) for column in columns} | values
                connection.execute(before.tables[table].insert().values(given))

            for name, number in PEOPLE.items():
                add("people", id=number, name=name)
            add("stories", id=1, submitter_id=1, teller_id=2, published_revision_id=public)
            for number, writer in enumerate(writers, 1):
                add("revisions", id=number, number=number, written_by_id=PEOPLE[writer], digest=f"{number:064}")
            add("submissions", id=1, state=state, revision_id=len(writers), confirmed_digest=f"{confirmed:064}")
            if "correction" in kind:
                add("transitions", id=1, submission_id=1, verb="correct", revision_id=len(writers))

        migrations.upgrade(engine, Base.metadata)

        with Session(engine) as session:
            [submission] = session.scalars(sqlalchemy.select(Submission))
            assert (submission.revision_id, submission.suggestion_id) == wanted


def _something(column: Column[Any]) -> Any:
    """A value that fits; every number is 1, so that every row refers to another."""
    values = {int: 1, bool: False, bytes: b"", dict: {}}
    return values.get(column.type.python_type, NOW if "date" in column.type.python_type.__name__ else "1")


def test_two_that_migrate_at_the_same_moment_do_it_once(databases: Databases, tmp_path: Path) -> None:
    def upgrade(_number: int) -> bool:
        with connected(url) as engine:
            migrations.upgrade(engine, Base.metadata)
            return migrations.is_current(engine)

    with databases.blank(tmp_path) as url, ThreadPoolExecutor(2) as pool:
        assert list(pool.map(upgrade, range(2))) == [True, True]


def test_the_last_step_can_be_taken_back_and_again(session: Session) -> None:
    config = migrations._config(session.connection(), Base.metadata)

    command.downgrade(config, "-1")
    command.upgrade(config, "head")

    assert compare_metadata(MigrationContext.configure(session.connection()), Base.metadata) == []
