"""The educators' part of the site, under `/<locale>`: guides for everyone, and the desk where they are written."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

from solidarity.web import caching
from solidarity.web.permissions import is_private

blueprint = Blueprint("teaching", __name__)


@blueprint.after_request
def _fresh(response: Response) -> Response:
    """Pages for everyone may be kept by any cache; the desk by none."""
    return response if is_private() else caching.make_cacheable(response)
