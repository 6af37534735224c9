"""A disk that fills up, under a running site: everything can be read, nothing written is lost, and room is enough to
make all well again. Needs root, for a small file system in memory."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from running import Site, run_flask, start
from visitor import Visitor

SIZE, LOW = 48, 24  # megabytes: of the disk, and below which the site warns
pytestmark = pytest.mark.long
NEW = "/en/my/stories/new"
STORY = {"title": "The bell on the boat", "body": "One. " * 2_000, "language": "en", "whose": "own"}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}m", "tmpfs", folder],  # noqa: S607
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("no small disk can be made here: mounting a tmpfs needs root")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)  # noqa: S607


@pytest.fixture
def live(disk: Path) -> Iterator[Site]:
    site = start(disk / "instance", LOW_SPACE=str(LOW))
    yield site
    site.stop()


@pytest.fixture
def leader(live: Site) -> Visitor:
    return signed_in(live, "leader")


def signed_in(site: Site, role: str) -> Visitor:
    visitor = Visitor(site.url)
    visitor.sign_in(*site.sign_in_of(role))
    return visitor


def fill(disk: Path, leave: int) -> None:
    """Leave only so many bytes free."""
    # Unbuffered: a buffer that found no room is written again when the file is closed, and fails there.
    with (disk / "filler").open("ab", buffering=0) as file:
        facts = os.statvfs(disk)
        try:
            file.write(bytes(max(0, facts.f_bavail * facts.f_frsize - leave)))
        except OSError:  # the site wrote something meanwhile, and it is full a little earlier
            assert leave == 0


def ready(site: Site) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(Visitor(site.url).get("/readyz")[1])
    return found


def until_ready(site: Site) -> dict[str, dict[str, str]]:
    """What /readyz says once there are no problems any more."""
    end = time.monotonic() + 60
    while (found := ready(site))["problems"] and time.monotonic() < end:
        time.sleep(0.5)
    return found


def until_logged(disk: Path, words: str) -> bool:
    """Whether the log of the site says something within a minute."""
    end = time.monotonic() + 60
    while words not in (log := (disk / "instance.log").read_text()) and time.monotonic() < end:
        time.sleep(0.5)
    return words in log


def test_little_space_is_told_before_there_is_none(disk: Path, live: Site) -> None:
    assert ready(live) == {"ready": True, "problems": {}, "warnings": {}}
    steward = signed_in(live, "steward")
    fill(disk, leave=LOW * 1024 * 1024 // 2)

    assert ready(live) == {"ready": True, "problems": {}, "warnings": {"disk": "little space left"}}
    page = steward.get("/en/stewarding/state")[1]
    assert f"Only {LOW // 2} MB are left on the disk." in page
    assert "Something on this site needs attention." in steward.get("/en/stewarding/people")[1]


def test_a_full_disk_keeps_nobody_from_reading_and_loses_no_word(disk: Path, live: Site, leader: Visitor) -> None:
    fill(disk, leave=0)
    answers = [leader.send(NEW, **STORY) for _ in range(3)]
    reader = Visitor(live.url)

    assert [status for status, _ in answers] == [507] * 3
    assert "The disk of this site is full." in answers[0][1]
    assert STORY["title"] in answers[0][1]
    assert STORY["body"] in answers[0][1]
    assert [reader.get(path)[0] for path in ("/en/", "/en/stories", "/en/search?q=rice", "/en/search?q=qqqq")] == [
        200
    ] * 4
    assert ready(live)["problems"] == {"disk": "full"}
    assert "The disk is full" in signed_in(live, "steward").get("/en/stewarding/state")[1]


def test_a_decision_that_was_answered_is_kept_and_one_that_was_not_is_not_made(disk: Path, live: Site) -> None:
    fill(disk, leave=0)
    moderator = signed_in(live, "moderator")
    number = re.findall(r'href="/en/moderating/stories/(\d+)"', moderator.get("/en/moderating")[1])[0]
    page = f"/en/moderating/stories/{number}"
    revision = re.findall(r'name="revision"[^>]* value="(\d+)"', moderator.get(page)[1])[0]

    assert moderator.send(page, f"{page}/review", revision=revision)[0] == 507
    assert moderator.get(page)[0] == 200


def test_who_signed_in_on_a_full_disk_can_sign_out_again_and_is_seen_once_there_is_room(disk: Path, live: Site) -> None:
    fill(disk, leave=0)
    steward, other = signed_in(live, "steward"), signed_in(live, "steward")
    assert "This browser" not in steward.get("/en/account/sessions")[1]
    assert other.send("/en/account/sessions", "/en/account/sign-out")[0] in {302, 303}
    assert other.get("/en/account/sessions")[0] == 302, "it leads to signing in"
    (disk / "filler").unlink()
    until_ready(live)
    steward.get("/en/account")

    assert "This browser" in steward.get("/en/account/sessions")[1]


def test_once_there_is_room_everything_works_by_itself(disk: Path, live: Site, leader: Visitor) -> None:
    fill(disk, leave=0)
    assert leader.send(NEW, **STORY)[0] == 507
    assert until_logged(disk, "disk full")
    (disk / "filler").unlink()

    assert leader.send(NEW, **STORY)[0] == 303
    assert until_ready(live) == {"ready": True, "problems": {}, "warnings": {}}
    assert run_flask(live.instance, "index", "check").returncode == 0
    assert until_logged(disk, "all is well again")
    log = (disk / "instance.log").read_text()
    assert log.count("Traceback") < 10, "what fails in every round is logged once"


def test_a_site_that_starts_on_a_full_disk_says_so_and_needs_no_second_start(disk: Path, live: Site) -> None:
    live.stop()
    fill(disk, leave=0)
    again = start(live.instance, port=int(live.url.rpartition(":")[2]), status=503, LOW_SPACE=str(LOW))
    try:
        status, page = Visitor(again.url).get("/en/stories")  # SQLite needs a little room to open its journal
        assert (status, "The disk of this site is full." in page) == (507, True)
        assert ready(again)["problems"]["disk"] == "full"
        (disk / "filler").unlink()
        assert Visitor(again.url).get("/en/stories")[0] == 200
        assert until_ready(again) == {"ready": True, "problems": {}, "warnings": {}}
    finally:
        again.stop()
