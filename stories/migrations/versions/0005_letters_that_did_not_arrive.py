"""What a letter is about, whom it goes to, and why it did not arrive."""

from datetime import timedelta
from email import message_from_bytes
from email.policy import SMTP

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

PATIENCE = timedelta(days=3)


def upgrade() -> None:
    # Nothing refers to letters, so the table may be made anew.
    with op.batch_alter_table("letters") as letters:
        letters.alter_column("text", new_column_name="message", existing_type=sa.LargeBinary(), nullable=True)
        letters.add_column(sa.Column("kind", sa.String(40), nullable=False, server_default="other"))
        letters.add_column(sa.Column("account_id", sa.Integer(), nullable=True))
        letters.add_column(sa.Column("address", sa.String(255), nullable=False, server_default=""))
        letters.add_column(sa.Column("unwritten", sa.JSON(), nullable=True))
        letters.add_column(sa.Column("tried_at", sa.DateTime(), nullable=True))
        letters.add_column(sa.Column("failure", sa.String(40), nullable=True))
        letters.add_column(sa.Column("answer", sa.String(40), nullable=False, server_default=""))
        letters.add_column(sa.Column("send_until", sa.DateTime(), nullable=True))
        letters.add_column(sa.Column("given_up_at", sa.DateTime(), nullable=True))
        letters.create_foreign_key(op.f("fk_letters_account_id"), "accounts", ["account_id"], ["id"])
    _fill_in()
    with op.batch_alter_table("letters") as letters:
        letters.alter_column("kind", existing_type=sa.String(40), existing_nullable=False, server_default=None)
        letters.alter_column("address", existing_type=sa.String(255), existing_nullable=False, server_default=None)
        letters.alter_column("answer", existing_type=sa.String(40), existing_nullable=False, server_default=None)
        letters.alter_column("send_until", existing_type=sa.DateTime(), nullable=False)


def _fill_in() -> None:
    """Read the address of each letter that waits out of the letter itself, where it stood until now."""
    letters = sa.table(
        "letters", sa.column("id"), sa.column("message"), sa.column("address"), sa.column("account_id"),
        sa.column("written_at", sa.DateTime()), sa.column("send_until", sa.DateTime()),
    )  # fmt: skip
    accounts = sa.table("accounts", sa.column("id"), sa.column("email"))
    connection = op.get_bind()
    for row in connection.execute(sa.select(letters.c.id, letters.c.message, letters.c.written_at)).all():
        letter = message_from_bytes(row.message, policy=SMTP)
        address = letter["To"].addresses[0].addr_spec
        for name, value in letter.items():  # written again, as encoded words: they were not
            letter.replace_header(name, value)
        account = sa.select(accounts.c.id).where(accounts.c.email == address).scalar_subquery()
        in_ascii = letter.as_bytes(policy=SMTP) if address.isascii() else row.message
        values = {
            "message": in_ascii,
            "address": address,
            "account_id": account,
            "send_until": row.written_at + PATIENCE,
        }
        connection.execute(sa.update(letters).where(letters.c.id == row.id).values(values))


def downgrade() -> None:
    op.execute("DELETE FROM letters WHERE message IS NULL")
    with op.batch_alter_table("letters") as letters:
        letters.drop_constraint(op.f("fk_letters_account_id"), type_="foreignkey")
        for name in (
            "kind",
            "account_id",
            "address",
            "unwritten",
            "tried_at",
            "failure",
            "answer",
            "send_until",
            "given_up_at",
        ):
            letters.drop_column(name)
        letters.alter_column("message", new_column_name="text", existing_type=sa.LargeBinary(), nullable=False)
