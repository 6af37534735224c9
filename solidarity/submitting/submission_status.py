"""Where a story stands and whose turn it is, in plain words for the people it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from solidarity.web.filters import day_and_time
from solidarity.web.labels import name_of_person
from stories.models import Person, Story, Transition
from stories.workflow import Stage, State, Verb, Visibility


@dataclass(frozen=True)
class SubmissionStatus:
    """`stage` names it in a word, `sentence` in plain words; `step` counts along STEPS, None where it left the path.

    `is_yours`: the next step is that person's.
    """

    stage: Stage
    is_yours: bool
    sentence: Any
    step: int | None = None


STEPS = (_l("Written"), _l("Sent"), _l("Read by a moderator"), _l("Approved"), _l("Published"))

YOURS, NOT_YOURS = True, False
_UNDER_WAY = {
    State.DRAFT: (YOURS, _l("You are writing. No moderator looks at it before you send it."), 0),
    State.SUBMITTED: (NOT_YOURS, _l("It waits for a moderator to read it. You can still take it back."), 2),
    State.IN_REVIEW: (NOT_YOURS, _l("A moderator is reading it. You will get their answer here and in a letter."), 2),
    State.CHANGES_REQUESTED: (YOURS, _l("A moderator has read it and asks you for changes."), 2),
    State.AWAITING_TELLER: (
        YOURS,
        _l("A moderator changed some words. Nothing is published without your yes."),
        3,
    ),
    State.APPROVED: (NOT_YOURS, _l("It is approved and will be published in a moment."), 4),
    State.DECLINED: (NOT_YOURS, _l("The moderators decided not to publish it. It stays here for you to read."), None),
}
_SEEN = {
    Visibility.PUBLIC: (NOT_YOURS, _l("It is published. Anybody can find and read it."), 5),
    Visibility.ARCHIVED: (
        NOT_YOURS,
        _l("It is archived: readable at its address, but in no list and no search."),
        None,
    ),
    Visibility.UNPUBLISHED: (NOT_YOURS, _l("A moderator took it down. Readers cannot see it."), None),
    Visibility.WITHDRAWN: (NOT_YOURS, _l("It is withdrawn. Readers cannot see it."), None),
}
_HIDDEN = _l("It is hidden, because the consent to publish it was taken back.")
_WITHOUT_CONSENT = _l(
    "It is approved, but the consent to publish it was taken back. "
    "It is not published unless the teller says yes again."
)
_TELLERS_TURN = _l("A moderator changed some words and waits for the teller’s yes.")


def status_of(story: Story, person: Person) -> SubmissionStatus:
    """How `story` stands, for `person`, to whom it belongs."""
    submission = story.open_submission
    if submission is None and story.visibility is not Visibility.PRIVATE:
        return reader_status(story)
    stage = story.submissions[-1].state
    is_yours, sentence, step = _UNDER_WAY[stage]
    if stage is State.APPROVED and not story.consented:
        return SubmissionStatus(stage, story.speaks(person), _WITHOUT_CONSENT, step)
    if stage is State.APPROVED and submission is not None and submission.publish_at is not None:
        sentence = _("It is approved and will be published on %(day)s.", day=day_and_time(submission.publish_at))
    if stage is State.AWAITING_TELLER and not story.speaks(person):
        is_yours, sentence = NOT_YOURS, _TELLERS_TURN
    return SubmissionStatus(stage, is_yours, sentence, step)


def reader_status(story: Story) -> SubmissionStatus:
    """How a story that was published, or is withdrawn, stands with readers."""
    is_yours, sentence, step = _SEEN[story.visibility]
    if story.visibility.is_readable and not story.consented:
        return SubmissionStatus(story.visibility, YOURS, _HIDDEN)
    return SubmissionStatus(story.visibility, is_yours, sentence, step)


def published_version_sentence(story: Story) -> Any:
    """What is true of the version that readers have while a new one is under way; empty where there is none."""
    seen = story.open_submission is not None and story.visibility is not Visibility.PRIVATE
    return reader_status(story).sentence if seen else ""


HAPPENED = {
    Verb.SUBMIT: _l("Sent to the moderators"),
    Verb.RECALL: _l("Taken back"),
    Verb.BEGIN_REVIEW: _l("A moderator began to read it"),
    Verb.RELEASE: _l("Put back for another moderator"),
    Verb.APPROVE: _l("Approved"),
    Verb.PUBLISH: _l("Published"),
    Verb.REQUEST_CHANGES: _l("Changes requested"),
    Verb.REVISE: _l("Taken up again to change the words"),
    Verb.DECLINE: _l("Declined"),
    Verb.ASK_TELLER: _l("Approved with changed words, if the teller says yes to them"),
    Verb.CONFIRM: _l("The teller said yes to the words"),
    Verb.CORRECT: _l("A moderator proposed a correction"),
    Verb.ARCHIVE: _l("Archived"),
    Verb.RESTORE: _l("Shown to readers again"),
    Verb.UNPUBLISH: _l("Taken down by a moderator"),
    Verb.WITHDRAW: _l("Withdrawn by its teller"),
    Verb.TAKE_NAME_OFF: _l("The teller took their name off"),
}


def history(story: Story) -> list[dict[str, Any]]:
    """Every step that was taken, the newest first, as `timeline` of macros/workspace.html shows it."""
    steps = [_entry(step.at, HAPPENED[step.verb], step) for step in story.acts]
    return [*steps, {"what": _("Begun"), "when": story.created_at, "when_label": day_and_time(story.created_at)}]


def _entry(when: Any, what: Any, step: Transition) -> dict[str, Any]:
    who = name_of_person(step.by) if step.by else ""
    return {"what": what, "when": when, "when_label": day_and_time(when), "who": who, "note": step.note}


ANSWERS = frozenset({Verb.SUBMIT, Verb.CONFIRM, Verb.WITHDRAW})


def unanswered_note(story: Story) -> str:
    """What a moderator last wrote to the author, until the author has answered."""
    for step in reversed(story.transitions):
        if step.verb in ANSWERS:
            return ""
        if step.note:
            return step.note
    return ""
