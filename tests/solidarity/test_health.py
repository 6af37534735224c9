"""What a machine that watches the site is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import factories as make
import pages
import pytest
from databases import Databases
from flask import Flask
from flask.testing import FlaskClient

from solidarity import search_engine
from solidarity.config import Settings
from solidarity.health_checks import Kind, disk
from solidarity.letters.models import Failure, Letter
from solidarity.letters.models import Kind as LetterKind
from solidarity.web.db import db
from stories.models import Role


def test_an_empty_migrated_instance_is_ready(client: FlaskClient) -> None:
    assert (client.get("/healthz").status_code, client.get("/healthz").get_json()) == (200, {"alive": True})
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()) == (200, {"ready": True, "problems": {}, "warnings": {}})
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
def blank(
    settings: Settings, databases: Databases, tmp_path: Path, make_app: Callable[[Settings], Flask]
) -> Iterator[Flask]:
    """A site whose database has no table yet."""
    with databases.blank(tmp_path / "blank") as url:
        yield make_app(replace(settings, database_url=url))


def test_an_instance_that_was_not_migrated_is_not_ready_but_lives(blank: Flask) -> None:
    client = blank.test_client()

    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["problems"]["database"] == "not migrated: run flask db upgrade"


def test_little_space_is_a_warning_once_for_each_disk(
    settings: Settings, make_app: Callable[[Settings], Flask]
) -> None:
    app = make_app(replace(settings, low_space=1 << 60))
    with app.app_context():
        assert [finding.kind for finding in disk()] == [Kind.LITTLE_SPACE]
    answer = app.test_client().get("/readyz")

    assert (answer.status_code, answer.get_json()["warnings"]) == (200, {"disk": "little space left"})


def test_letters_that_could_not_be_delivered_are_told_with_their_age(
    settings: Settings, client: FlaskClient, app: Flask
) -> None:
    steward = "/en/stewarding/state"
    with app.app_context():
        pages.signed_in(db.session, client, make.person(db.session, Role.STEWARD))
        assert "All is well" in client.get(steward).text
        db.session.add(
            Letter(
                kind=LetterKind.OTHER, address="ana@example.org", message=b"x", written_at=make.NOW, due_at=make.NOW,
                send_until=make.NOW, tries=3, failure=Failure.UNREACHABLE,
            )
        )  # fmt: skip
        db.session.commit()

    assert client.get("/readyz").get_json()["warnings"] == {"letters": "some could not be delivered yet"}
    assert "One letter could not be delivered yet; it was written on November 22, 2026" in client.get(steward).text


def test_an_index_that_is_damaged_is_told(app: Flask, client: FlaskClient, settings: Settings) -> None:
    assert client.get("/readyz").status_code == 200
    (settings.instance_path / "index" / "current").write_text("nowhere")
    answer = client.get("/readyz")

    assert (answer.status_code, answer.get_json()["problems"]) == (
        503,
        {"index": "the index folder nowhere is missing"},
    )
    assert client.get("/en/stories").status_code == 200
