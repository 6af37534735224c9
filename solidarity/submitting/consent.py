"""What a teller agreed to: every answer that was given, and changing one's mind at any time."""

from __future__ import annotations

from typing import Any

from flask import abort, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from solidarity.submitting.blueprint import STORY, blueprint, own_story, tell_readers, to_story
from solidarity.submitting.forms import ConsentForm, without_name
from solidarity.submitting.my_stories import frame, may_speak
from solidarity.web import locales
from solidarity.web.clock import now
from solidarity.web.db import commit
from solidarity.web.form_recovery import not_resendable
from solidarity.web.permissions import current_person, roles_required
from stories import consent as ledger
from stories.models import Purpose, Role, Story


@blueprint.route(f"{STORY}/consent", methods=["GET", "POST"])
@roles_required(Role.LEADER)
@not_resendable(_l("Answer what a story may be used for"))
def consent(story_id: int) -> Any:
    """The answers as they stand, open to change by the teller, and the record of all that were given."""
    story = own_story(story_id)
    form = _form(story)
    if request.method == "GET":
        return _page(story, form, 200)
    if not may_speak(story):
        abort(403)
    if not form.validate() or _shows_refused_name(story, form):
        return _page(story, form, 422)
    was_public = story.is_public
    ledger.record(story, form.answers(), form.asked(), by=current_person(), at=now())
    commit()
    tell_readers(_what_follows(was_public, story))
    return to_story(story)


def _form(story: Story) -> ConsentForm:
    standing = {purpose.value: yes for purpose, yes in ledger.answers_of(story).items()}
    return without_name(ConsentForm(data=standing | {"language": locales.current().tag}), story)


def _shows_refused_name(story: Story, form: ConsentForm) -> bool:
    """Whether readers would go on seeing a name that the teller no longer wants shown; says so beside the question."""
    shown = story.published_revision.shown_name if story.published_revision and story.is_readable else ""
    if not shown or "name" not in form or form.answers().get(Purpose.NAME) or not form.publish.data:
        return False
    form["name"].errors = [
        _(
            "The published story shows the name %(name)s. Take back the yes to publish as well, and it is hidden at "
            "once; then change the words, without the name, and send them.",
            name=shown,
        )
    ]
    return True


def _what_follows(was_public: bool, story: Story) -> str:
    if was_public and not story.is_public:
        return str(_("Your answers are recorded. The story is hidden from all readers now."))
    if story.is_public and not was_public:
        return str(_("Your answers are recorded. Readers can find the story again."))
    return str(_("Your answers are recorded."))


def _page(story: Story, form: ConsentForm, status: int) -> Any:
    page = render_template(
        "submitting/consent.html",
        **frame(story),
        form=form,
        may_speak=may_speak(story),
        events=list(reversed(ledger.ledger_of(story))),
        text_version=ledger.TEXT_VERSION,
    )
    return page, status
