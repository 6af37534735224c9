"""Alembic's entry: connection and metadata come from the caller, so that accounts can join without an import."""

from alembic import context

attributes = context.config.attributes
context.configure(connection=attributes["connection"], target_metadata=attributes["metadata"], render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
