"""The people in whose names the software acts, whom nobody can ask: those of the import."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

IMPORT = """
    UPDATE people SET is_stand_in = true
    WHERE name IN ('Import', 'Import review') AND id NOT IN (SELECT person_id FROM accounts)
"""


def upgrade() -> None:
    # In place: a batch would make the table anew, and SQLite drops none that others refer to.
    op.add_column("people", sa.Column("is_stand_in", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(IMPORT)


def downgrade() -> None:
    with op.batch_alter_table("people") as people:
        people.drop_column("is_stand_in")
