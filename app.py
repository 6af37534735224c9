"""The application, where `flask run` and every WSGI server look for it."""

from __future__ import annotations

from solidarity.factory import create_app

app = create_app()
