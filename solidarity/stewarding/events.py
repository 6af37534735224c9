"""The security log, for stewards: who did what, when; and whether it is whole."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Response, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from solidarity import log_watch
from solidarity.letters import invitations
from solidarity.stewarding import chain_faults
from solidarity.stewarding.blueprint import blueprint
from solidarity.stewarding.event_sentences import before as called_before
from solidarity.stewarding.event_sentences import numbered, sentence
from solidarity.stewarding.forms import EventFilterForm
from solidarity.web import db, locales, query_params, security_log
from solidarity.web.clock import now
from solidarity.web.form_recovery import not_resendable
from solidarity.web.permissions import roles_required
from stories import queries
from stories.models import Event, EventKind, Role
from stories.queries import EventFilter
from stories.queries.events import PAGE

LAST_POSITION = 2**31 - 1
EXPORTED = 500  # lines that are read together
SHOWN_FAULTS = 10
COLUMNS = (
    "position", "time", "kind", "by number", "by", "about number", "about", "called before", "story", "facts",
    "session",
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """An event as it is shown: in words, with who did it where the words do not say so."""

    event: Event
    words: Any
    by: str


@blueprint.get("/stewarding/events")
@roles_required(Role.STEWARD)
def events() -> str:
    """A page of the log, the newest first, with what narrows it and a word on the chain."""
    form = _form()
    before = query_params.whole(request.args.get("before", ""), LAST_POSITION)
    found = queries.events(db.session(), form.wanted(now()), before=before, limit=PAGE + 1)
    older = found[PAGE - 1].position if len(found) > PAGE else None
    watch = log_watch.known()
    return render_template(
        "stewarding/events.html",
        form=form,
        lines=_lines(found[:PAGE]),
        is_first=before is None,
        newest=_address(form),
        older=_address(form, before=older) if older else None,
        watch=watch,
        faults=[chain_faults.told(fault) for fault in watch.faults[:SHOWN_FAULTS]],
    )


@blueprint.post("/stewarding/events/export")
@roles_required(Role.STEWARD)
@not_resendable(_l("Export the security log"))
def export_events() -> Response:
    """All lines that are wanted, as CSV, the newest first. That it was exported is a line itself."""
    wanted = _form().wanted(now())
    security_log.write(EventKind.LOG_EXPORTED)
    db.commit()
    name = f"security-log-{now():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(_csv(db.db.engine, wanted), mimetype="text/csv", headers=headers)


def _form() -> EventFilterForm:
    accounts = invitations.everybody(db.session(), locales.current().tag)
    here = {account.person_id: account.person.name for account in accounts}
    gone = {number: name for number, name in sorted(queries.people_in(db.session()).items()) if number not in here}
    return EventFilterForm.of_address([(number, numbered(number, name)) for number, name in (here | gone).items()])


def _address(form: EventFilterForm, **more: Any) -> str:
    return url_for("stewarding.events", **form.parameters, **more)


def _lines(found: Any) -> list[Line]:
    names = queries.names_of(db.session(), found)
    return [Line(event, *sentence(event, names)) for event in found]


# --- CSV


def _csv(engine: Engine, wanted: EventFilter) -> Iterator[str]:
    """Line by line, as far as it is read; no transaction stands open while somebody reads slowly."""
    yield "\ufeff" + _row(COLUMNS)  # without the mark spreadsheets take UTF-8 for something else
    before = None
    while part := _part(engine, wanted, before):
        yield "".join(_row(values) for values in part)
        before = part[-1][0]


def _part(engine: Engine, wanted: EventFilter, before: int | None) -> list[tuple[Any, ...]]:
    with Session(engine) as own:
        found = queries.events(own, wanted, before=before, limit=EXPORTED)
        names = queries.names_of(own, found)
        return [_values(event, names) for event in found]


def _values(event: Event, names: dict[int, str]) -> tuple[Any, ...]:
    facts = json.dumps(event.details, sort_keys=True, ensure_ascii=False) if event.details else ""
    by, about = ((number or "", _harmless(names.get(number or 0, ""))) for number in (event.by_id, event.person_id))
    what = (event.position, event.at.isoformat(timespec="seconds"), event.kind.value)
    return (*what, *by, *about, _harmless(called_before(event)), event.story_id or "", facts, event.session_mark)


def _harmless(value: Any) -> Any:
    """A name that a spreadsheet would calculate is text."""
    return f"'{value}" if str(value).startswith(("=", "+", "-", "@", "\t", "\r")) else value


def _row(values: tuple[Any, ...]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(values)
    return line.getvalue()
