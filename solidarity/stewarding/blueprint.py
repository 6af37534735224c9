"""The stewards' part of the site, under `/<locale>/stewarding`."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("stewarding", __name__)
