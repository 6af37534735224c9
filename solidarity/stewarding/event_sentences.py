"""Says in the reader's language what a line of the security log tells of."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask import current_app
from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from solidarity.web import form_recovery
from solidarity.web.filters import join_list
from solidarity.web.labels import name_of
from stories.models import Event, EventKind, Purpose, Role
from stories.workflow import Verb

SENTENCES: dict[EventKind, Any] = {
    EventKind.SIGNED_IN: _l("%(whom)s signed in."),
    EventKind.SIGN_IN_FAILED: _l("A sign-in as %(whom)s failed."),
    EventKind.SIGNED_OUT: _l("%(whom)s signed out."),
    EventKind.SESSION_ENDED: _l("A session of %(whom)s was ended."),
    EventKind.SESSIONS_ENDED: _l("All sessions of %(whom)s were ended."),
    EventKind.PASSWORD_CHANGED: _l("The password of %(whom)s was changed."),
    EventKind.ADDRESS_CHANGED: _l("The e-mail address of %(whom)s was changed."),
    EventKind.NAME_CORRECTED: _l("The name of %(whom)s was corrected."),
    EventKind.ROLE_GRANTED: _l("%(who)s gave %(whom)s the role “%(role)s”."),
    EventKind.ROLE_REVOKED: _l("%(who)s took the role “%(role)s” from %(whom)s."),
    EventKind.INVITED: _l("%(who)s invited %(whom)s."),
    EventKind.ACCOUNT_CLOSED: _l("The account of %(whom)s was closed."),
    EventKind.ACCOUNT_REOPENED: _l("The account of %(whom)s was opened again."),
    EventKind.ACCOUNT_DELETED: _l("The account of %(whom)s was deleted."),
    EventKind.FACTOR_SET: _l("A second step of signing in was set up for %(whom)s."),
    EventKind.FACTOR_REMOVED: _l("A second step of signing in was removed for %(whom)s."),
    EventKind.RECOVERY_CODES_MADE: _l("New recovery codes were made for %(whom)s."),
    EventKind.RECOVERY_CODE_USED: _l("A recovery code of %(whom)s was used."),
    EventKind.REFUSED: _l("%(who)s was refused what their roles do not open: %(page)s"),
    EventKind.DATA_EXPORTED: _l("The data of %(whom)s was exported."),
    EventKind.LOG_EXPORTED: _l("%(who)s exported this log."),
    EventKind.LOG_ACCEPTED: _l("This log was taken as it stood, whatever was wrong with it."),
    EventKind.SETTINGS_CHANGED: _l("These settings of the site were changed: %(names)s"),
    EventKind.STORIES_IMPORTED: _l("Stories were imported: %(count)s."),
    EventKind.INDEX_PURGED: _l("What was withdrawn was removed from the search files."),
    EventKind.STEP_TAKEN: _l("Story %(story)s: %(step)s"),
    EventKind.CONSENT_RECORDED: _l("Story %(story)s, the teller’s answer: %(answer)s"),
}
RENAMED = _l("The name of %(whom)s was changed: they were called “%(before)s” before.")
_VARIABLE = re.compile("/<[^>]*>")
NO_ACCOUNT = _l("A sign-in with an address that nobody has here failed.")
NAMED = _l("%(name)s (number %(number)s)")
OTHER_SESSIONS = _l("All other sessions of %(whom)s were ended.")
FIRST_SETTINGS = _l("The settings of the site were noted for the first time.")


def sentence(event: Event, names: dict[int, str]) -> tuple[Markup, str]:
    """What happened, and who did it where that is not said already and is somebody else than whom it is about."""
    words, values = _words(event), _values(event, names)
    told = Markup(str(words)) % values  # noqa: S704 - our own words; the values are escaped
    said = "%(who)s" in str(words) or (event.by_id in {None, event.person_id} and not event.details.get("from_command"))
    return told, "" if said else _who(event, names)


def _words(event: Event) -> Any:
    if event.kind is EventKind.SIGN_IN_FAILED and event.person_id is None:
        return NO_ACCOUNT
    if event.kind is EventKind.SETTINGS_CHANGED and event.details.get("first"):
        return FIRST_SETTINGS
    if event.kind is EventKind.SESSIONS_ENDED and event.details.get("but_one"):
        return OTHER_SESSIONS
    return RENAMED if before(event) else SENTENCES[event.kind]


def before(event: Event) -> str:
    """What somebody was called before, where this line says it; the words of other lines are not shown."""
    return event.text if event.kind is EventKind.NAME_CORRECTED else ""


def _values(event: Event, names: dict[int, str]) -> dict[str, Markup]:
    values: dict[str, Any] = {
        "who": _who(event, names),
        "whom": _person(event.person_id, names),
        "story": event.story_id,
        "before": before(event),
    }
    if event.kind in _FACTS:
        values |= _FACTS[event.kind](event.details)
    for name in ("who", "whom"):
        if str(_words(event)).startswith(f"%({name})s") and not isinstance(values[name], Markup):
            values[name] = values[name][:1].upper() + values[name][1:]  # our own word, which begins a sentence
    return {name: _alone(value) for name, value in values.items()}


def _alone(value: Any) -> Markup:
    """A value in a direction of its own; escaped."""
    if isinstance(value, Markup):
        return value
    return Markup("<bdi>{}</bdi>").format(
        "" if value is None else format_decimal(value) if isinstance(value, int) else value
    )


def _who(event: Event, names: dict[int, str]) -> str:
    if event.by_id is None:
        return str(_("the command line") if event.details.get("from_command") else _("the site"))
    return _person(event.by_id, names)


def _person(number: int | None, names: dict[int, str]) -> str:
    """A name and its number, which nobody can choose: it tells who took a name from whoever has it. Or our own word."""
    if number is None:
        return str(_("somebody"))
    if not (name := names.get(number)):
        return str(_("somebody who is no longer here (number %(number)s)", number=number))
    values = {"name": _alone(name), "number": _alone(str(number))}
    return Markup("<bdi>{}</bdi>").format(Markup(str(NAMED)) % values)  # noqa: S704 - our own words


def numbered(number: int, name: str) -> str:
    """Name and number as plain text, for an option of a list."""
    if not name:
        return str(_("somebody who left (number %(number)s)", number=number))
    name = f"\N{FIRST STRONG ISOLATE}{name}\N{POP DIRECTIONAL ISOLATE}"
    return str(NAMED % {"name": name, "number": number})


# --- the facts of some kinds; a code that is no longer known stands for itself


def _known(kind: Any, code: Any) -> str:
    try:
        return name_of(kind(code))
    except ValueError:
        return str(code)


def _page(endpoint: str) -> Any:
    """A page by the words of the step that is taken there, else by its address without language and numbers."""
    if step := form_recovery.step_of(endpoint).name:
        return str(step)
    rules = [rule.rule for rule in current_app.url_map.iter_rules() if rule.endpoint == endpoint]
    address = _VARIABLE.sub("", rules[0]) if rules else endpoint
    return Markup('<bdi dir="ltr">{}</bdi>').format(address)


def _answer(facts: dict[str, Any]) -> dict[str, Any]:
    purpose = _known(Purpose, facts.get("purpose"))
    return {
        "answer": _("yes: %(purpose)s", purpose=purpose)
        if facts.get("granted")
        else _("no: %(purpose)s", purpose=purpose)
    }


_FACTS: dict[EventKind, Callable[[dict[str, Any]], dict[str, Any]]] = {
    EventKind.ROLE_GRANTED: lambda facts: {"role": _known(Role, facts.get("role"))},
    EventKind.ROLE_REVOKED: lambda facts: {"role": _known(Role, facts.get("role"))},
    EventKind.SETTINGS_CHANGED: lambda facts: {"names": join_list(name.upper() for name in facts.get("names", []))},
    EventKind.STORIES_IMPORTED: lambda facts: {"count": facts.get("added", 0)},
    EventKind.REFUSED: lambda facts: {"page": _page(facts.get("page", ""))},
    EventKind.STEP_TAKEN: lambda facts: {"step": _known(Verb, facts.get("verb"))},
    EventKind.CONSENT_RECORDED: _answer,
}
