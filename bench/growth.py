"""Measures what pages cost when they are made afresh, and how that grows with the site.

    python bench/growth.py INSTANCE [INSTANCE ...] [--rounds 9] [--only WORD]

Each INSTANCE is the folder of a site that is not running (`bench/fill.py` fills one). Its pages are asked for in
process, without the cache before Flask, in turn and in rounds, first while nothing changes, then with a story approved
before each. Printed as JSON lines are the median of the processor time and the number of statements of each, and in
the end the exponent with which a page grows from the smallest site to the largest: 0 where it does not, 1 where it
grows with the number of stories.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT)]

import sqlalchemy as sa  # noqa: E402 - the path comes first
from flask.testing import FlaskClient  # noqa: E402

from index import sync  # noqa: E402
from solidarity import related  # noqa: E402
from solidarity.factory import create_app  # noqa: E402
from solidarity.search_engine import engine  # noqa: E402
from solidarity.web.db import db  # noqa: E402
from stories import changes  # noqa: E402
from stories.models import Guide, RelatedKind, Story, Submission, Theme  # noqa: E402
from stories.workflow import State, Visibility  # noqa: E402

PER_PAGE = {"list": 20, "API": 100, "queue": 25, "shelf": 30}
APPROVAL = "approval, the form sent"
CHANGING = (APPROVAL, *(f"{name}, first after a change" for name in ("home", "list", "themes")))
OWN = {"Sec-Fetch-Site": "same-origin"}
Ask = Callable[[], None]
Asks = dict[str, Callable[[], Ask]]  # by name: what gets one ready, which is not counted


def main() -> None:
    """Measure every site in a process of its own, and print."""
    parser = argparse.ArgumentParser(description="Measures what pages cost afresh, and how that grows with the site.")
    parser.add_argument("instances", type=Path, nargs="+")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--only", default="", help="pages with this word in their name")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.here:
        _measure(wanted.instances[0], wanted.rounds, wanted.only)
        return
    sites = []
    for instance in wanted.instances:
        own = [str(instance), "--here", "--rounds", str(wanted.rounds), "--only", wanted.only]
        done = subprocess.run([sys.executable, __file__, *own], check=True, stdout=subprocess.PIPE, text=True)
        sites.append([json.loads(line) for line in done.stdout.splitlines()])
        print(done.stdout, end="", flush=True)
    if len(sites) > 1:
        _print_growth(min(sites, key=_size), max(sites, key=_size))


def _size(site: list[dict[str, Any]]) -> int:
    return int(site[0]["stories"])


def _print_growth(small: list[dict[str, Any]], large: list[dict[str, Any]]) -> None:
    times = math.log(_size(large) / _size(small))
    before = {row["page"]: row for row in small}
    for row in large:
        if (was := before.get(row["page"])) is not None:
            exponent = math.log(max(row["CPU ms"], 0.01) / max(was["CPU ms"], 0.01)) / times
            print(json.dumps({
                "page": row["page"], "exponent": round(exponent, 2),
                "CPU ms": [was["CPU ms"], row["CPU ms"]], "statements": [was["statements"], row["statements"]],
            }))  # fmt: skip


def _measure(instance: Path, rounds: int, only: str) -> None:
    os.environ |= {"INSTANCE_PATH": str(instance), "RATE_LIMITS": "no"}
    app = create_app()
    with app.app_context():
        stories = db.session.scalar(sa.select(sa.func.count()).where(Story.visibility == Visibility.PUBLIC)) or 0
        sync.catch_up(db.session, engine())
        _work_out_what_is_asked_for()
        asks = {name: ready for name, ready in _asks(app, instance, rounds + 2).items() if only in name}
        counter = Statements(db.engine)
        gc.collect()
        gc.freeze()  # as the processes of the server do
        db.session.rollback()
    taken: dict[str, list[tuple[float, int]]] = {name: [] for name in asks}
    lasting = [name for name in asks if name not in CHANGING]
    for names in (lasting, [name for name in asks if name in CHANGING]):
        for number in range(rounds + 2):
            for name in names:
                once = asks[name]()
                before, began = counter.count, time.process_time()
                once()
                if number > 1:  # the first two fill what is remembered
                    taken[name].append((time.process_time() - began, counter.count - before))
    for name, rows in taken.items():
        cpu, statements = statistics.median(cpu for cpu, _ in rows), statistics.median_low([n for _, n in rows])
        print(json.dumps({"stories": stories, "page": name, "CPU ms": round(cpu * 1000, 2), "statements": statements}))


def _work_out_what_is_asked_for() -> None:
    """What stands beside the stories that are measured, as the worker loop would have done by then."""
    session, state = db.session, changes.newest(db.session)
    related.work_out(session, [(RelatedKind.STORY, story.id) for story in _stories_shown()], state)


class Statements:
    """Counts what is sent to the database."""

    def __init__(self, of: sa.Engine) -> None:
        self.count = 0
        sa.event.listen(of, "before_cursor_execute", self._note)

    def _note(self, *_: Any) -> None:
        self.count += 1


def _asks(app: Any, instance: Path, rounds: int) -> Asks:
    """Pages that anybody may read, those of a moderator, and an approval."""
    reader, moderator = app.test_client(), app.test_client()
    _sign_in(moderator, instance)
    waiting = iter(_waiting(rounds))
    asks = {name: _get(reader, path) for name, path in _public().items()}
    asks |= {name: _get(moderator, path) for name, path in _moderators().items()}
    asks[APPROVAL] = lambda: _approve(moderator, next(waiting))
    return asks | {name: _get(reader, _public()[name.partition(", first")[0]]) for name in CHANGING[1:]}


def _sign_in(client: FlaskClient, instance: Path) -> None:
    page = "/en/account/sign-in"
    known = dict(line.split(None, 1) for line in (instance / "sample-sign-ins.txt").read_text().splitlines())
    email, password = known["moderator"].split()
    form = {"csrf_token": _token(client, page), "email": email, "password": password}
    answer = client.post(page, data=form, headers=OWN)
    _require(answer.status_code in {302, 303}, page, answer.status)


def _token(client: FlaskClient, page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(page).get_data(as_text=True))
    _require(found is not None, page, "no form")
    return found[1] if found else ""


def _get(client: FlaskClient, path: str) -> Callable[[], Ask]:
    def ask() -> None:
        answer = client.get(path)
        answer.get_data()
        _require(answer.status_code == 200, path, answer.status)

    return lambda: ask


def _approve(client: FlaskClient, story: tuple[int, int]) -> Ask:
    number, revision = story
    page = f"/en/moderating/stories/{number}"
    form = {"csrf_token": _token(client, page), "revision": revision}
    _require(client.post(f"{page}/review", data=form, headers=OWN).status_code == 303, page, "the review was refused")
    form |= {"csrf_token": _token(client, page), "when": "now"}

    def ask() -> None:
        answer = client.post(f"{page}/approval", data=form, headers=OWN)
        _require(answer.status_code == 303, page, answer.status)

    return ask


def _require(fine: bool, path: str, told: str) -> None:
    if not fine:
        raise SystemExit(f"{path}: {told}")


def _public() -> dict[str, str]:
    public = db.session.scalar(sa.select(sa.func.count()).where(Story.visibility == Visibility.PUBLIC)) or 0
    plain, told_twice = _stories_shown()
    guide = db.session.scalars(sa.select(Guide).where(Guide.language == "en").order_by(Guide.id.desc()).limit(1)).one()
    theme = db.session.scalars(sa.select(Theme).order_by(Theme.id).limit(1)).one()
    return {
        "about (the frame)": "/en/about",
        "story": f"/en/stories/{plain.slug}",
        "story with translations": f"/en/stories/{told_twice.slug}",
        "home": "/en/",
        "list": "/en/stories",
        "list, last page": f"/en/stories?page={_pages(public, 'list')}",
        "list of a language": "/en/stories?language=en",
        "theme": f"/en/themes/{theme.slug}",
        "themes": "/en/themes",
        "organisations": "/en/organisations",
        "guides": "/en/guides",
        "guide": f"/en/guides/{guide.slug}",
        "search, common word": "/en/search?q=people",
        "search, page 3": "/en/search?q=people&page=3",
        "search, rare word": "/en/search?q=tablecloth",
        "search, eight words": "/en/search?q=the+old+people+of+the+village+came+home",
        "search, misspelt word": "/en/search?q=hurricaine",
        "API, 100 a page": "/api/v1/stories?per_page=100",
        "API, last page": f"/api/v1/stories?per_page=100&page={_pages(public, 'API')}",
        "sitemap": "/sitemap.xml",
        "sitemap, a part": "/sitemap-stories-1.xml",
    }


def _stories_shown() -> tuple[Story, Story]:
    """The newest English story without translations, and the newest with some."""
    public = sa.select(Story).where(Story.visibility == Visibility.PUBLIC, Story.language == "en")
    newest = public.order_by(Story.id.desc()).limit(1)
    plain = db.session.scalars(newest.where(~Story.translations.any())).one()
    return plain, db.session.scalars(newest.where(Story.translations.any())).one()


def _moderators() -> dict[str, str]:
    waiting = db.session.scalar(sa.select(sa.func.count()).where(Submission.state == State.SUBMITTED)) or 0
    public = db.session.scalar(sa.select(sa.func.count()).where(Story.visibility == Visibility.PUBLIC)) or 0
    return {
        "queue": "/en/moderating",
        "queue, last page": f"/en/moderating?page={_pages(waiting, 'queue')}",
        "shelf": "/en/moderating/stories",
        "shelf, last page": f"/en/moderating/stories?page={_pages(public, 'shelf')}",
        "review": f"/en/moderating/stories/{_waiting(1)[0][0]}",
    }


def _pages(count: int, kind: str) -> int:
    return max(1, math.ceil(count / PER_PAGE[kind]))


def _waiting(count: int) -> list[tuple[int, int]]:
    newest_first = (
        sa.select(Submission.story_id, Submission.revision_id)
        .where(Submission.state == State.SUBMITTED)
        .order_by(Submission.id.desc())
    )
    return [(story, revision) for story, revision in db.session.execute(newest_first.limit(count))]


if __name__ == "__main__":
    main()
