"""The application, where `flask run` and every WSGI server look for it."""

from __future__ import annotations

from solidarity.config import Misconfigured
from solidarity.factory import create_app

try:
    app = create_app()
except Misconfigured as problem:
    raise SystemExit(f"This site cannot start: {problem}.") from None
