"""The security log, chained; what happened before is taken up into it. Stricter locks on what it covers."""

import hashlib
import json
import secrets

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KINDS = (
    "signed in", "sign-in failed", "signed out", "session ended", "all sessions ended", "password changed",
    "address changed", "name corrected", "role granted", "role revoked", "invited", "account closed", "account reopened",
    "account deleted", "second factor set", "second factor removed", "recovery codes made", "recovery code used",
    "refused", "data exported", "log exported", "log accepted", "settings changed", "stories imported", "index purged", "step taken",
    "consent recorded",
)  # fmt: skip
JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
TRANSITION = ("id", "story_id", "submission_id", "revision_id", "verb", "start", "end", "by_id", "at")
CONSENT = ("id", "story_id", "purpose", "granted", "text_version", "language", "method", "recorded_by_id", "at")
EVENT = (
    "id", "kind", "at", "by_id", "person_id", "story_id", "row_id", "session_mark", "details", "text_digest", "digest",
)  # fmt: skip

# Which UPDATE of a row is refused: all but words that become empty, and for a line of the log its position and hash,
# once, and its salt that goes with its words.
REFUSED = {
    "transitions": (TRANSITION, "NEW.note <> '' AND {note}", ("note",)),
    "consent_events": (CONSENT, "NEW.evidence <> '' AND {evidence}", ("evidence",)),
    "events": (
        EVENT,
        "(OLD.position IS NOT NULL AND ({position} OR {hash})) OR (NEW.text <> '' AND {text}) OR (NEW.salt <> '' AND {salt})",
        ("position", "hash", "text", "salt"),
    ),
}
BEFORE = {
    "transitions": "NEW.note <> '' OR NEW.verb <> OLD.verb OR NEW.at <> OLD.at OR NEW.story_id <> OLD.story_id",
    "consent_events": "1 = 1",
}


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Enum(*KINDS, name="eventkind", native_enum=False, length=40), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("story_id", sa.Integer(), nullable=True),
        sa.Column("row_id", sa.Integer(), nullable=True),
        sa.Column("session_mark", sa.String(length=20), nullable=False),
        sa.Column("details", JSON, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("text_digest", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_kind_position", "events", ["kind", "position"])
    op.create_index("ix_events_kind_row_id", "events", ["kind", "row_id"])
    op.create_index(op.f("ix_events_position"), "events", ["position"], unique=True)
    for name in ("by_id", "person_id", "story_id"):
        op.create_index(op.f(f"ix_events_{name}"), "events", [name])
    _take_up_what_happened()
    for table in BEFORE:
        _unlock(table)
    for table in REFUSED:
        _lock(table)


# --- what happened before there was a log: by time, each line marked as taken up later


def _take_up_what_happened() -> None:
    connection = op.get_bind()
    lines = sorted(_steps(connection) + _consents(connection))
    before, batch = "0" * 64, []
    events = sa.table("events", *(sa.column(name) for name in ("id", "kind", "by_id", "story_id", "row_id", "position",
        "session_mark", "text", "salt", "text_digest", "digest", "hash")), sa.column("at", sa.DateTime()),
        sa.column("details", JSON))  # fmt: skip
    for position, (_, _, _, line) in enumerate(lines, 1):
        before = _sha256(f"{before}|{position}|{position}|{line['digest']}")
        batch.append({**line, "id": position, "position": position, "hash": before})
        if len(batch) == 500:
            connection.execute(events.insert(), batch)
            batch = []
    if batch:
        connection.execute(events.insert(), batch)
    if lines and connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('events', 'id'), {len(lines)})")


def _steps(connection):
    return _lines(connection, "transitions", TRANSITION, "note", "step taken", ("verb", "end"))


def _consents(connection):
    return _lines(connection, "consent_events", CONSENT, "evidence", "consent recorded", ("purpose", "granted"))


def _lines(connection, table, names, words, kind, told):
    types = {"at": sa.DateTime(), "granted": sa.Boolean()}
    columns = [sa.column(name, types.get(name)) for name in (*names, words)]
    lines = []
    for found in connection.execute(sa.select(*columns).select_from(sa.table(table))).mappings():
        row = {name: found[name] for name in names}
        by = row["by_id"] if table == "transitions" else row["recorded_by_id"]
        text, salt = found[words], secrets.token_hex(16) if found[words] else ""
        line = {
            "kind": kind, "at": row["at"], "by_id": by, "person_id": None, "story_id": row["story_id"],
            "row_id": row["id"], "session_mark": "", "details": {**{name: row[name] for name in told}, "taken_up": True},
            "text_digest": _sha256(f"{salt}|{text}") if text else "",
        }  # fmt: skip
        digest = _sha256(json.dumps({**line, "row": row}, sort_keys=True, separators=(",", ":"), default=_moment))
        del line["person_id"]
        lines.append((row["at"], kind, row["id"], {**line, "text": "", "salt": salt, "digest": digest}))
    return lines


def _moment(at):
    return at.isoformat(timespec="microseconds")


def _sha256(text):
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


# --- triggers


def _lock(table):
    names, besides, own = REFUSED[table]
    changed = {name: _differs(name) for name in own}
    forbidden = f"{' OR '.join(_differs(name) for name in names)} OR {besides.format(**changed)}"
    if not _is_postgresql():
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} are append-only'); END"
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} WHEN {forbidden} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}")
        return
    op.execute(
        f"CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger AS $$ BEGIN "
        f"RAISE EXCEPTION '{table} are append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$ LANGUAGE plpgsql"
    )
    refuse = f"EXECUTE FUNCTION {table}_refuse()"
    op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({forbidden}) {refuse}")
    op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW {refuse}")
    op.execute(f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {refuse}")


def _unlock(table):
    on = f" ON {table}" if _is_postgresql() else ""
    op.execute(f"DROP TRIGGER {table}_no_update{on}")
    op.execute(f"DROP TRIGGER {table}_no_delete{on}")
    if _is_postgresql():
        op.execute(f"DROP TRIGGER IF EXISTS {table}_no_truncate{on}")


def _differs(name):
    return f'NEW."{name}" IS DISTINCT FROM OLD."{name}"' if _is_postgresql() else f'NEW."{name}" IS NOT OLD."{name}"'


def downgrade() -> None:
    for table, forbidden in BEFORE.items():
        _unlock(table)
        _lock_as_before(table, forbidden)
    _unlock("events")
    op.drop_table("events")
    if _is_postgresql():
        op.execute("DROP FUNCTION events_refuse()")


def _lock_as_before(table, forbidden):
    if not _is_postgresql():
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} are append-only'); END"
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} WHEN {forbidden} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}")
        return
    refuse = f"EXECUTE FUNCTION {table}_refuse()"
    op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({forbidden}) {refuse}")
    op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW {refuse}")


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
