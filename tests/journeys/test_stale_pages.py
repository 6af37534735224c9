"""Two workers, the worker loop, readers without pause and a writer: nobody sees a page from before an answered change.

The same is tried with a server that believes what it was told of the state for five seconds: then it must be seen.
"""

from __future__ import annotations

import http.client
import itertools
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import factories as make
import pytest
from databases import Databases, connected
from factories import NOW
from running import ROOT, Site, free_port, start
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from visitor import Visitor

from index import engines, sync
from stories import database, editorial, guides
from stories.community import catalogue
from stories.community.catalogue import CatalogueEntry
from stories.guides.plan import GuidePlan, PhasePlan, StepPlan
from stories.models import Guide, Person, Role, Story, Theme
from stories.workflow import State

READERS = 4
HOUR = GuidePlan("One hour", "en", help_note="Stop.", phases=(PhasePlan("Talk", steps=(StepPlan("Talk", 20),)),))


@dataclass(frozen=True, eq=False)
class Fact:
    """What has been so since a change was answered: the status of an address, and which word stands there or not."""

    status: int
    word: str
    stands: bool


@dataclass
class Board:
    """The facts by address, and what readers found against them."""

    facts: dict[str, Fact] = field(default_factory=dict)
    stale: list[str] = field(default_factory=list)
    checked: int = 0

    def look(self, port: int) -> None:
        """Read every address once. What the writer began to change meanwhile is neither right nor wrong."""
        for address, fact in list(self.facts.items()):
            if self.facts.get(address) is not fact:
                continue
            status, text = read(port, address)
            if self.facts.get(address) is fact:
                self.checked += 1
                if (status, fact.word in text) != (fact.status, fact.stands):
                    self.stale.append(f"{address}: {status}, {fact}")


def read(port: int, address: str) -> tuple[int, str]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("GET", address)
        with connection.getresponse() as answer:
            return answer.status, answer.read().decode()


class Writer:
    """Changes what is public, in a process that is none of the server's, or over the site itself."""

    def __init__(self, site: Site, engine: Engine, board: Board) -> None:
        self.site, self.engine, self.board = site, engine, board
        self.index = engines.open(site.instance / "index")
        self.moderator = Visitor(site.url)
        self.moderator.sign_in(*site.sign_in_of("moderator"))

    @contextmanager
    def change(self, **facts: Fact) -> Iterator[Session]:
        """A transaction, after which the index is brought up to date, as a request does it; then the facts hold."""
        for address in facts:
            self.board.facts.pop(address, None)
        with database.writing(), Session(self.engine) as session:
            yield session
            session.commit()
        self._follow()
        self.board.facts.update(facts)

    def _follow(self) -> None:
        """Bring the index up to date, if it is not: where others write it for long, the site says that it follows."""
        with Session(self.engine) as session:
            level = sync.catch_up(session, self.index, wait=30.0)
        assert level.up_to_date, level.problem

    def live(self, number: int) -> None:
        """A story is published over the site, corrected, archived, restored, withdrawn; a guide and a theme too."""
        word = f"Lantern{number}x"
        lists = (
            "/en/",
            "/en/stories",
            "/api/v1/stories",
            f"/en/search?q={word}",
            "/sitemap-stories-1.xml",
            "/en/themes/lamps",
        )
        with self.change() as session:
            theme = session.scalar(select(Theme).where(Theme.slug == "lamps"))
            story = make.story_in(session, State.SUBMITTED, title=word, themes=(theme,))
            session.flush()
            story_id, revision, page = story.id, story.newest_revision.id, f"/en/stories/{story.slug}"
            slug = story.slug
        found = {address: Fact(200, slug, True) for address in lists}
        missing = {address: Fact(200, slug, False) for address in lists}
        self.board.facts.update(missing | {page: Fact(404, word, False)})
        time.sleep(0.2)

        for address in (*lists, page):
            self.board.facts.pop(address)
        self._approve(story_id, revision)
        self._follow()
        self.board.facts.update(found | {page: Fact(200, word, True)})
        time.sleep(0.2)
        self._correct(story_id, f"Corrected {word}", page)
        self._step(editorial.archive, story_id, **missing, **{page: Fact(200, "Corrected", True)})
        self._step(editorial.restore, story_id, **found, **{page: Fact(200, "Corrected", True)})
        self._guide(number)
        self._theme(f"Lamps{number}x")
        with self.change(**missing, **{page: Fact(404, "Corrected", False)}) as session:
            story = session.get_one(Story, story_id)
            editorial.withdraw(story, editorial.Scope.HIDE, by=story.submitter, at=NOW)
        time.sleep(0.2)
        for address in (page, f"/en/search?q={word}"):
            self.board.facts.pop(address)

    def _approve(self, story_id: int, revision: int) -> None:
        page = f"/en/moderating/stories/{story_id}"
        self.moderator.send(page, f"{page}/review", revision=str(revision))
        status, text = self.moderator.send(page, f"{page}/approval", revision=str(revision), when="now")
        assert status == 303, text

    def _correct(self, story_id: int, title: str, page: str) -> None:
        with self.change(**{page: Fact(200, title, True)}) as session:
            story, moderator = session.get_one(Story, story_id), make.person(session, Role.MODERATOR)
            words = make.words(title=title, themes=tuple(story.published_revision.themes))
            seen = story.published_revision.id
            editorial.correct(story, words, by=moderator, at=NOW, revision_id=seen, note="A word")
            editorial.confirm(story, by=story.submitter, at=NOW, revision_id=story.newest_revision.id)
            if story.submission.state is State.APPROVED:
                editorial.publish(story, by=moderator, at=NOW)
        time.sleep(0.1)

    def _step(self, verb: Any, story_id: int, **facts: Fact) -> None:
        with self.change(**facts) as session:
            moderator = make.person(session, Role.MODERATOR)
            verb(session.get_one(Story, story_id), by=moderator, at=NOW, note="Asked for")
        time.sleep(0.1)

    def _guide(self, number: int) -> None:
        title = f"Hour{number}x"
        with self.change(**{"/en/guides": Fact(200, title, True)}) as session:
            educator = make.person(session, Role.EDUCATOR)
            guide = guides.draft(session, replace(HOUR, title=title), by=educator, at=NOW)
            guides.publish(guide, by=educator, at=NOW)
            session.flush()
            guide_id, educator_id = guide.id, educator.id
        time.sleep(0.1)
        with self.change(**{"/en/guides": Fact(200, title, False)}) as session:
            guides.unpublish(session.get_one(Guide, guide_id), by=session.get_one(Person, educator_id), at=NOW)

    def _theme(self, name: str) -> None:
        with self.change(**{"/en/themes": Fact(200, name, True)}) as session:
            row = session.scalars(select(Theme).where(Theme.slug == "lamps")).one()
            catalogue.write(session, row, CatalogueEntry(name))
        time.sleep(0.1)


