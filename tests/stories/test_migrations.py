"""The migrations make the very tables that the models describe."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.orm import Session

import solidarity.accounts.models
import solidarity.outbox  # noqa: F401 - both join the metadata
from stories import migrations
from stories.models import Base


def test_migrations_and_models_agree(session: Session) -> None:
    context = MigrationContext.configure(session.connection())

    assert compare_metadata(context, Base.metadata) == []


def test_a_migrated_database_is_current(session: Session) -> None:
    assert migrations.is_current(session.get_bind())
