"""What a machine that watches the site is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import factories as make
import pytest
from databases import Databases
from flask import Flask
from flask.testing import FlaskClient

from solidarity import search_engine
from solidarity.config import Settings
from solidarity.factory import create_app
from solidarity.web.db import db


def test_an_empty_migrated_instance_is_ready(client: FlaskClient) -> None:
    assert (client.get("/healthz").status_code, client.get("/healthz").get_json()) == (200, {"alive": True})
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()) == (200, {"ready": True, "problems": {}})
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


def test_an_instance_is_not_ready_while_its_index_is_behind(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        make.published(db.session)
        db.session.commit()

    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert list(answer.get_json()["problems"]) == ["catching up"]

    with app.app_context():
        search_engine.catch_up()
    assert client.get("/readyz").status_code == 200


@pytest.fixture
def blank(settings: Settings, databases: Databases, tmp_path: Path) -> Iterator[Flask]:
    """A site whose database has no table yet."""
    with databases.blank(tmp_path / "blank") as url:
        app = create_app(replace(settings, database_url=url))
        yield app
        with app.app_context():
            db.engine.dispose()


def test_an_instance_that_was_not_migrated_is_not_ready_but_lives(blank: Flask) -> None:
    client = blank.test_client()

    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["problems"]["database"] == "not migrated: run flask db upgrade"
