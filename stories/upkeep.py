"""What a database of SQLite needs now and then and PostgreSQL does by itself: statistics, and a journal put away."""

from __future__ import annotations

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from stories import database

_ROWS = 400  # of each index that are looked at: enough to tell a column that sets rows apart from one that does not


def renew_statistics(engine: Engine) -> bool:
    """Let the database count what its indexes tell apart, so that it asks the right one. False: not now.

    It waits for no writer, and is a writer itself for a few milliseconds. Open connections read statistics together
    with the schema, and that only when the schema changed: so the table of statistics is made anew each time.
    """
    if engine.dialect.name != "sqlite":
        return True  # autovacuum sees to it as rows are written
    try:
        with database.impatient(engine, database.NO_TIME) as session:
            session.execute(text(f"PRAGMA analysis_limit = {_ROWS}"))
            session.execute(text("DROP TABLE IF EXISTS sqlite_stat1"))
            session.execute(text("ANALYZE"))
    except SQLAlchemyError:
        return False
    return True


def put_away(engine: Engine) -> None:
    """Write the journal into the file, after the last process that used the database: then the file is all of it."""
    if engine.dialect.name != "sqlite":
        return
    try:
        with engine.connect() as connection:
            connection.scalar(text("SELECT count(*) FROM sqlite_master"))
    except SQLAlchemyError:
        pass  # a disk that is full: the next start finds the journal
    finally:
        engine.dispose()  # SQLite puts the journal away with the last connection
