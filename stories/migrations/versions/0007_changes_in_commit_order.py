"""Changes are numbered in the order of commits; and what PostgreSQL lacked: a foreign key, JSONB, honest refusals."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

JSON = {
    "organisations": ("names", "abouts"),
    "themes": ("names", "abouts"),
    "guides": ("audiences", "settings", "grade_bands", "objectives", "preparation", "agreements", "materials"),
    "revisions": ("pull_quotes", "takeaways", "prompts"),
    "letters": ("unwritten",),
}
HISTORY = ("revisions", "transitions", "consent_events")

# On SQLite one transaction writes at a time, so ids are in the order of commits already.
NUMBER_ON_SQLITE = """
    CREATE TRIGGER changes_number AFTER INSERT ON changes WHEN NEW.position IS NULL
    BEGIN UPDATE changes SET position = NEW.id WHERE id = NEW.id; END
"""
# On PostgreSQL the trigger waits for the commit, and the lock (`stories.database.Lock.CHANGES`) is held until it is done:
# whoever sees a position sees every smaller one.
NUMBER = """
    CREATE FUNCTION changes_number() RETURNS trigger AS $$ BEGIN
        PERFORM pg_advisory_xact_lock(7301, 1);
        UPDATE changes SET position = nextval(pg_get_serial_sequence('changes', 'id')) WHERE id = NEW.id;
        RETURN NULL;
    END $$ LANGUAGE plpgsql
"""
NUMBER_AT_COMMIT = """
    CREATE CONSTRAINT TRIGGER changes_number AFTER INSERT ON changes DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.position IS NULL) EXECUTE FUNCTION changes_number()
"""
REFUSE = """
    CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger AS $$ BEGIN
        RAISE EXCEPTION '{table} are append-only' USING ERRCODE = 'integrity_constraint_violation';
    END $$ LANGUAGE plpgsql
"""


def upgrade() -> None:
    op.add_column("changes", sa.Column("position", sa.Integer(), nullable=True))
    op.execute("UPDATE changes SET position = id")
    op.create_index(op.f("ix_changes_position"), "changes", ["position"], unique=True)
    if not _is_postgresql():
        op.execute(NUMBER_ON_SQLITE)
        return
    op.execute(NUMBER)
    op.execute(NUMBER_AT_COMMIT)
    for table in HISTORY:
        op.execute(REFUSE.format(table=table))
    # `use_alter` inside create_table, as the first migration has it, adds no foreign key here.
    op.create_foreign_key("fk_stories_published_revision_id", "stories", "revisions", ["published_revision_id"], ["id"])
    _alter_json(JSONB())


def _alter_json(kind: sa.JSON) -> None:
    for table, names in JSON.items():
        for name in names:
            op.alter_column(table, name, type_=kind, postgresql_using=f"{name}::{kind.__visit_name__}")


def downgrade() -> None:
    op.execute("DROP TRIGGER changes_number ON changes" if _is_postgresql() else "DROP TRIGGER changes_number")
    if _is_postgresql():
        op.execute("DROP FUNCTION changes_number()")
        op.drop_constraint("fk_stories_published_revision_id", "stories", type_="foreignkey")
        _alter_json(sa.JSON())
    op.drop_index(op.f("ix_changes_position"), "changes")
    op.drop_column("changes", "position")


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
