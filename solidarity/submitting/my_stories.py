"""A leader's own stories: all of them, where one stands, what readers will see, and the steps of one press."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from solidarity.submitting import submission_status
from solidarity.submitting.blueprint import STORY, blueprint, own_story, to_story
from solidarity.web import query_params
from solidarity.web.clock import now
from solidarity.web.db import commit, session
from solidarity.web.form_recovery import not_resendable
from solidarity.web.permissions import current_person, roles_required
from stories import editorial, queries, suggestions
from stories.actors import open_to
from stories.models import Role, Story
from stories.workflow import State, Verb

ANSWERABLE = frozenset({State.DRAFT, State.CHANGES_REQUESTED})


@blueprint.get("/my/stories")
@roles_required(Role.LEADER)
def my_stories() -> str:
    """The stories of whoever is signed in: those that wait for them first, then the last changed first."""
    page = queries.stories_of(session(), current_person(), number=query_params.page())
    rows = [(story, submission_status.status_of(story, current_person())) for story in page.rows]
    shelves = [
        (_("Your turn"), [row for row in rows if row[1].is_yours]),
        (_("All the others, the last changed first"), [row for row in rows if not row[1].is_yours]),
    ]
    return render_template("submitting/my-stories.html", page=page, shelves=[shelf for shelf in shelves if shelf[1]])


@blueprint.get(STORY)
@roles_required(Role.LEADER)
def story(story_id: int) -> str:
    """Where one story stands, what happened to it, and what can be done now."""
    story = own_story(story_id)
    return render_template(
        "submitting/story.html",
        **frame(story),
        also=submission_status.published_version_sentence(story),
        steps=submission_status.STEPS,
        history=submission_status.history(story),
        note=submission_status.unanswered_note(story),
    )


@blueprint.get(f"{STORY}/preview")
@roles_required(Role.LEADER)
def preview(story_id: int) -> str:
    """The newest words exactly as readers will see them."""
    return render_template("submitting/preview.html", **frame(own_story(story_id)))


@blueprint.post(f"{STORY}/recall")
@roles_required(Role.LEADER)
@not_resendable(_l("Take a story back from the moderators"))
def recall(story_id: int) -> Response:
    """Take a story back before anybody began to read it."""
    story = own_story(story_id)
    if not is_writable(story):
        editorial.recall(story, by=current_person(), at=now())
        commit()
    flash(_("You have it back. Change what you like, and send it when you are ready."), "success")
    return to_story(story)


@blueprint.post(f"{STORY}/revision")
@roles_required(Role.LEADER)
@not_resendable(_l("Open a story for new words"))
def revision(story_id: int) -> Response:
    """Take up the words again: after changes were requested, instead of confirming, or of a published story."""
    story = own_story(story_id)
    if not is_writable(story):
        editorial.revise(story, by=current_person(), at=now())
        commit()
    return redirect(url_for("submitting.write", story_id=story.id), 303)


def frame(story: Story) -> dict[str, Any]:
    """What every page about one story shows around it."""
    return {
        "story": story,
        "revision": story.own_revision,
        "standing": submission_status.status_of(story, current_person()),
        "open": open_to(story, current_person()),
        "writable": is_writable(story),
        "suggested": is_answerable(story),
    }


def is_writable(story: Story) -> bool:
    """Whether its words can be written now."""
    submission = story.open_submission
    return submission is not None and submission.state.is_writable


def is_answerable(story: Story) -> bool:
    """Whether other words are suggested beside those that the author may change now."""
    submission = story.open_submission
    if submission is None or submission.suggestion is None or submission.state not in ANSWERABLE:
        return False
    return bool(suggestions.differences(submission.revision, submission.suggestion))


def may_speak(story: Story) -> bool:
    """Whether whoever is signed in decides as the teller, and there still is something to decide."""
    return Verb.WITHDRAW in open_to(story, current_person())
