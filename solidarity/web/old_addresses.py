"""What leads to a story on the site it came from leads to it here, for ever: `/2019/03/the-laundry-room/`, `/?p=41`.

Asked where nothing else answers, so that no address of ours is ever taken over.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import current_app, g, redirect, request
from werkzeug.wrappers import Response

from solidarity.web import urls
from solidarity.web.db import SAFE_METHODS, session
from stories import queries
from stories.models import Story
from stories.text.languages import interface_tag

FRESH = "public, max-age=0, must-revalidate"  # a teller may take the story back: no cache answers without asking


def answer() -> Response | None:
    """A redirect to the story that stood at this address; None where there is none, or none that readers may open.

    A story with a tombstone answers as it does at its own address, which is not given away.
    """
    if request.method not in SAFE_METHODS or request.path.startswith(("/api/", "/static/")):
        return None
    asked = f"{quote(request.path)}?{request.query_string.decode('ascii', 'replace')}"
    story = queries.story_at_old_address(session(), asked)
    if story is None:
        return None
    return _to(story) if story.is_readable else _gone(story) if story.tombstone else None


def _to(story: Story) -> Response:
    response = redirect(urls.canonical_story_path(story), 301)
    response.headers["Cache-Control"] = FRESH
    return response


def _gone(story: Story) -> Response:
    g.locale = interface_tag(story.language)
    page: Any = current_app.view_functions["reading.story"](story.slug)
    return current_app.make_response(page)
