"""The names, in the reader's language, of what the domain calls by a word of its own."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from flask import Flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.fields.choices import SelectChoice

from stories.models import EventKind, Method, Naming, Person, Purpose, Role
from stories.models.guides import Audience, Depth, GradeBand, Grouping, Setting
from stories.workflow import Actor, Need, State, Verb, Visibility

NAMES: Mapping[type[StrEnum], Mapping[Any, Any]] = {
    State: {
        State.DRAFT: _l("Draft"),
        State.SUBMITTED: _l("Waiting to be read"),
        State.IN_REVIEW: _l("Being read"),
        State.CHANGES_REQUESTED: _l("Changes requested"),
        State.AWAITING_TELLER: _l("Waiting for the teller"),
        State.APPROVED: _l("Approved"),
        State.PUBLISHED: _l("Published"),
        State.DECLINED: _l("Declined"),
        State.WITHDRAWN: _l("Withdrawn"),
    },
    Visibility: {
        Visibility.PRIVATE: _l("Not public"),
        Visibility.PUBLIC: _l("Public"),
        Visibility.ARCHIVED: _l("Archived"),
        Visibility.UNPUBLISHED: _l("Taken down"),
        Visibility.WITHDRAWN: _l("Withdrawn"),
    },
    Verb: {
        Verb.SUBMIT: _l("Send to the moderators"),
        Verb.RECALL: _l("Take it back"),
        Verb.BEGIN_REVIEW: _l("Begin to read"),
        Verb.RELEASE: _l("Put it back in the queue"),
        Verb.APPROVE: _l("Approve"),
        Verb.PUBLISH: _l("Publish"),
        Verb.REQUEST_CHANGES: _l("Ask for changes"),
        Verb.REVISE: _l("Change the words"),
        Verb.DECLINE: _l("Decline"),
        Verb.ASK_TELLER: _l("Ask the teller"),
        Verb.CONFIRM: _l("Confirm the words"),
        Verb.CORRECT: _l("Propose a correction"),
        Verb.ARCHIVE: _l("Archive"),
        Verb.RESTORE: _l("Show to readers again"),
        Verb.UNPUBLISH: _l("Take down"),
        Verb.WITHDRAW: _l("Withdraw"),
        Verb.TAKE_NAME_OFF: _l("Take the name off"),
    },
    Actor: {
        Actor.AUTHOR: _l("the teller or whoever sent it in"),
        Actor.TELLER: _l("the teller"),
        Actor.MODERATOR: _l("a moderator"),
        Actor.REVIEWER: _l("the moderator who is reading it"),
        Actor.WITNESS: _l("a moderator who asks the teller by hand"),
        Actor.CLOCK: _l("the site, when the time has come"),
    },
    Need: {
        Need.CONSENT: _l("the teller’s consent to publish"),
        Need.CONFIRMED_WORDS: _l("words that the teller has confirmed"),
        Need.CHANGED_WORDS: _l("words that the teller has not seen yet"),
        Need.NOTE: _l("a few words to the author"),
        Need.WORDS: _l("the words of the story itself"),
        Need.DUE: _l("its date of publication"),
    },
    Role: {
        Role.LEADER: _l("Leader"),
        Role.MODERATOR: _l("Moderator"),
        Role.EDUCATOR: _l("Educator"),
        Role.STEWARD: _l("Steward"),
    },
    EventKind: {
        EventKind.SIGNED_IN: _l("Signed in"),
        EventKind.SIGN_IN_FAILED: _l("Sign-in failed"),
        EventKind.SIGNED_OUT: _l("Signed out"),
        EventKind.SESSION_ENDED: _l("Session ended"),
        EventKind.SESSIONS_ENDED: _l("All sessions ended"),
        EventKind.PASSWORD_CHANGED: _l("Password changed"),
        EventKind.ADDRESS_CHANGED: _l("E-mail address changed"),
        EventKind.NAME_CORRECTED: _l("Name corrected"),
        EventKind.ROLE_GRANTED: _l("Role given"),
        EventKind.ROLE_REVOKED: _l("Role taken away"),
        EventKind.INVITED: _l("Invited"),
        EventKind.ACCOUNT_CLOSED: _l("Account closed"),
        EventKind.ACCOUNT_REOPENED: _l("Account opened again"),
        EventKind.ACCOUNT_DELETED: _l("Account deleted"),
        EventKind.FACTOR_SET: _l("Second step set up"),
        EventKind.FACTOR_REMOVED: _l("Second step removed"),
        EventKind.RECOVERY_CODES_MADE: _l("Recovery codes made"),
        EventKind.RECOVERY_CODE_USED: _l("Recovery code used"),
        EventKind.REFUSED: _l("Refused"),
        EventKind.DATA_EXPORTED: _l("Data exported"),
        EventKind.LOG_EXPORTED: _l("This log exported"),
        EventKind.LOG_ACCEPTED: _l("This log taken as it stood"),
        EventKind.SETTINGS_CHANGED: _l("Settings changed"),
        EventKind.STORIES_IMPORTED: _l("Stories imported"),
        EventKind.INDEX_PURGED: _l("Search files purged"),
        EventKind.STEP_TAKEN: _l("Step of a story"),
        EventKind.CONSENT_RECORDED: _l("Consent"),
    },
    Naming: {
        Naming.FULL_NAME: _l("By their full name"),
        Naming.CHOSEN_NAME: _l("By a name they chose"),
        Naming.ANONYMOUS: _l("Not at all: anonymous"),
    },
    Purpose: {
        Purpose.PUBLISH: _l("Publish the story on this site"),
        Purpose.NAME: _l("Show the name with the story"),
        Purpose.PHOTO_OR_VOICE: _l("Show a photo or play the voice"),
        Purpose.TRANSLATE: _l("Translate the story"),
        Purpose.USE_IN_GUIDES: _l("Use the story in conversation guides"),
        Purpose.QUOTE: _l("Quote from the story"),
    },
    Method: {
        Method.SELF: _l("I am the teller and I read it myself"),
        Method.READ_ALOUD: _l("It was read aloud to the teller"),
        Method.INTERPRETER: _l("An interpreter was there"),
        Method.IN_WRITING: _l("The teller said yes in writing"),
        Method.LICENCE: _l("By the licence of the text"),
    },
    Audience: {
        Audience.STUDENTS: _l("Students"),
        Audience.NON_PROFITS: _l("Non-profits"),
        Audience.FACILITATORS: _l("Facilitators"),
        Audience.TEACHERS: _l("Teachers"),
    },
    Setting: {
        Setting.CLASSROOM: _l("Classroom"),
        Setting.COMMUNITY: _l("Community"),
        Setting.WORKPLACE: _l("Workplace"),
        Setting.CAMPUS: _l("Campus"),
        Setting.ONLINE: _l("Online"),
    },
    GradeBand: {
        GradeBand.K_2: _l("Kindergarten to grade 2"),
        GradeBand.THREE_TO_FIVE: _l("Grades 3 to 5"),
        GradeBand.SIX_TO_EIGHT: _l("Grades 6 to 8"),
        GradeBand.NINE_TO_TWELVE: _l("Grades 9 to 12"),
        GradeBand.ADULT: _l("Adults"),
    },
    Grouping: {
        Grouping.ALONE: _l("Alone"),
        Grouping.PAIRS: _l("In pairs"),
        Grouping.SMALL_GROUPS: _l("In small groups"),
        Grouping.EVERYONE: _l("Everyone together"),
    },
    Depth: {
        Depth.RECALL: _l("What happened"),
        Depth.CONNECTION: _l("What it means to us"),
        Depth.ACTION: _l("What we can do"),
    },
}

_FUNCTIONS = {
    "state_name": State, "visibility_name": Visibility, "verb_name": Verb, "actor_name": Actor,
    "naming_name": Naming, "purpose_name": Purpose, "method_name": Method,
}  # fmt: skip


def name_of(word: StrEnum) -> str:
    """The name of a member of any of the enumerations above."""
    return str(NAMES[type(word)][word])


def name_of_person(person: Person) -> str:
    """How somebody is named to those who work here; whoever left has no name any more."""
    return person.name or str(_("Somebody who left"))


def choices(kind: type[StrEnum]) -> list[SelectChoice]:
    """All members of an enumeration as a form wants them: value and name."""
    return [SelectChoice(member.value, NAMES[kind][member]) for member in kind]


def init_app(app: Flask) -> None:
    """Give templates `name_of`, as a filter too, and a function for each kind that also takes the bare word."""
    app.jinja_env.filters["name_of_person"] = name_of_person
    app.jinja_env.globals["name_of"] = app.jinja_env.filters["name_of"] = name_of
    app.jinja_env.filters["role_name"] = _namer(Role)
    for name, kind in _FUNCTIONS.items():
        app.jinja_env.globals[name] = _namer(kind)


def _namer(kind: type[StrEnum]) -> Any:
    return lambda word: name_of(kind(word))