@contextmanager
def server(instance: Path, url: str, application: str) -> Iterator[int]:
    """Two more workers on the same instance, with another application; yields their port."""
    port = free_port()
    command = [
        sys.executable, "-m", "granian", "--interface", "rsgi", "--http", "1", "--no-ws", "--port", str(port),
        "--workers", "2", "--log-level", "warning", application,
    ]  # fmt: skip
    env = {
        **os.environ,
        "PYTHONPATH": f"{ROOT}:{Path(__file__).parent}",
        "INSTANCE_PATH": str(instance),
        "DATABASE_URL": url,
    }
    process = subprocess.Popen(command, cwd=ROOT, env=env)
    try:
        for _ in range(600):
            try:
                read(port, "/healthz")
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


def try_it(site: Site, engine: Engine, port: int, lives: int, *, until_stale: bool = False) -> Board:
    """Let readers read at a port without pause, while a writer takes stories through so many lives, or fewer."""
    board, over = Board(), threading.Event()

    def keep_looking() -> None:
        while not over.is_set():
            board.look(port)

    with database.writing(), Session(engine) as session:
        session.add(Theme(slug="lamps", name="Lamps"))
        session.commit()
    readers = [threading.Thread(target=keep_looking) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    try:
        writer = Writer(site, engine, board)
        for number in itertools.islice(itertools.count(1), lives):
            writer.live(number)
            if until_stale and board.stale:
                break
    finally:
        over.set()
        for reader in readers:
            reader.join()
    return board


@pytest.mark.parametrize("lives", [1, pytest.param(40, marks=pytest.mark.long)])
def test_no_reader_sees_a_page_from_before_an_answered_change(databases: Databases, tmp_path: Path, lives: int) -> None:
    with databases.blank(tmp_path / "instance") as url, connected(url) as engine:
        site = start(tmp_path / "instance", DATABASE_URL=url)
        try:
            board = try_it(site, engine, int(site.url.rpartition(":")[2]), lives)
        finally:
            site.stop()

    assert board.stale == []
    assert board.checked > 20 * lives


@pytest.mark.long
def test_without_the_look_at_the_state_they_do(databases: Databases, tmp_path: Path) -> None:
    with databases.blank(tmp_path / "instance") as url, connected(url) as engine:
        site = start(tmp_path / "instance", DATABASE_URL=url)
        try:
            with server(site.instance, url, "forgetful_site:app") as port:
                board = try_it(site, engine, port, 12, until_stale=True)
        finally:
            site.stop()

    assert board.stale != []
