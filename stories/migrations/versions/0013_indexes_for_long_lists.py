"""Indexes in the order of the lists, so that any page of them is found without sorting or reading what is passed over."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

PUBLIC = ["visibility", "consented", "published_at"]


def upgrade() -> None:
    op.drop_index("ix_stories_public", "stories")
    op.create_index("ix_stories_public", "stories", [*PUBLIC, "id", "published_revision_id", "language"])
    op.create_index("ix_stories_shelf", "stories", ["visibility", "changed_at", "id"])
    op.create_index("ix_stories_shown_revision", "stories", ["published_revision_id", "visibility", "consented"])
    op.drop_index("ix_submissions_state", "submissions")
    op.create_index("ix_submissions_queue", "submissions", ["state", "moved_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_submissions_queue", "submissions")
    op.create_index("ix_submissions_state", "submissions", ["state"])
    op.drop_index("ix_stories_shown_revision", "stories")
    op.drop_index("ix_stories_shelf", "stories")
    op.drop_index("ix_stories_public", "stories")
    op.create_index("ix_stories_public", "stories", PUBLIC)
