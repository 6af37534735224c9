"""The commands that `flask` (or `bin/flask`) understands."""

from __future__ import annotations

from flask import Flask

from solidarity.accounts.commands import group as people
from solidarity.commands import database, importing, indexing, samples, serving, tending


def init_app(app: Flask) -> None:
    """Add our commands to Flask's."""
    for group in (database.group, importing.group, indexing.group, samples.group, people):
        app.cli.add_command(group)
    for command in (serving.serve, tending.tend):
        app.cli.add_command(command)
