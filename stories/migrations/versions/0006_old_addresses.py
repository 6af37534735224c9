"""Where stories stood on the sites they came from."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "old_addresses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=500), nullable=False),
        sa.Column("story_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_old_addresses_story_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_old_addresses")),
        sa.UniqueConstraint("address", name=op.f("uq_old_addresses_address")),
    )
    with op.batch_alter_table("old_addresses", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_old_addresses_story_id"), ["story_id"], unique=False)


def downgrade() -> None:
    op.drop_table("old_addresses")
