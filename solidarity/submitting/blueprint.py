"""What every page of a leader begins with: its address, the story it is about, and how often it may be used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Blueprint, abort, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from solidarity import search_engine
from solidarity.web import rate_limits
from solidarity.web.db import session
from solidarity.web.permissions import current_person
from stories import queries
from stories.models import Story

View = TypeVar("View", bound=Callable[..., Any])

blueprint = Blueprint("submitting", __name__)

STORY = "/my/stories/<row:story_id>"


def own_story(story_id: int) -> Story:
    """The story with this number, if it belongs to whoever is signed in; for anybody else it does not exist."""
    story = queries.story_with_id(session(), story_id)
    if story is None or not story.belongs_to(current_person()):
        abort(404)
    return story


def to_story(story: Story) -> Response:
    """Lead to where a story stands."""
    return redirect(url_for("submitting.story", story_id=story.id), 303)


def tell_readers(message: str) -> None:
    """After a commit that changed what readers see: bring the search up to date, and say what happened."""
    done = search_engine.catch_up()
    later = _("The lists and the search follow in a moment.")
    flash(message if done else f"{message} {later}", "success")


def sparingly(view: View) -> View:
    """Take at most so many forms a minute from one account."""
    return cast(
        View, rate_limits.limiter.limit(rate_limits.SUBMIT, key_func=rate_limits.person_key, methods=["POST"])(view)
    )


def number(text: str | None) -> int:
    """The number in a hidden field, or 0 where it was tampered with."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0
