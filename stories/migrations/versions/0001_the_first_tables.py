"""The first tables, and the locks on those that nobody may rewrite."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


# fmt: off
def upgrade() -> None:
    op.create_table("changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
        sqlite_autoincrement=True
    )
    op.create_table("empty_searches",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "language", name=op.f("pk_empty_searches"))
    )
    op.create_table("organisations",
        sa.Column("place", sa.String(length=500), nullable=False),
        sa.Column("website", sa.String(length=500), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("about", sa.String(length=2000), nullable=False),
        sa.Column("abouts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
        sa.UniqueConstraint("slug", name=op.f("uq_organisations_slug"))
    )
    op.create_table("themes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("about", sa.String(length=2000), nullable=False),
        sa.Column("abouts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_themes")),
        sa.UniqueConstraint("slug", name=op.f("uq_themes_slug"))
    )
    op.create_table("people",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_people_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people"))
    )
    op.create_table("accounts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("password", sa.String(length=255), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.Column("locale", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_accounts_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("email", name=op.f("uq_accounts_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_accounts_fs_uniquifier")),
        sa.UniqueConstraint("person_id", name=op.f("uq_accounts_person_id"))
    )
    op.create_table("guides",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("original_id", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.String(length=200), nullable=True),
        sa.Column("is_sample", sa.Boolean(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("audiences", sa.JSON(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("grade_bands", sa.JSON(), nullable=False),
        sa.Column("group_min", sa.Integer(), nullable=True),
        sa.Column("group_max", sa.Integer(), nullable=True),
        sa.Column("essential_question", sa.String(length=500), nullable=False),
        sa.Column("objectives", sa.JSON(), nullable=False),
        sa.Column("preparation", sa.JSON(), nullable=False),
        sa.Column("agreements", sa.JSON(), nullable=False),
        sa.Column("materials", sa.JSON(), nullable=False),
        sa.Column("content_note", sa.Text(), nullable=False),
        sa.Column("help_note", sa.Text(), nullable=False),
        sa.Column("credits", sa.String(length=1000), nullable=False),
        sa.Column("query_words", sa.String(length=500), nullable=False),
        sa.Column("query_language", sa.String(length=20), nullable=False),
        sa.Column("query_minutes", sa.Integer(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(), nullable=True),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("fk_guides_author_id")),
        sa.ForeignKeyConstraint(["original_id"], ["guides.id"], name=op.f("fk_guides_original_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guides")),
        sa.UniqueConstraint("slug", name=op.f("uq_guides_slug")),
        sa.UniqueConstraint("source_id", name=op.f("uq_guides_source_id"))
    )
    with op.batch_alter_table("guides", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_guides_author_id"), ["author_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_guides_original_id"), ["original_id"], unique=False)

    op.create_table("person_roles",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.Enum("leader", "moderator", "educator", "steward", name="role", native_enum=False, length=40), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_person_roles_person_id")),
        sa.PrimaryKeyConstraint("person_id", "role", name=op.f("pk_person_roles"))
    )
    op.create_table("stories",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("original_id", sa.Integer(), nullable=True),
        sa.Column("submitter_id", sa.Integer(), nullable=False),
        sa.Column("teller_id", sa.Integer(), nullable=True),
        sa.Column("source_id", sa.String(length=200), nullable=True),
        sa.Column("licence", sa.String(length=500), nullable=False),
        sa.Column("is_sample", sa.Boolean(), nullable=False),
        sa.Column("visibility", sa.Enum("private", "public", "archived", "unpublished", "withdrawn", name="visibility", native_enum=False, length=40), nullable=False),
        sa.Column("consented", sa.Boolean(), nullable=False),
        sa.Column("published_revision_id", sa.Integer(), nullable=True),
        sa.Column("published_at", sa.DateTime(), nullable=True),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("tombstone", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["original_id"], ["stories.id"], name=op.f("fk_stories_original_id")),
        sa.ForeignKeyConstraint(["published_revision_id"], ["revisions.id"], name="fk_stories_published_revision_id", use_alter=True),
        sa.ForeignKeyConstraint(["submitter_id"], ["people.id"], name=op.f("fk_stories_submitter_id")),
        sa.ForeignKeyConstraint(["teller_id"], ["people.id"], name=op.f("fk_stories_teller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stories")),
        sa.UniqueConstraint("slug", name=op.f("uq_stories_slug")),
        sa.UniqueConstraint("source_id", "language", name=op.f("uq_stories_source_id_language"))
    )
    with op.batch_alter_table("stories", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stories_is_sample"), ["is_sample"], unique=False)
        batch_op.create_index(batch_op.f("ix_stories_original_id"), ["original_id"], unique=False)
        batch_op.create_index("ix_stories_public", ["visibility", "consented", "published_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_stories_submitter_id"), ["submitter_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_stories_teller_id"), ["teller_id"], unique=False)

    op.create_table("consent_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("story_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.Enum("publish", "name", "photo_or_voice", "translate", "use_in_guides", "quote", name="purpose", native_enum=False, length=40), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("text_version", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("method", sa.Enum("self", "read_aloud", "interpreter", "in_writing", "licence", name="method", native_enum=False, length=40), nullable=False),
        sa.Column("evidence", sa.String(length=1000), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["people.id"], name=op.f("fk_consent_events_recorded_by_id")),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_consent_events_story_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_events"))
    )
    with op.batch_alter_table("consent_events", schema=None) as batch_op:
        batch_op.create_index("ix_consent_events_story_id_purpose", ["story_id", "purpose"], unique=False)

    op.create_table("guide_stories",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("guide_id", sa.Integer(), nullable=False),
        sa.Column("story_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["guide_id"], ["guides.id"], name=op.f("fk_guide_stories_guide_id")),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_guide_stories_story_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide_stories")),
        sa.UniqueConstraint("guide_id", "story_id", name=op.f("uq_guide_stories_guide_id_story_id"))
    )
    with op.batch_alter_table("guide_stories", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_guide_stories_guide_id"), ["guide_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_guide_stories_story_id"), ["story_id"], unique=False)

    op.create_table("guide_themes",
        sa.Column("guide_id", sa.Integer(), nullable=False),
        sa.Column("theme_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["guide_id"], ["guides.id"], name=op.f("fk_guide_themes_guide_id")),
        sa.ForeignKeyConstraint(["theme_id"], ["themes.id"], name=op.f("fk_guide_themes_theme_id")),
        sa.PrimaryKeyConstraint("guide_id", "theme_id", name=op.f("pk_guide_themes"))
    )
    with op.batch_alter_table("guide_themes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_guide_themes_theme_id"), ["theme_id"], unique=False)

    op.create_table("phases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("guide_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["guide_id"], ["guides.id"], name=op.f("fk_phases_guide_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phases"))
    )
    with op.batch_alter_table("phases", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_phases_guide_id"), ["guide_id"], unique=False)

    op.create_table("revisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("story_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("teller_naming", sa.Enum("full_name", "chosen_name", "anonymous", name="naming", native_enum=False, length=40), nullable=False),
        sa.Column("teller_name", sa.String(length=500), nullable=False),
        sa.Column("attribution", sa.String(length=1000), nullable=False),
        sa.Column("introduction", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("pull_quotes", sa.JSON(), nullable=False),
        sa.Column("takeaways", sa.JSON(), nullable=False),
        sa.Column("prompts", sa.JSON(), nullable=False),
        sa.Column("content_note", sa.Text(), nullable=False),
        sa.Column("place", sa.String(length=500), nullable=False),
        sa.Column("time", sa.String(length=500), nullable=False),
        sa.Column("reading_minutes", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("written_by_id", sa.Integer(), nullable=False),
        sa.Column("written_at", sa.DateTime(), nullable=False),
        sa.Column("erased_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_revisions_organisation_id")),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_revisions_story_id")),
        sa.ForeignKeyConstraint(["written_by_id"], ["people.id"], name=op.f("fk_revisions_written_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revisions")),
        sa.UniqueConstraint("story_id", "number", name=op.f("uq_revisions_story_id_number"))
    )
    with op.batch_alter_table("revisions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_revisions_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_revisions_story_id"), ["story_id"], unique=False)

    op.create_table("revision_themes",
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("theme_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name=op.f("fk_revision_themes_revision_id")),
        sa.ForeignKeyConstraint(["theme_id"], ["themes.id"], name=op.f("fk_revision_themes_theme_id")),
        sa.PrimaryKeyConstraint("revision_id", "theme_id", name=op.f("pk_revision_themes"))
    )
    with op.batch_alter_table("revision_themes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_revision_themes_theme_id"), ["theme_id"], unique=False)

    op.create_table("steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("phase_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("grouping", sa.Enum("alone", "pairs", "small groups", "everyone", name="grouping", native_enum=False, length=40), nullable=False),
        sa.Column("instruction", sa.Text(), nullable=False),
        sa.Column("tip", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["phase_id"], ["phases.id"], name=op.f("fk_steps_phase_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_steps"))
    )
    with op.batch_alter_table("steps", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_steps_phase_id"), ["phase_id"], unique=False)

    op.create_table("submissions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("story_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.Enum("draft", "submitted", "in review", "changes requested", "awaiting teller", "approved", "published", "declined", "withdrawn", name="state", native_enum=False, length=40), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=True),
        sa.Column("publish_at", sa.DateTime(), nullable=True),
        sa.Column("confirmed_digest", sa.String(length=64), nullable=False),
        sa.Column("opened_at", sa.DateTime(), nullable=False),
        sa.Column("moved_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["reviewer_id"], ["people.id"], name=op.f("fk_submissions_reviewer_id")),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name=op.f("fk_submissions_revision_id")),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_submissions_story_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submissions"))
    )
    with op.batch_alter_table("submissions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_submissions_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_submissions_story_id"), ["story_id"], unique=False)

    op.create_table("prompts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("step_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("depth", sa.Enum("recall", "connection", "action", name="depth", native_enum=False, length=40), nullable=False),
        sa.ForeignKeyConstraint(["step_id"], ["steps.id"], name=op.f("fk_prompts_step_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prompts"))
    )
    with op.batch_alter_table("prompts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_prompts_step_id"), ["step_id"], unique=False)

    op.create_table("transitions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("story_id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=True),
        sa.Column("revision_id", sa.Integer(), nullable=True),
        sa.Column("verb", sa.Enum("submit", "recall", "begin review", "release", "approve", "publish", "request changes", "revise", "decline", "ask teller", "confirm", "correct", "archive", "restore", "unpublish", "withdraw", name="verb", native_enum=False, length=40), nullable=False),
        sa.Column("start", sa.String(length=40), nullable=False),
        sa.Column("end", sa.String(length=40), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_transitions_by_id")),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name=op.f("fk_transitions_revision_id")),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_transitions_story_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], name=op.f("fk_transitions_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transitions"))
    )
    with op.batch_alter_table("transitions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_transitions_story_id"), ["story_id"], unique=False)
    _lock_history()
# fmt: on


def _lock_history() -> None:
    """Revisions may only be erased, transitions may only lose their note, consent events stay as they are."""
    frozen = {
        "revisions": "NEW.erased_at IS NULL OR OLD.erased_at IS NOT NULL",
        "transitions": "NEW.note <> '' OR NEW.verb <> OLD.verb OR NEW.at <> OLD.at OR NEW.story_id <> OLD.story_id",
        "consent_events": "1 = 1",
    }
    for table, forbidden in frozen.items():
        for trigger in _triggers(table, forbidden):
            op.execute(trigger)


def _triggers(table: str, forbidden: str) -> list[str]:
    if op.get_bind().dialect.name == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} are append-only'); END"
        return [
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} WHEN {forbidden} {refuse}",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
        ]
    return [
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger AS $$ BEGIN "
        f"RAISE EXCEPTION '{table} are append-only'; END $$ LANGUAGE plpgsql",
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({forbidden}) "
        f"EXECUTE FUNCTION {table}_refuse()",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_refuse()",
    ]


def downgrade() -> None:
    for table in (
        "transitions",
        "prompts",
        "submissions",
        "steps",
        "revision_themes",
        "revisions",
        "phases",
        "guide_themes",
        "guide_stories",
        "consent_events",
        "stories",
        "person_roles",
        "guides",
        "accounts",
        "people",
        "themes",
        "organisations",
        "empty_searches",
        "changes",
    ):
        op.drop_table(table)
