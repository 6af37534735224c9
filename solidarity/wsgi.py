"""What the server runs: the application, its search warmed up before a reader can meet it."""

from __future__ import annotations

from index.engines.base import CorruptIndex
from solidarity import search_engine
from solidarity.factory import create_app

app = create_app()
with app.app_context():
    try:
        search_engine.engine().warm()
    except CorruptIndex as problem:  # `flask tend` makes it anew; everything but search works meanwhile
        app.logger.warning("the index could not be warmed up: %s", problem)
