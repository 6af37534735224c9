"""The search engine of this process, and what a request does when it has changed something public."""

from __future__ import annotations

from flask import Flask, current_app

from index import engines, sync
from index.engines.base import Engine
from solidarity.db import db

PATIENCE = 2.0  # seconds a request waits for another process that is writing the index


def init_app(app: Flask) -> None:
    """Open the index that the settings name."""
    app.extensions["engine"] = engines.open(app.config["SETTINGS"].search_url)


def engine() -> Engine:
    """The engine of this process."""
    found: Engine = current_app.extensions["engine"]
    return found


def catch_up() -> bool:
    """Bring the index up to the database, after a commit. False: it will appear in a moment."""
    return sync.catch_up(db.session, engine(), wait=PATIENCE).level
