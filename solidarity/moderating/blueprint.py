"""The moderators' part of the site, under `/<locale>/moderating`."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("moderating", __name__)
