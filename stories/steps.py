"""How a step is taken: permitted by the table, its needs met, the state moved, a transition written.

Nothing else in the project assigns the state of a submission or the visibility of a story. `stories.editorial` is made
of these. Whoever takes a step holds the story first: of two who act at the same moment one sees what the other did.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from stories import actors, changes, database, wording, workflow
from stories.database import session_of
from stories.errors import NotNow, NotPermitted, StaleRevision, Unmet
from stories.models import Person, Revision, Story, Submission, Transition
from stories.text import prose
from stories.wording import Words
from stories.workflow import ENDS, Actor, Need, Rule, Stage, State, Verb, Visibility


@dataclass(frozen=True)
class Act:
    """What somebody does: the verb, who (None is the clock), when, and with which words."""

    verb: Verb
    by: Person | None
    at: datetime
    note: str = ""


def hold(story: Story) -> None:
    """Let nobody else take a step on `story` until the transaction ends, and see it as it stands now.

    Of several stories an original is held before its translations, and these in the order of their numbers.
    """
    if database.lock(story):
        passages = select(Submission).where(Submission.story_id == story.id)
        session_of(story).scalars(passages.execution_options(populate_existing=True)).all()


def step(story: Story, act: Act, *, revision_id: int | None = None) -> Submission:
    """Move the open submission. `revision_id`, where given, is the wording the act is about: the proposed one.

    Raises NotPermitted, NotNow, StaleRevision or Unmet, having changed nothing.
    """
    hold(story)
    submission = story.open_submission
    if submission is None:
        raise refusal(story, act)
    rule = permitted(story, submission.state, act)
    if revision_id is not None and submission.proposed.id != revision_id:
        raise StaleRevision
    _require(rule, story, act)
    move(submission, State(rule.end), act)
    return submission


def turn(story: Story, act: Act) -> None:
    """Change where a story stands with readers. Raises as `step`."""
    hold(story)
    rule = permitted(story, story.visibility, act)
    _require(rule, story, act)
    show(story, Visibility(rule.end), act)
    changes.story_changed(session_of(story), story)


def open_again(story: Story, act: Act, words: Words) -> Submission:
    """Open a new submission on a story that readers already have. Raises as `step`."""
    hold(story)
    rule = permitted(story, story.visibility, act)
    if story.open_submission is not None:
        raise NotNow(act.verb, story.open_submission.state)
    _require(rule, story, act)
    if Actor.MODERATOR in rule.actors:  # their words lie beside those that readers have
        own, suggestion = story.published_revision, next_revision(story, words.tidied(), act)
        submission = _new_submission(story, State(rule.end), own or suggestion, act)
        submission.suggestion, submission.reviewer = suggestion, act.by
    else:
        submission = open_submission(story, State(rule.end), words.tidied(), act)
    _record(story, submission, story.visibility, rule.end, act)
    return submission


def open_submission(story: Story, state: State, words: Words, act: Act) -> Submission:
    """A new passage of `story` with its first wording; the words must be tidied."""
    return _new_submission(story, state, _add_revision(story, words, act), act)


def _new_submission(story: Story, state: State, revision: Revision, act: Act) -> Submission:
    submission = Submission(state=state, revision=revision, opened_at=act.at, moved_at=act.at, confirmed_digest="")
    story.submissions.append(submission)
    story.changed_at = act.at
    session_of(story).flush()
    return submission


def next_revision(story: Story, words: Words, act: Act) -> Revision:
    """Add a wording to a story; the words must be tidied."""
    revision = _add_revision(story, words, act)
    session_of(story).flush()
    return revision


def _add_revision(story: Story, words: Words, act: Act) -> Revision:
    if act.by is None:
        raise NotPermitted(act.verb)
    revision = wording.revision_of(story, words, by=act.by, at=act.at)
    story.revisions.append(revision)
    return revision


def permitted(story: Story, stage: Stage, act: Act) -> Rule:
    """The rule by which this person may do this at `stage`, or raise."""
    rule = workflow.rule_for(act.verb, stage, actors.parts_of(act.by, story))
    if rule is None:
        raise refusal(story, act)
    return rule


def refusal(story: Story, act: Act) -> NotPermitted | NotNow:
    """NotPermitted where this person never takes such a step on this story, NotNow where it is only too late."""
    parts = actors.parts_of(act.by, story)
    if Actor.MODERATOR in parts:
        parts |= {Actor.REVIEWER}  # may become one
    if not any(rule.verb is act.verb and rule.actors & parts for rule in workflow.RULES):
        return NotPermitted(act.verb)
    return NotNow(act.verb, actors.stages_of(story)[0])


_MET: dict[Need, Callable[[Story, Act], bool]] = {
    Need.CONSENT: lambda story, _act: story.consented,
    Need.NOTE: lambda _story, act: bool(prose.plain(act.note)),
    Need.CONFIRMED_WORDS: lambda story, _act: passage(story).is_confirmed,
    Need.CHANGED_WORDS: lambda story, _act: not passage(story).is_confirmed,
    Need.WORDS: lambda story, _act: wording.has_body(passage(story).revision),
    Need.DUE: lambda story, act: (passage(story).publish_at or act.at) <= act.at,
}


def _require(rule: Rule, story: Story, act: Act) -> None:
    for need in sorted(rule.needs):
        if not _MET[need](story, act):
            raise Unmet(need)


def passage(story: Story) -> Submission:
    """The open submission of a story that is known to have one."""
    submission = story.open_submission
    if submission is None:
        raise ValueError("the story has no open submission")
    return submission


def move(submission: Submission, end: State, act: Act) -> None:
    """Assign the state, and write down that it was."""
    _record(submission.story, submission, submission.state, end, act)
    submission.state = end
    submission.story.changed_at = act.at
    submission.moved_at = _first_sent(submission) if end is State.SUBMITTED else act.at
    if end not in ENDS and end in {State.DRAFT, State.SUBMITTED}:
        submission.reviewer = None


def _first_sent(submission: Submission) -> datetime:
    """When it was sent for the first time: what is sent again or put back keeps its place in line."""
    sent = [step for step in submission.story.transitions if step.verb is Verb.SUBMIT and step.submission is submission]
    return sent[0].at if sent else submission.opened_at


def show(story: Story, end: Visibility, act: Act) -> None:
    """Assign where a story stands with readers, and write down that it was."""
    _record(story, None, story.visibility, end, act)
    story.visibility = end
    story.changed_at = act.at


def _record(story: Story, submission: Submission | None, start: Stage, end: Stage, act: Act) -> None:
    transition = Transition(submission=submission, verb=act.verb, start=start, end=end, by=act.by, at=act.at)
    transition.revision = submission.proposed if submission is not None else story.published_revision
    transition.note = prose.lines(act.note)
    story.transitions.append(transition)
