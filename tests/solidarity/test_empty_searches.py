"""A search that found nothing is counted: without words, without a person, and without making anybody wait."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

import factories as make
import pages
import pytest
from flask import Flask
from flask.testing import FlaskClient
from rivals import writer
from sqlalchemy import select
from sqlalchemy.orm import Session

from solidarity import empty_searches
from solidarity.web.clock import now
from stories.models import EmptySearch, Role


@pytest.fixture
def folder(app: Flask) -> Path:
    return app.config["SETTINGS"].instance_path / "searches-in-vain"


def counted(site: Session) -> dict[str, int]:
    """What the next round of tending makes of it: searches of today by language."""
    site.rollback()
    empty_searches.collect()
    site.expire_all()
    rows = site.scalars(select(EmptySearch)).all()
    assert {row.day for row in rows} <= {now().date()}
    return {row.language: row.count for row in rows}


def test_searches_in_vain_are_counted_by_the_language_of_the_page(client: FlaskClient, site: Session) -> None:
    for path in ("/en/search?q=zzzqqq", "/en/search?q=yyyqqq&theme=none", "/zh-Hant/search?q=zzzqqq"):
        assert client.get(path).status_code == 200
    assert counted(site) == {"en": 2, "zh-Hant": 1}

    client.get("/en/search?q=zzzqqq")
    assert counted(site) == {"en": 3, "zh-Hant": 1}


def test_only_whole_searches_of_people_are_counted(client: FlaskClient, site: Session) -> None:
    for path in ("/en/search", "/en/search?theme=none", "/en/search?q=zzzqqq&page=2", "/api/v1/search?q=zzzqqq",
                 "/api/v1/suggestions?q=zzzqqq", "/en/stories?theme=none"):  # fmt: skip
        assert client.get(path).status_code == 200
    client.head("/en/search?q=zzzqqq")
    assert counted(site) == {}


def test_no_word_of_a_search_is_kept_anywhere(app: Flask, client: FlaskClient, site: Session, folder: Path) -> None:
    client.get(
        "/en/search?q=zzzqqq", headers={"User-Agent": "Quillwort/1"}, environ_base={"REMOTE_ADDR": "203.0.113.7"}
    )

    assert [path.read_bytes() for path in folder.iterdir()] == [b"."]
    assert counted(site) == {"en": 1}
    kept = b"".join(path.read_bytes() for path in folder.parent.rglob("*") if path.is_file())
    assert not any(trace in kept for trace in (b"zzzqqq", b"Quillwort", b"203.0.113.7"))


def test_a_busy_database_delays_no_reader(app: Flask, client: FlaskClient, site: Session) -> None:
    client.get("/en/search?q=warm")
    site.rollback()
    with writer(app.config["SETTINGS"].database_url):
        began = perf_counter()
        status = client.get("/en/search?q=zzzqqq").status_code
        took = perf_counter() - began

    assert (status, took < 2) == (200, True)
    assert counted(site) == {"en": 2}


def test_a_folder_that_cannot_be_written_fails_no_page(client: FlaskClient, folder: Path) -> None:
    folder.write_text("in the way")

    assert client.get("/en/search?q=zzzqqq").status_code == 200


def test_what_an_earlier_round_left_is_counted_too(client: FlaskClient, site: Session, folder: Path) -> None:
    client.get("/en/search?q=zzzqqq")
    (noted,) = folder.iterdir()
    noted.rename(f"{noted}~")
    client.get("/en/search?q=zzzqqq")

    assert counted(site) == {"en": 2}
    assert list(folder.iterdir()) == []


def test_the_steward_sees_four_weeks(client: FlaskClient, site: Session) -> None:
    pages.sign_in(client, pages.account(site, make.person(site, Role.STEWARD)))
    site.commit()
    assert "No search was in vain" in client.get("/en/stewarding/searches").text

    for _ in range(3):
        client.get("/ur/search?q=zzzqqq")
    assert counted(site) == {"ur": 3}

    shown = client.get("/en/stewarding/searches").text
    assert "<div><dt><bdi>اردو</bdi></dt><dd>3</dd></div>" in shown
    assert "<td><bdi>اردو</bdi></td><td>3</td>" in shown
