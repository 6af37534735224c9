"""The readers' part of the site, under `/<locale>`. Every page of it is the same for everyone."""

from __future__ import annotations

from flask import Blueprint

from solidarity.web import caching, locales
from stories.models import Revision
from stories.text import prose

GIST = 220  # characters of a story that a list shows

blueprint = Blueprint("reading", __name__)
blueprint.after_request(caching.make_cacheable)
blueprint.add_app_template_filter(locales.language_name, "language_name")
blueprint.add_app_template_global(prose.linkable)


@blueprint.app_template_global()
def summary(revision: Revision) -> str:
    """A few words about a story: the beginning of its introduction, or of the story itself."""
    introduction = prose.excerpt(revision.introduction.replace("\n", " "), GIST)
    return introduction or prose.beginning(revision.opening, GIST)
