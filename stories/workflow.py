"""How a story comes to be published: one table of permitted steps. Read this first.

The same table guards the verbs in `stories.editorial`, draws the buttons of every page through `actors.open_to`, and is
printed for moderators on the site. A step that is not in it cannot be taken.

    a submission (one passage through review):
    draft ─submit─► submitted ─begin review─► in review ─approve─► approved ─publish─► published
      ▲  ◄─recall──────┘  ◄────release──────────┤  │  └─ask teller─► awaiting teller ─confirm─► approved
      └─revise─ changes requested ◄─request changes─┘  └─decline─► declined      any open state ─withdraw─► withdrawn
    before its date: approved ─approve─► approved (at another one)   approved ─begin review─► in review

    a story that has been published:
    public ⇄ archived (archive, restore)   public ⇄ unpublished (unpublish, restore)   any ─withdraw─► withdrawn
    and where it stands: take name off
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a submission stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in review"
    CHANGES_REQUESTED = "changes requested"
    AWAITING_TELLER = "awaiting teller"
    APPROVED = "approved"
    PUBLISHED = "published"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has a step to take."""
        return self not in ENDS

    @property
    def is_writable(self) -> bool:
        """Whether the author may change the words."""
        return self is State.DRAFT


ENDS = frozenset({State.PUBLISHED, State.DECLINED, State.WITHDRAWN})


class Visibility(StrEnum):
    """Where a story stands with readers."""

    PRIVATE = "private"
    PUBLIC = "public"
    ARCHIVED = "archived"
    UNPUBLISHED = "unpublished"
    WITHDRAWN = "withdrawn"

    @property
    def is_listed(self) -> bool:
        """Whether lists and search may show the story."""
        return self is Visibility.PUBLIC

    @property
    def is_readable(self) -> bool:
        """Whether the story's own page may open."""
        return self in {Visibility.PUBLIC, Visibility.ARCHIVED}


class Verb(StrEnum):
    """What somebody does to a submission or a story."""

    SUBMIT = "submit"
    RECALL = "recall"
    BEGIN_REVIEW = "begin review"
    RELEASE = "release"
    APPROVE = "approve"
    PUBLISH = "publish"
    REQUEST_CHANGES = "request changes"
    REVISE = "revise"
    DECLINE = "decline"
    ASK_TELLER = "ask teller"
    CONFIRM = "confirm"
    CORRECT = "correct"
    ARCHIVE = "archive"
    RESTORE = "restore"
    UNPUBLISH = "unpublish"
    WITHDRAW = "withdraw"
    TAKE_NAME_OFF = "take name off"


class Actor(StrEnum):
    """In what part somebody takes a step. Moderators and reviewers never act on a story of their own."""

    AUTHOR = "author"  # the teller or the submitter
    TELLER = "teller"  # who may decide as the teller
    MODERATOR = "moderator"
    REVIEWER = "reviewer"  # the moderator who began this review
    WITNESS = "witness"  # a moderator who asked the teller by hand, where nobody who signs in speaks for them
    CLOCK = "clock"  # nobody: an approved story whose time has come


class Need(StrEnum):
    """What must hold, beside the state and the actor, before a step is taken."""

    CONSENT = "consent"  # active consent to publish
    CONFIRMED_WORDS = "confirmed words"  # the teller has confirmed these very words
    CHANGED_WORDS = "changed words"  # there are words the teller has not confirmed
    NOTE = "note"  # words to the author, or a reason
    WORDS = "words"  # the story itself holds something that can be seen
    DUE = "due"  # its time of publication has come


Stage = State | Visibility


@dataclass(frozen=True)
class Rule:
    """One permitted step. `start` is None where the step opens a new submission."""

    verb: Verb
    start: Stage | None
    end: Stage
    actors: frozenset[Actor]
    needs: frozenset[Need] = frozenset()

    @property
    def opens_submission(self) -> bool:
        """Whether the step begins a new passage of a published story through review."""
        return isinstance(self.start, Visibility) and isinstance(self.end, State)


def _rule(verb: Verb, start: Stage | None, end: Stage, *actors: Actor, needs: tuple[Need, ...] = ()) -> Rule:
    return Rule(verb, start, end, frozenset(actors), frozenset(needs))


_A = Actor
_V = Visibility
_TO_PUBLISH = (Need.CONSENT, Need.CONFIRMED_WORDS, Need.WORDS)
_OPEN = [state for state in State if state.is_open]

