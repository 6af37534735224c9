"""What stands beside stories is worked out beforehand."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql")
KIND = sa.Enum("story", "guide", name="relatedkind", native_enum=False, length=40)


def upgrade() -> None:
    op.create_table(
        "related",
        sa.Column("story_id", sa.Integer(), nullable=False),
        sa.Column("kind", KIND, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("themes", JSON, nullable=False),
        sa.Column("words", JSON, nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_related_story_id")),
        sa.PrimaryKeyConstraint("story_id", "kind", "position", name=op.f("pk_related")),
    )
    op.create_index("ix_related_other", "related", ["kind", "other_id"])
    op.create_table(
        "related_progress",
        sa.Column("kind", KIND, nullable=False),
        sa.Column("subject_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject_id", name=op.f("pk_related_progress")),
    )


def downgrade() -> None:
    op.drop_table("related_progress")
    op.drop_table("related")
