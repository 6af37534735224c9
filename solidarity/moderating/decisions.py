"""The steps that moderators take, each with the noun in its address, its form and its verb of the domain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from solidarity.moderating.forms import DateForm, ReasonForm, StepForm, TestimonyForm, TimedForm
from stories import editorial
from stories.actors import open_to
from stories.models import Person, Story
from stories.workflow import Verb

Take = Callable[[Story, Any, Person, datetime], Verb]


@dataclass(frozen=True)
class Decision:
    """A step: `take` does it and says which verb came last; `done` tells the moderator what has happened.

    Of a verb that has two steps, this one is offered only beside the verb `beside`, or only not beside `unless`.
    """

    verb: Verb
    form: type[StepForm]
    take: Take
    done: Any
    is_public: bool = False
    beside: Verb | None = None
    unless: Verb | None = None

    def fits(self, verbs: frozenset[Verb]) -> bool:
        """Whether the step is to be offered where `verbs` are open."""
        return self.verb in verbs and (self.beside is None or self.beside in verbs) and self.unless not in verbs


def _approve(story: Story, form: TimedForm, by: Person, at: datetime) -> Verb:
    editorial.approve(story, by=by, at=at, revision_id=form.seen, note=form.words, publish_at=form.moment)
    if form.moment is not None:
        return Verb.APPROVE
    editorial.publish(story, by=by, at=at)
    return Verb.PUBLISH


def _date(story: Story, form: DateForm, by: Person, at: datetime) -> Verb:
    editorial.approve(story, by=by, at=at, revision_id=form.seen, note=form.words, publish_at=form.moment)
    return Verb.APPROVE


def _ask_teller(story: Story, form: TimedForm, by: Person, at: datetime) -> Verb:
    editorial.ask_teller(story, by=by, at=at, revision_id=form.seen, note=form.words, publish_at=form.moment)
    return Verb.ASK_TELLER


def _testify(story: Story, form: TestimonyForm, by: Person, at: datetime) -> Verb:
    editorial.confirm(story, by=by, at=at, revision_id=form.seen, note=form.words)
    editorial.publish(story, by=by, at=at)
    return Verb.PUBLISH


def _bare(verb: Verb, step: Callable[..., None]) -> Take:
    """A step that needs no words."""

    def take(story: Story, _form: StepForm, by: Person, at: datetime) -> Verb:
        step(story, by=by, at=at)
        return verb

    return take


def _reasoned(verb: Verb, step: Callable[..., None]) -> Take:
    """A step on a story that readers have, with a reason."""

    def take(story: Story, form: ReasonForm, by: Person, at: datetime) -> Verb:
        step(story, by=by, at=at, note=form.words)
        return verb

    return take


def _judged(verb: Verb, step: Callable[..., None]) -> Take:
    """A step on a submission, with words to the author."""

    def take(story: Story, form: ReasonForm, by: Person, at: datetime) -> Verb:
        step(story, by=by, at=at, revision_id=form.seen, note=form.words)
        return verb

    return take


DECISIONS: dict[str, Decision] = {
    "review": Decision(
        Verb.BEGIN_REVIEW, StepForm, _bare(Verb.BEGIN_REVIEW, editorial.begin_review),
        _l("You are reading this story now; decisions on it are yours."), unless=Verb.PUBLISH,
    ),
    "approval": Decision(
        Verb.APPROVE, TimedForm, _approve, _l("The story is approved."), is_public=True, unless=Verb.PUBLISH
    ),
    "publication": Decision(
        Verb.PUBLISH, StepForm, _bare(Verb.PUBLISH, editorial.publish), _l("The story is published."), is_public=True
    ),
    "date": Decision(Verb.APPROVE, DateForm, _date, _l("The story has another date."), beside=Verb.PUBLISH),
    "question": Decision(
        Verb.ASK_TELLER, TimedForm, _ask_teller,
        _l("The teller was asked. As soon as they say yes, the story is approved."),
    ),
    "change-request": Decision(
        Verb.REQUEST_CHANGES, ReasonForm, _judged(Verb.REQUEST_CHANGES, editorial.request_changes),
        _l("The author was asked for changes."),
    ),
    "decline": Decision(
        Verb.DECLINE, ReasonForm, _judged(Verb.DECLINE, editorial.decline),
        _l("The story is declined; the author can read why."), unless=Verb.CONFIRM,
    ),
    "testimony": Decision(
        Verb.CONFIRM, TestimonyForm, _testify, _l("The teller’s yes is in the record, and the words are published."),
        is_public=True,
    ),
    "refusal": Decision(
        Verb.DECLINE, TestimonyForm, _judged(Verb.DECLINE, editorial.decline),
        _l("The teller’s no is in the record. Readers keep the words as they were."), beside=Verb.CONFIRM,
    ),
    "release": Decision(
        Verb.RELEASE, StepForm, _bare(Verb.RELEASE, editorial.release), _l("The story is back in the queue.")
    ),
    "second-review": Decision(
        Verb.BEGIN_REVIEW, StepForm, _bare(Verb.BEGIN_REVIEW, editorial.begin_review),
        _l("The approval and its date are taken back. You are reading the story now; decisions on it are yours."),
        beside=Verb.PUBLISH,
    ),
    "archiving": Decision(
        Verb.ARCHIVE, ReasonForm, _reasoned(Verb.ARCHIVE, editorial.archive),
        _l("The story is archived: out of lists and search, still readable at its address."), is_public=True,
    ),
    "takedown": Decision(
        Verb.UNPUBLISH, ReasonForm, _reasoned(Verb.UNPUBLISH, editorial.unpublish),
        _l("The story is taken down; no reader sees it now."), is_public=True,
    ),
    "restoration": Decision(
        Verb.RESTORE, StepForm, _bare(Verb.RESTORE, editorial.restore),
        _l("Readers see the story again."), is_public=True,
    ),
}  # fmt: skip


def offered(story: Story, person: Person) -> dict[str, Decision]:
    """What `person` may decide now: words that the teller has confirmed are approved, others are asked about."""
    verbs = open_to(story, person)
    submission = story.open_submission
    idle = Verb.ASK_TELLER if submission is None or submission.is_confirmed else Verb.APPROVE
    open_now = verbs - {idle}
    return {noun: decision for noun, decision in DECISIONS.items() if decision.fits(open_now)}
