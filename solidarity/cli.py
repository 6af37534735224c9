"""The commands that `flask` (or `bin/flask`) understands."""

from __future__ import annotations

from flask import Flask

from solidarity.commands import audit, db, index, samples, serve, stories, tend
from solidarity.commands.people import group as people


def init_app(app: Flask) -> None:
    """Add our commands to Flask's."""
    for group in (db.group, stories.group, index.group, samples.group, audit.group, people):
        app.cli.add_command(group)
    for command in (serve.serve, tend.tend):
        app.cli.add_command(command)
