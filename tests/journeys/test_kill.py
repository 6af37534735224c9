"""The power goes in the middle of approvals: nothing that was answered is lost, and the next start mends the index."""

from __future__ import annotations

import random
import threading
import time
from pathlib import Path

import factories as make
import pytest
from databases import Databases, connected
from running import Site, run_flask, start
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session
from visitor import Visitor

from stories import database
from stories.models import Revision, Story
from stories.workflow import State, Visibility


def submitted(engine: Engine, number: int) -> list[int]:
    """Stories that wait for a moderator, made in the database of the site; returns their numbers."""
    with database.writing(), Session(engine) as session:
        leader = make.person(session)
        stories = [make.story_in(session, State.SUBMITTED, by=leader, title=f"Lantern {n}") for n in range(number)]
        session.commit()
        return [story.id for story in stories]


def approve(site: Site, engine: Engine, numbers: list[int], answered: list[int]) -> None:
    """Approve one story after the other until the site is gone; note each one that was answered."""
    try:
        moderator = Visitor(site.url)
        moderator.sign_in(*site.sign_in_of("moderator"))
        for number in numbers:
            page = f"/en/moderating/stories/{number}"
            moderator.send(page, f"{page}/review", revision=newest_revision(engine, number))
            status, text = moderator.send(
                page, f"{page}/approval", revision=newest_revision(engine, number), when="now"
            )
            assert status == 303, text
            answered.append(number)
    except OSError:
        return


def newest_revision(engine: Engine, number: int) -> str:
    with Session(engine) as session:
        return str(session.scalar(select(func.max(Revision.id)).where(Revision.story_id == number)))


def published(engine: Engine) -> set[int]:
    with Session(engine) as session:
        return set(session.scalars(select(Story.id).where(Story.visibility == Visibility.PUBLIC)))


@pytest.mark.parametrize("kills", [1, pytest.param(30, marks=pytest.mark.long)])
def test_no_answered_approval_is_lost_and_the_index_mends_itself(
    databases: Databases, tmp_path: Path, kills: int
) -> None:
    instance = tmp_path / "instance"
    with databases.blank(instance) as url, connected(url) as engine:
        kill_again_and_again(instance, url, engine, kills)


def kill_again_and_again(instance: Path, url: str, engine: Engine, kills: int) -> None:
    site = start(instance, DATABASE_URL=url)
    numbers = submitted(engine, 20 + 12 * kills)
    answered: list[int] = []
    for _ in range(kills):
        waiting = [number for number in numbers if number not in published(engine)]
        thread = threading.Thread(target=approve, args=(site, engine, waiting, answered))
        thread.start()
        before = len(answered)
        while len(answered) == before and thread.is_alive():
            time.sleep(0.01)
        time.sleep(random.uniform(0, 0.6))
        site.kill()
        thread.join()
        site = start(instance, DATABASE_URL=url)

    missing = set(answered) - published(engine)
    compared = run_flask(instance, "index", "check", DATABASE_URL=url)
    status, text = Visitor(site.url).get("/api/v1/search?q=lantern&per_page=1")
    site.stop()

    assert (missing, compared.returncode) == (set(), 0), compared.stdout
    assert status == 200
    assert len(answered) >= kills
    assert f'"total":{len(published(engine) & set(numbers))}' in text.replace(" ", "").replace("\n", "")
