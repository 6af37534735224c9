"""`flask tend`: the loop beside the server that publishes what is due, catches the index up,
finishes purges, delivers letters, counts searches in vain, removes sessions that have ended, renews the statistics of
the database and watches over the security log."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable

import click
from flask.cli import with_appcontext

from index import sync
from solidarity import empty_searches, health_checks, log_watch
from solidarity.accounts.sessions import remove_expired
from solidarity.letters import outbox
from solidarity.process_parents import Parents
from solidarity.related import work_out_due
from solidarity.scheduled import publish_due
from solidarity.search_engine import engine
from solidarity.web import rate_limits
from solidarity.web.clock import now
from solidarity.web.db import db
from stories import upkeep
from stories.processes import Processes
from stories.storage import trouble

EVERY = 3.0  # seconds
STATISTICS_EVERY = 3_600.0
KINDNESS = 10  # what is tended can wait for a processor that readers want
log = logging.getLogger(__name__)


@click.command("tend")
@click.option("--once", is_flag=True, help="Do what is due and stop.")
@with_appcontext
def tend(once: bool) -> None:
    """Keep the site tended: publish what is due, catch the index up, finish purges, deliver letters, count."""
    if once:
        _tend_once()
    else:
        follow()


def follow() -> None:
    """Tend the site until told to stop, or until whoever started this process is gone."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if hasattr(os, "nice"):
        os.nice(KINDNESS)
    parents = Parents()
    while True:
        _tend_once()
        if stop.wait(EVERY) or not parents.are_there:
            return


def _repair() -> None:
    if problem := sync.repair(db.session, engine()):
        log.warning("the index was made anew: %s", problem)


def _catch_up() -> None:
    with Processes() as processes:
        _tell("search", sync.catch_up(db.session, engine(), wait=EVERY, processes=processes).problem, log.warning)


def _purge() -> None:
    sync.purge(engine())


def _deliver() -> None:
    outbox.deliver_due(now())


def _watch_disk() -> None:
    """Warn before the disk is full, and again when it is; not in every round."""
    _tell("disk", "; ".join(f"{one.kind}: {one.detail}" for one in health_checks.disk()), log.warning)


def _watch_log() -> None:
    _tell("security log", log_watch.follow(), log.error)


def _renew_statistics() -> None:
    """Once an hour; where a writer is at work, in the next round."""
    now_is = time.monotonic()
    if now_is >= _due.get("statistics", now_is) and upkeep.renew_statistics(db.engine):
        _due["statistics"] = now_is + STATISTICS_EVERY


DUTIES = (
    _watch_disk, publish_due, _repair, _catch_up, work_out_due, _purge, _deliver,
    empty_searches.collect, rate_limits.forget_yesterday, remove_expired, _watch_log,
    _renew_statistics,
)  # fmt: skip
_due: dict[str, float] = {}  # when what is not done in every round is to be done next
_told: dict[str, str] = {}  # what was said last of each duty that is in trouble


def _tend_once() -> None:
    """One round. What fails is logged and tried again in the next one; the loop itself never ends by an error."""
    for duty in DUTIES:
        try:
            duty()
            if duty is not _watch_disk:
                _tell(duty.__name__, "", log.warning)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other duties are done
            of_the_disk = trouble(error)  # which is no place then for a long account of it
            told = f"the disk is {of_the_disk.value}" if of_the_disk else f"{type(error).__name__}: {error}"
            _tell(duty.__name__, told, log.warning if of_the_disk else log.exception)
        finally:
            db.session.rollback()
            db.session.expunge_all()


def _tell(duty: str, trouble: str, how: Callable[..., None]) -> None:
    """Log trouble once, not every few seconds, for a log must not fill a disk; and that it is over."""
    before = _told.pop(duty, "")
    if trouble:
        _told[duty] = trouble
    if trouble and trouble != before:
        how("%s: %s; it is tried again every %s seconds", duty.strip("_"), trouble, EVERY)
    elif before and not trouble:
        log.warning("%s: all is well again", duty.strip("_"))
