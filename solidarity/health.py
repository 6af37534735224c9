"""What a machine that watches the site asks: does the process live, and can it serve?"""

from __future__ import annotations

from typing import Any

from flask import Flask, jsonify
from sqlalchemy.exc import SQLAlchemyError

from index.engines.base import CorruptIndex
from solidarity.search_engine import engine
from solidarity.web.db import db
from stories import changes, migrations


def init_app(app: Flask) -> None:
    """Answer /healthz and /readyz."""
    app.add_url_rule("/healthz", "healthz", healthz)
    app.add_url_rule("/readyz", "readyz", readyz)


def healthz() -> Any:
    """200: the process lives. It asks neither the database nor the index."""
    return _answer({"alive": True}, 200)


def readyz() -> Any:
    """200 once database and index are usable, migrated and caught up; else 503 with what is missing."""
    problems = {name: problem for name, check in CHECKS.items() if (problem := check())}
    return _answer({"ready": not problems, "problems": problems}, 503 if problems else 200)


def _answer(facts: dict[str, Any], status: int) -> Any:
    response = jsonify(facts)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response


def _database() -> str | None:
    try:
        return None if migrations.is_current(db.engine) else "not migrated: run flask db upgrade"
    except SQLAlchemyError:
        return "cannot be reached"


def _index() -> str | None:
    return engine().problem()


def _caught_up() -> str | None:
    try:
        behind = changes.newest(db.session) - engine().cursor()
    except (SQLAlchemyError, CorruptIndex):
        return "unknown"
    return f"{behind} changes behind" if behind > 0 else None


CHECKS = {"database": _database, "index": _index, "catching up": _caught_up}
