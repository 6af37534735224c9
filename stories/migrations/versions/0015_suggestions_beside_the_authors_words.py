"""What a moderator suggests lies beside the author's words, where it stood in their place.

Under way, the author has their own last wording back, or the public one where a correction was proposed.
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TO_THE_SIDE = """
    UPDATE submissions SET suggestion_id = revision_id
    WHERE state IN ('draft', 'submitted', 'in review', 'changes requested', 'awaiting teller')
    AND EXISTS (
        SELECT 1 FROM revisions JOIN stories ON stories.id = revisions.story_id
        WHERE revisions.id = submissions.revision_id AND revisions.digest <> submissions.confirmed_digest
        AND revisions.written_by_id <> stories.submitter_id
        AND (stories.teller_id IS NULL OR revisions.written_by_id <> stories.teller_id))
"""
# The last wording before it that its author wrote or its teller confirmed; beside a correction what was written since it
# was proposed, or else what is public.
OWN_WORDS_BACK = """
    UPDATE submissions SET revision_id = COALESCE(
        (SELECT MAX(own.id) FROM revisions AS own
         WHERE own.story_id = submissions.story_id AND own.id < suggestion_id AND own.erased_at IS NULL
         AND own.id > COALESCE((SELECT MAX(proposal.revision_id) FROM transitions AS proposal
                                WHERE proposal.submission_id = submissions.id AND proposal.verb = 'correct'), 0)
         AND (own.written_by_id IN (
                SELECT submitter_id FROM stories WHERE stories.id = submissions.story_id
                UNION SELECT teller_id FROM stories WHERE stories.id = submissions.story_id)
              OR own.digest = submissions.confirmed_digest)),
        (SELECT published_revision_id FROM stories WHERE stories.id = submissions.story_id),
        suggestion_id)
    WHERE suggestion_id IS NOT NULL
"""


def upgrade() -> None:
    # As a statement: Alembic would write the whole table anew, which others point to.
    op.execute(
        "ALTER TABLE submissions ADD COLUMN suggestion_id INTEGER "
        "CONSTRAINT fk_submissions_suggestion_id REFERENCES revisions (id)"
    )
    op.execute(TO_THE_SIDE)
    op.execute(OWN_WORDS_BACK)
    op.execute("UPDATE submissions SET suggestion_id = NULL WHERE suggestion_id = revision_id")


def downgrade() -> None:
    op.execute("UPDATE submissions SET revision_id = suggestion_id WHERE suggestion_id IS NOT NULL")
    op.execute("ALTER TABLE submissions DROP COLUMN suggestion_id")
