"""Writes what a request or a command did into the security log: what, to whom, who, when and from which session."""

from __future__ import annotations

import hashlib
import logging
from typing import Any

from flask import Flask, g, has_request_context, request, session
from flask_login import current_user
from limits import parse
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from solidarity.web.clock import now
from solidarity.web.db import SAFE_METHODS, db, rollback
from solidarity.web.rate_limits import keyed_hash, take
from stories import audit, database
from stories.audit.log import LONGEST_CODE
from stories.models import EventKind, Person, Story

SESSION_KEY = "desk"  # under which the cookie holds the key of its session
REFUSALS = parse("1 per hour")  # lines about one person and page
PATIENCE = 0.25  # seconds that a line waits for the database where its request does not
log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    """Write what waits once a request is answered."""
    app.before_request(_remember_session)
    app.after_request(_write_what_waits)


def write(kind: EventKind, about: Person | Story | None = None, *, by: Person | None = None, **facts: Any) -> None:
    """Append a line in the transaction of whom it is about, or of this request or command.

    The facts: see `stories.audit.record`.
    """
    own = db.session if about is None else database.session_of(about)
    if not has_request_context():
        facts["from_command"] = True
    by = by or _whoever_is_signed_in()
    audit.record(own, kind, by=by, at=now(), about=about, session_mark=session_mark(), **facts)


def write_afterwards(kind: EventKind, about: Person | None = None, **facts: Any) -> None:
    """Append a line once the request is answered, in a short transaction of its own.

    Where the database is busy or its disk is full the line is lost, and the log of the process says so: nobody is kept
    out because something cannot be written down.
    """
    by = _whoever_is_signed_in()
    line = {"kind": kind, "by": by.id if by else None, "about": about.id if about else None, "at": now(), **facts}
    g.setdefault("security_lines", []).append(line | {"session_mark": session_mark()})


def session_mark() -> str:
    """What tells the session of this request apart from others, and opens none; empty where there is none."""
    if not has_request_context():
        return ""
    if key := session.get(SESSION_KEY):
        g.session_mark = hashlib.sha256(f"mark of a session: {key}".encode()).hexdigest()[:12]
    return str(g.get("session_mark", ""))


def _remember_session() -> None:
    """Signing out clears the session before anybody writes that down."""
    if request.method not in SAFE_METHODS:
        session_mark()


def _whoever_is_signed_in() -> Person | None:
    if not has_request_context() or not current_user.is_authenticated:
        return None
    person: Person = current_user.person
    return person


def _write_what_waits(response: Response) -> Response:
    if response.status_code == 403 and not g.get("from_another_site"):
        _note_refusal()
    lines = g.pop("security_lines", [])
    if lines:
        rollback()  # whatever the request wanted kept is committed
        try:
            _write(lines)
        except SQLAlchemyError as error:
            lost = ", ".join(f"{line['kind']} (person {line['about']})" for line in lines)
            log.error("not written to the security log: %s; %s", lost, type(error).__name__)  # noqa: TRY400 - no trace
    return response


def _note_refusal() -> None:
    """Somebody was refused this page; a line an hour for each person and page, however often they ask."""
    person, page = _whoever_is_signed_in(), (request.endpoint or "")[:LONGEST_CODE]
    if person is None:
        return
    if take(REFUSALS, "refused", keyed_hash(f"{person.id} {page}")):
        write_afterwards(EventKind.REFUSED, page=page)


def _write(lines: list[dict[str, Any]]) -> None:
    with database.impatient(db.engine, PATIENCE) as own:
        for line in lines:
            people: dict[str, Any] = {
                name: own.get(Person, line[name]) if line[name] else None for name in ("by", "about")
            }
            facts = {name: fact for name, fact in line.items() if name not in {"kind", *people}}
            audit.record(own, line["kind"], **people, **facts)
