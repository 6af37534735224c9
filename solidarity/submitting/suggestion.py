"""What a moderator suggested beside the author's words: looked at difference by difference, and taken up."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from solidarity.submitting.blueprint import STORY, blueprint, number, own_story, to_story
from solidarity.submitting.my_stories import frame, is_answerable, is_writable
from solidarity.web.clock import now
from solidarity.web.db import commit, rollback
from solidarity.web.form_recovery import not_resendable
from solidarity.web.permissions import current_person, roles_required
from stories import editorial, suggestions
from stories.errors import StaleRevision
from stories.models import Role, Story


@blueprint.route(f"{STORY}/suggestion", methods=["GET", "POST"])
@roles_required(Role.LEADER)
@not_resendable(_l("Take up what a moderator suggested"))
def suggestion(story_id: int) -> Any:
    """Each difference, with a box to take it up; what is not taken up changes nothing."""
    story = own_story(story_id)
    if not is_answerable(story):
        flash(_("No other words are suggested here just now. Here is where the story stands."), "info")
        return to_story(story)
    if request.method == "GET":
        return _page(story, 200)
    chosen = _chosen(story)
    if not chosen:
        return _page(story, 422, trouble=_("Tick what you want to take up, or go on without it."))
    try:
        _take_up(story, chosen)
    except StaleRevision:
        rollback()
        return _page(
            story, 409, trouble=_("The words changed since you opened this page. Please look at them as they are now.")
        )
    commit()
    flash(_("Taken up. These are your words now; change them further, or send them."), "success")
    then = "submitting.suggestion" if is_answerable(story) else "submitting.write"
    return redirect(url_for(then, story_id=story.id), 303)


def _chosen(story: Story) -> list[str]:
    if request.form.get("all"):
        return [difference.key for difference in _differences(story)]
    return request.form.getlist("difference")


def _differences(story: Story) -> list[suggestions.Difference]:
    submission = story.submissions[-1]
    return suggestions.differences(submission.revision, submission.suggestion) if submission.suggestion else []


def _take_up(story: Story, chosen: list[str]) -> None:
    if not is_writable(story):
        editorial.revise(story, by=current_person(), at=now())
    editorial.take_up(
        story, chosen, by=current_person(), at=now(),
        revision_id=number(request.form.get("revision_id")), suggestion_id=number(request.form.get("suggestion_id")),
    )  # fmt: skip


def _page(story: Story, status: int, trouble: str = "") -> Any:
    page = render_template(
        "submitting/suggestion.html",
        **frame(story),
        submission=story.submissions[-1],
        differences=_differences(story),
        trouble=trouble,
    )
    return page, status
