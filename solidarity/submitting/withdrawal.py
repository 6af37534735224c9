"""Withdrawing a story: what it means, two ways of doing it, and what nobody can call back."""

from __future__ import annotations

from typing import Any

from flask import flash, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from solidarity.submitting.blueprint import STORY, blueprint, own_story, tell_readers, to_story
from solidarity.submitting.forms import WithdrawalForm
from solidarity.submitting.my_stories import frame, may_speak
from solidarity.web.clock import now
from solidarity.web.db import commit
from solidarity.web.form_recovery import not_resendable
from solidarity.web.permissions import current_person, roles_required
from stories import editorial
from stories.editorial import Scope
from stories.models import Role


@blueprint.route(f"{STORY}/withdrawal", methods=["GET", "POST"])
@roles_required(Role.LEADER)
@not_resendable(_l("Withdraw a story"))
def withdrawal(story_id: int) -> Any:
    """The page that asks once more, and the withdrawal itself, which takes effect at once."""
    story = own_story(story_id)
    if not may_speak(story):
        flash(_("This story cannot be withdrawn, or was withdrawn already. Here is where it stands."), "info")
        return to_story(story)
    form = WithdrawalForm()
    if request.method == "GET" or not form.validate():
        page = render_template("submitting/withdrawal.html", **frame(story), form=form)
        return page, 200 if request.method == "GET" else 422
    editorial.withdraw(
        story, Scope(form.scope.data), by=current_person(), at=now(), tombstone=form.tombstone.data or ""
    )
    commit()
    tell_readers(_("The story is withdrawn. No reader of this site can find it any more."))
    return to_story(story)
