"""`flask tend`: the loop beside the server that publishes what is due, catches the index up,
finishes purges, delivers letters and counts searches in vain."""

from __future__ import annotations

import logging
import os
import signal
import threading

import click
from flask.cli import with_appcontext

from index import sync
from solidarity import empty_searches
from solidarity.letters import outbox
from solidarity.scheduled import publish_due
from solidarity.search_engine import engine
from solidarity.web.clock import now
from solidarity.web.db import db

EVERY = 3.0  # seconds
KINDNESS = 10  # what is tended can wait for a processor that readers want
log = logging.getLogger(__name__)


@click.command("tend")
@click.option("--once", is_flag=True, help="Do what is due and stop.")
@with_appcontext
def tend(once: bool) -> None:
    """Keep the site tended: publish what is due, catch the index up, finish purges, deliver letters, count."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if not once and hasattr(os, "nice"):
        os.nice(KINDNESS)
    while True:
        _tend_once()
        if once or stop.wait(EVERY):
            return


def _repair() -> None:
    if problem := sync.repair(db.session, engine()):
        log.warning("the index was made anew: %s", problem)


def _catch_up() -> None:
    sync.catch_up(db.session, engine(), wait=EVERY)


def _purge() -> None:
    sync.purge(engine())


def _deliver() -> None:
    outbox.deliver_due(now())


DUTIES = (publish_due, _repair, _catch_up, _purge, _deliver, empty_searches.collect)


def _tend_once() -> None:
    """One round. What fails is logged and tried again in the next one; the loop itself never ends by an error."""
    for duty in DUTIES:
        try:
            duty()
        except Exception:
            log.exception("tending failed; it is tried again in %s seconds", EVERY)
        finally:
            db.session.rollback()
            db.session.expunge_all()
