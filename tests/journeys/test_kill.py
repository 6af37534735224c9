"""The power goes in the middle of approvals: nothing that was answered is lost, and the next start mends the index."""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import factories as make
import pytest
import sqlalchemy
from running import Site, run_flask, start
from sqlalchemy.orm import Session
from visitor import Visitor

from stories import database
from stories.workflow import State


def submitted(instance: Path, number: int) -> list[int]:
    """Stories that wait for a moderator, made in the database of the instance; returns their numbers."""
    engine = database.prepare(sqlalchemy.create_engine(f"sqlite:///{instance / 'stories.sqlite'}"))
    with database.writing(), Session(engine) as session:
        leader = make.person(session)
        stories = [make.story_in(session, State.SUBMITTED, by=leader, title=f"Lantern {n}") for n in range(number)]
        session.commit()
        numbers = [story.id for story in stories]
    engine.dispose()
    return numbers


def approve(site: Site, numbers: list[int], answered: list[int]) -> None:
    """Approve one story after the other until the site is gone; note each one that was answered."""
    try:
        moderator = Visitor(site.url)
        moderator.sign_in(*site.sign_in_of("moderator"))
        for number in numbers:
            page = f"/en/moderating/stories/{number}"
            moderator.send(page, f"{page}/review", revision=revision_of(site, number))
            status, text = moderator.send(page, f"{page}/approval", revision=revision_of(site, number), when="now")
            assert status == 303, text
            answered.append(number)
    except OSError:
        return


def revision_of(site: Site, number: int) -> str:
    with closing(sqlite3.connect(site.instance / "stories.sqlite")) as connection:
        return str(connection.execute("SELECT max(id) FROM revisions WHERE story_id = ?", [number]).fetchone()[0])


def published(instance: Path) -> set[int]:
    with closing(sqlite3.connect(instance / "stories.sqlite")) as connection:
        return {row[0] for row in connection.execute("SELECT id FROM stories WHERE visibility = 'public'")}


@pytest.mark.parametrize("kills", [2, pytest.param(30, marks=pytest.mark.long)])
def test_no_answered_approval_is_lost_and_the_index_mends_itself(tmp_path: Path, kills: int) -> None:
    instance = tmp_path / "instance"
    site = start(instance)
    numbers = submitted(instance, 20 + 12 * kills)
    answered: list[int] = []
    for _ in range(kills):
        waiting = [number for number in numbers if number not in published(instance)]
        thread = threading.Thread(target=approve, args=(site, waiting, answered))
        thread.start()
        before = len(answered)
        while len(answered) == before and thread.is_alive():
            time.sleep(0.01)
        time.sleep(random.uniform(0, 0.6))
        site.kill()
        thread.join()
        site = start(instance)

    missing = set(answered) - published(instance)
    compared = run_flask(instance, "index", "check")
    status, text = Visitor(site.url).get("/api/v1/search?q=lantern&per_page=1")
    site.stop()

    assert (missing, compared.returncode) == (set(), 0), compared.stdout
    assert status == 200
    assert len(answered) >= kills
    assert f'"total":{len(published(instance) & set(numbers))}' in text.replace(" ", "").replace("\n", "")
