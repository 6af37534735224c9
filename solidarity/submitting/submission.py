"""Sending a story to the moderators: a last look at what could harm, the questions of consent, and a button."""

from __future__ import annotations

from typing import Any

from flask import flash, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from solidarity.letters import outbox, story_news
from solidarity.submitting.blueprint import STORY, blueprint, number, own_story, sparingly, tell_readers, to_story
from solidarity.submitting.forms import FirstConsentForm, SendForm, without_name
from solidarity.submitting.my_stories import frame
from solidarity.web import locales
from solidarity.web.clock import now
from solidarity.web.db import commit
from solidarity.web.form_recovery import not_resendable
from solidarity.web.permissions import current_person, roles_required
from stories import consent, editorial, origins, wording
from stories.actors import open_to
from stories.errors import StaleRevision
from stories.models import Naming, Purpose, Revision, Role, Story
from stories.text import diff, language_guess, prose
from stories.workflow import Verb


@blueprint.route(f"{STORY}/submission", methods=["GET", "POST"])
@roles_required(Role.LEADER)
@sparingly
@not_resendable(_l("Send a story to the moderators"))
def submission(story_id: int) -> Any:
    """What to look at before sending, the questions of consent where they are open, and sending itself."""
    story = own_story(story_id)
    if Verb.SUBMIT not in open_to(story, current_person()):
        flash(_("It was sent already. Nothing was sent twice. Here is where it stands."), "info")
        return to_story(story)
    form = _form(story)
    if request.method == "POST" and form.validate() and not missing_in(story.own_revision):
        return _send(story, form)
    return _page(story, form, 422 if request.method == "POST" else 200)


def _send(story: Story, form: SendForm | FirstConsentForm) -> Any:
    was_hidden, at = not story.is_public, now()
    try:
        if isinstance(form, FirstConsentForm):
            consent.record(story, form.answers(), form.asked(), by=current_person(), at=at)
        editorial.submit(
            story, by=current_person(), at=at, revision_id=number(form.revision_id.data),
            shown_id=number(request.form.get("shown_id")),
        )  # fmt: skip
    except StaleRevision:
        form.revision_id.data = str(story.own_revision.id)
        return _page(story, form, 409)
    story_news.tell_moderators(story, at=at)
    commit()
    outbox.hand_over()
    sent = _("Sent. A moderator will read it; you find their answer here.")
    if was_hidden and story.is_public:
        tell_readers(sent)
    else:
        flash(sent, "success")
    return to_story(story)


def _form(story: Story) -> SendForm | FirstConsentForm:
    """Only a button where the teller has said yes to all that is needed; else every question.

    None is answered beforehand but by the teller's own earlier answers.
    """
    seen = {"revision_id": str(story.own_revision.id)}
    given = consent.answers_of(story)
    if story.consented and (given.get(Purpose.NAME) or not story.own_revision.shown_name):
        return SendForm(data=seen)
    answers = {purpose.value: yes for purpose, yes in given.items()}
    form = FirstConsentForm(data=answers | seen | {"language": locales.current().tag})
    without_name(form, story)
    return form


def missing_in(revision: Revision) -> list[str]:
    """What readers would miss, so that it has to be written before the story is sent."""
    missing = []
    if not wording.has_body(revision):
        missing.append(_("The story itself is still empty."))
    if revision.teller_naming is not Naming.ANONYMOUS and not revision.teller_name:
        missing.append(_("There is no name yet. Write it as readers should see it, or choose to stay anonymous."))
    return missing


def _looks_like(story: Story) -> str | None:
    """The tag of the language in which the story seems to be, where that is another and can still be put right."""
    revision = story.own_revision
    text = f"{revision.title}\n{revision.introduction}\n{prose.text_of(revision.body)}"
    return language_guess.looks_unlike(text, story.language) if origins.is_open(story, current_person()) else None


def _others_words(story: Story) -> dict[str, Any]:
    """What somebody else wrote since whoever sends it knew the words: what changed, or all of it where they know none.

    Whoever speaks for the story confirms by sending it, and so has to be shown this first.
    """
    known = wording.known_to(current_person(), story)
    if not story.speaks(current_person()) or known is story.own_revision:
        return {}
    changed = diff.of(known, story.own_revision) if known is not None else {}
    return {"others_changed": changed, "others_all": known is None, "shown_id": story.own_revision.id}


def _page(story: Story, form: SendForm | FirstConsentForm, status: int) -> Any:
    page = render_template(
        "submitting/submission.html",
        **frame(story),
        **_others_words(story),
        form=form,
        asks=isinstance(form, FirstConsentForm),
        missing=missing_in(story.own_revision),
        stale=status == 409,
        looks_like=_looks_like(story),
        text_version=consent.TEXT_VERSION,
        shows_again=story.published_revision is not None and not story.consented,
    )
    return page, status
