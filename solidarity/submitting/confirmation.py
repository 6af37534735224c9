"""The teller's answer to changed words: what exactly changed, a yes, or taking the words up again."""

from __future__ import annotations

from typing import Any

from flask import flash, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from solidarity.letters import outbox, story_news
from solidarity.submitting import submission_status
from solidarity.submitting.blueprint import STORY, blueprint, number, own_story, tell_readers, to_story
from solidarity.submitting.forms import ConfirmForm
from solidarity.submitting.my_stories import frame
from solidarity.web.clock import now
from solidarity.web.db import commit
from solidarity.web.form_recovery import not_resendable
from solidarity.web.permissions import current_person, roles_required
from stories import editorial, wording
from stories.actors import open_to
from stories.errors import StaleRevision
from stories.models import Revision, Role, Story
from stories.text import diff
from stories.workflow import Verb


@blueprint.route(f"{STORY}/confirmation", methods=["GET", "POST"])
@roles_required(Role.LEADER)
@not_resendable(_l("Confirm the words of a story"))
def confirmation(story_id: int) -> Any:
    """Old and new words together; a yes publishes them, at once or on the day that was chosen."""
    story = own_story(story_id)
    if Verb.CONFIRM not in open_to(story, current_person()):
        flash(_("There are no words here that wait for your yes. Here is where the story stands."), "info")
        return to_story(story)
    asked = _asked_about(story)
    form = ConfirmForm(data={"revision_id": str(asked.id)})
    if request.method == "GET" or not form.validate():
        return _page(story, form, 200 if request.method == "GET" else 422)
    try:
        editorial.confirm(story, by=current_person(), at=now(), revision_id=number(form.revision_id.data))
    except StaleRevision:
        form.revision_id.data = str(asked.id)
        return _page(story, form, 409)
    _publish_if_due(story)
    commit()
    outbox.hand_over()
    tell_readers(_("Thank you. The words are yours."))
    return to_story(story)


def _asked_about(story: Story) -> Revision:
    """The wording that waits for a yes."""
    passage = story.open_submission
    return passage.proposed if passage is not None else story.own_revision


def _publish_if_due(story: Story) -> None:
    """Publish what waited for nothing but this yes, and tell the others it belongs to."""
    passage = story.open_submission
    if passage is None or (passage.publish_at or now()) > now():
        return
    editorial.publish(story, by=None, at=now())
    story_news.tell(story, Verb.PUBLISH, by=current_person())


def _page(story: Story, form: ConfirmForm, status: int) -> Any:
    passage = story.open_submission
    asked, old = _asked_about(story), wording.last_confirmed(passage) if passage is not None else None
    page = render_template(
        "submitting/confirmation.html",
        **frame(story) | {"revision": asked},
        form=form,
        note=submission_status.unanswered_note(story),
        changed=diff.of(old, asked) if old is not None else {},
        stale=status == 409,
    )
    return page, status
