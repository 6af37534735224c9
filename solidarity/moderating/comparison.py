"""Two wordings of one story, compared: whichever two of those that moderators may read."""

from __future__ import annotations

from flask import abort, render_template, request

from solidarity.moderating.blueprint import blueprint
from solidarity.moderating.review import STORY, under_review
from solidarity.web.permissions import roles_required
from stories.models import Revision, Role
from stories.queries import review_queue
from stories.text import diff


@blueprint.get(f"{STORY}/comparison")
@roles_required(Role.MODERATOR)
def comparison(story_id: int) -> str:
    """What changed from one revision to another, by their numbers; without these, from the last but one to the last."""
    story, _revision = under_review(story_id)
    revisions = review_queue.revisions_for_moderators(story)
    if not revisions:
        abort(404)
    old, new = _numbered("old", revisions, revisions[-2:][0]), _numbered("new", revisions, revisions[-1])
    return render_template(
        "moderating/comparison.html", story=story, revisions=revisions, old=old, new=new, changed=diff.of(old, new)
    )


def _numbered(name: str, revisions: list[Revision], otherwise: Revision) -> Revision:
    """The revision with the number that is asked for, if it may be read."""
    wanted = request.args.get(name, "")
    return next((revision for revision in revisions if str(revision.number) == wanted), otherwise)
