"""SQLite: nothing is put in the place of a line of the log, a transition or a consent event.

There INSERT OR REPLACE and UPDATE OR REPLACE remove what is in their way without the triggers of a DELETE. PostgreSQL
knows neither, and its ON CONFLICT DO UPDATE is an UPDATE.
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TAKEN = "EXISTS (SELECT 1 FROM {table} WHERE {column} = NEW.{column})"
TAKEN_BY_ANOTHER = "EXISTS (SELECT 1 FROM {table} WHERE {column} = NEW.{column} AND id <> OLD.id)"
UNIQUE = {"events": ("id", "position"), "transitions": ("id",), "consent_events": ("id",)}


def upgrade() -> None:
    if _is_postgresql():
        return
    for table, columns in UNIQUE.items():
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} are append-only'); END"
        taken = " OR ".join(TAKEN.format(table=table, column=column) for column in columns)
        op.execute(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {taken} {refuse}")
    taken = TAKEN_BY_ANOTHER.format(table="events", column="position")
    refuse = "BEGIN SELECT RAISE(ABORT, 'events are append-only'); END"
    op.execute(f"CREATE TRIGGER events_no_removal BEFORE UPDATE OF position ON events WHEN {taken} {refuse}")


def downgrade() -> None:
    if _is_postgresql():
        return
    op.execute("DROP TRIGGER events_no_removal")
    for table in UNIQUE:
        op.execute(f"DROP TRIGGER {table}_no_replace")


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