RULES: tuple[Rule, ...] = (
    # a submission
    _rule(Verb.SUBMIT, State.DRAFT, State.SUBMITTED, _A.AUTHOR, needs=(Need.CONSENT, Need.WORDS)),
    _rule(Verb.RECALL, State.SUBMITTED, State.DRAFT, _A.AUTHOR),
    _rule(Verb.BEGIN_REVIEW, State.SUBMITTED, State.IN_REVIEW, _A.MODERATOR),
    _rule(Verb.RELEASE, State.IN_REVIEW, State.SUBMITTED, _A.MODERATOR),
    _rule(Verb.APPROVE, State.IN_REVIEW, State.APPROVED, _A.REVIEWER, needs=(Need.CONSENT, Need.CONFIRMED_WORDS)),
    _rule(Verb.REQUEST_CHANGES, State.IN_REVIEW, State.CHANGES_REQUESTED, _A.REVIEWER, needs=(Need.NOTE,)),
    _rule(Verb.DECLINE, State.IN_REVIEW, State.DECLINED, _A.REVIEWER, needs=(Need.NOTE,)),
    _rule(Verb.ASK_TELLER, State.IN_REVIEW, State.AWAITING_TELLER, _A.REVIEWER, needs=(Need.CHANGED_WORDS,)),
    _rule(Verb.REVISE, State.CHANGES_REQUESTED, State.DRAFT, _A.AUTHOR),
    _rule(Verb.REVISE, State.AWAITING_TELLER, State.DRAFT, _A.TELLER),
    _rule(Verb.CONFIRM, State.AWAITING_TELLER, State.APPROVED, _A.TELLER, needs=(Need.CONSENT,)),
    _rule(Verb.APPROVE, State.APPROVED, State.APPROVED, _A.MODERATOR, needs=(Need.CONSENT, Need.CONFIRMED_WORDS)),
    _rule(Verb.BEGIN_REVIEW, State.APPROVED, State.IN_REVIEW, _A.MODERATOR),
    _rule(Verb.CONFIRM, State.AWAITING_TELLER, State.APPROVED, _A.WITNESS, needs=(Need.CONSENT, Need.NOTE)),
    _rule(Verb.DECLINE, State.AWAITING_TELLER, State.DECLINED, _A.WITNESS, needs=(Need.NOTE,)),
    _rule(Verb.PUBLISH, State.APPROVED, State.PUBLISHED, _A.MODERATOR, needs=_TO_PUBLISH),
    _rule(Verb.PUBLISH, State.APPROVED, State.PUBLISHED, _A.CLOCK, needs=(*_TO_PUBLISH, Need.DUE)),
    *(_rule(Verb.WITHDRAW, state, State.WITHDRAWN, _A.TELLER) for state in _OPEN),
    # a story that has been published
    _rule(Verb.CORRECT, _V.PUBLIC, State.AWAITING_TELLER, _A.MODERATOR, needs=(Need.NOTE,)),
    _rule(Verb.CORRECT, _V.ARCHIVED, State.AWAITING_TELLER, _A.MODERATOR, needs=(Need.NOTE,)),
    _rule(Verb.REVISE, _V.PUBLIC, State.DRAFT, _A.AUTHOR),
    _rule(Verb.ARCHIVE, _V.PUBLIC, _V.ARCHIVED, _A.MODERATOR, needs=(Need.NOTE,)),
    _rule(Verb.RESTORE, _V.ARCHIVED, _V.PUBLIC, _A.MODERATOR, needs=(Need.CONSENT,)),
    _rule(Verb.UNPUBLISH, _V.PUBLIC, _V.UNPUBLISHED, _A.MODERATOR, needs=(Need.NOTE,)),
    _rule(Verb.UNPUBLISH, _V.ARCHIVED, _V.UNPUBLISHED, _A.MODERATOR, needs=(Need.NOTE,)),
    _rule(Verb.RESTORE, _V.UNPUBLISHED, _V.PUBLIC, _A.MODERATOR, needs=(Need.CONSENT,)),
    *(_rule(Verb.TAKE_NAME_OFF, seen, seen, _A.TELLER) for seen in (_V.PUBLIC, _V.ARCHIVED, _V.UNPUBLISHED)),
    *(_rule(Verb.WITHDRAW, seen, _V.WITHDRAWN, _A.TELLER) for seen in Visibility if seen is not _V.WITHDRAWN),
)  # fmt: skip


def rule_for(verb: Verb, start: Stage, parts: frozenset[Actor]) -> Rule | None:
    """The rule that lets somebody who acts in one of `parts` begin `verb` at `start`, or None."""
    return next((rule for rule in RULES if rule.verb is verb and rule.start is start and rule.actors & parts), None)
