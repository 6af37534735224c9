"""The search engine of this process, what an address asks of it, and what a request does when public words changed."""

from __future__ import annotations

from flask import Flask, current_app

from index import engines, sync
from index.engines.base import Engine
from solidarity.web import query_params
from solidarity.web.db import db

PATIENCE = 2.0  # seconds a request waits for another process that is writing the index
LONGEST_QUESTION = 1_000  # characters of a search that are read
SORTS = ("relevance", "newest", "shortest")
FACETS = (
    "kind", "language", "theme", "organisation", "place", "decade", "format", "length", "content_note",
    "audience", "setting", "grade_band", "minutes", "group_size",
)  # fmt: skip
"""What a reader may narrow a search to, in the order in which a page shows it: repeatable parameters of an address."""


def init_app(app: Flask) -> None:
    """Open the index that the settings name."""
    app.extensions["engine"] = engines.open(app.config["SETTINGS"].search_url)


def engine() -> Engine:
    """The engine of this process."""
    found: Engine = current_app.extensions["engine"]
    return found


def catch_up() -> bool:
    """Bring the index up to the database, after a commit. False: it will appear in a moment."""
    return sync.catch_up(db.session, engine(), wait=PATIENCE).up_to_date


def words() -> str:
    """The words that an address asks for."""
    return query_params.text("q", LONGEST_QUESTION)


def chosen() -> dict[str, tuple[str, ...]]:
    """What an address narrows a search to, by facet."""
    return {name: values for name in FACETS if (values := query_params.values(name))}
