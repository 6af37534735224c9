"""A person's own account, under `/<locale>/account`. Signing in itself is the blueprint of Flask-Security."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("account", __name__)
