"""What happened to a story, in words for moderators."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from solidarity.web.filters import day_and_time
from solidarity.web.labels import name_of_person
from stories.models import Person, Story, Transition
from stories.workflow import Verb

HAPPENED = {
    Verb.SUBMIT: _l("Sent to the moderators"),
    Verb.RECALL: _l("Taken back by the author"),
    Verb.BEGIN_REVIEW: _l("Taken up to be read"),
    Verb.RELEASE: _l("Put back in the queue"),
    Verb.APPROVE: _l("Approved"),
    Verb.PUBLISH: _l("Published"),
    Verb.REQUEST_CHANGES: _l("Changes requested"),
    Verb.REVISE: _l("Taken up again by the author"),
    Verb.DECLINE: _l("Declined"),
    Verb.ASK_TELLER: _l("Given to the teller to confirm"),
    Verb.CONFIRM: _l("Confirmed by the teller"),
    Verb.CORRECT: _l("Correction proposed"),
    Verb.ARCHIVE: _l("Archived"),
    Verb.RESTORE: _l("Shown to readers again"),
    Verb.UNPUBLISH: _l("Taken down"),
    Verb.WITHDRAW: _l("Withdrawn by the teller"),
    Verb.TAKE_NAME_OFF: _l("The teller took their name off"),
}


def of(story: Story) -> list[dict[str, Any]]:
    """Every step that was taken, the newest first, as `timeline` of macros/workspace.html shows it."""
    return [_entry(step) for step in story.acts]


def _entry(step: Transition) -> dict[str, Any]:
    wording = _("revision %(number)s", number=step.revision.number) if step.revision is not None else ""
    when = day_and_time(step.at)
    return {
        "what": HAPPENED[step.verb],
        "when": step.at,
        "when_label": f"{when} · {wording}" if wording else when,
        "who": name_of_person(step.by) if step.by is not None else _("the site, when the time had come"),
        "note": step.note,
    }


def request_answered(story: Story) -> str:
    """What was asked for before the words that wait now were sent; empty where nothing was."""
    asked = answered = ""
    for step in story.transitions:
        if step.verb is Verb.REQUEST_CHANGES:
            asked = step.note
        elif step.verb is Verb.SUBMIT:
            asked, answered = "", asked
    return answered


def last_step(story: Story, person: Person) -> str:
    """One sentence on the last step: what it was, who took it, and when."""
    step = story.transitions[-1]
    what, when = HAPPENED[step.verb], day_and_time(step.at)
    if step.by is person:
        return str(_("Last step: %(what)s, by yourself, %(when)s.", what=what, when=when))
    who = name_of_person(step.by) if step.by is not None else _("the site")
    return str(_("Last step: %(what)s, by %(who)s, %(when)s.", what=what, who=who, when=when))
