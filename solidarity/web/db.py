"""The one session of a request, and the one place that commits."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from inspect import iscoroutinefunction

from flask import Flask
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy.orm import Session

from stories import database

db = SQLAlchemy()

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def init_app(app: Flask) -> None:
    """Open the database that the settings name. A request takes the write lock when it writes, never before."""
    url = app.config["SETTINGS"].database_url
    app.config["SQLALCHEMY_ENGINES"] = {"default": {"url": url, **database.options(url)}}
    db.init_app(app)
    _drop_async_teardown(app)
    with app.app_context():
        weakref.finalize(app, database.prepare(db.engine).dispose)  # connections are closed with the site, or at exit


def _drop_async_teardown(app: Flask) -> None:
    """The extension closes asynchronous sessions too, in an event loop made for each request; this site has none."""
    app.teardown_appcontext_funcs[:] = [f for f in app.teardown_appcontext_funcs if not iscoroutinefunction(f)]


def session() -> Session:
    """The session of this request or command."""
    return db.session


def commit() -> None:
    """Make what the request did last. The only commit of the website; what follows it only reads."""
    db.session.commit()


@contextmanager
def writing() -> Iterator[Session]:
    """For commands: one transaction that writes, committed at the end, or rolled back on an error."""
    with database.writing():
        try:
            yield db.session
            db.session.commit()
        except BaseException:
            db.session.rollback()
            raise


def rollback() -> None:
    """Undo what the request has not committed, and let go of what it held."""
    db.session.rollback()
