"""The website for tests: an instance of its own in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextvars import Context
from pathlib import Path
from typing import Any

import factories as make
import pages
import pytest
from databases import Databases
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy.orm import Session
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse

from solidarity.accounts import authentication
from solidarity.config import Settings
from solidarity.factory import create_app
from solidarity.web.db import db
from stories.models import Person, Role


@pytest.fixture
def settings(tmp_path: Path, databases: Databases) -> Iterator[Settings]:
    """An instance of its own, migrated and empty, without rate limits (a test that needs them says so)."""
    instance = tmp_path / "instance"
    with databases.migrated(instance) as url:
        yield Settings.from_env(
            {"INSTANCE_PATH": str(instance), "DATABASE_URL": url, "RATE_LIMITS": "no", "PASSWORD_SALT": "salt" * 8}
        )


class CompiledTemplates(BytecodeCache):
    """Templates compiled once for all applications of a test run: compiling was half of its time."""

    def __init__(self) -> None:
        self.codes: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.codes[bucket.key, bucket.checksum] = bucket.code


COMPILED = CompiledTemplates()

# Hashing is slow on purpose; how slow is not what tests are about. The sites that tests start have the real cost.
authentication.SETTINGS["PASSWORD_HASH_PASSLIB_OPTIONS"] = {
    "argon2__time_cost": 1, "argon2__memory_cost": 64, "argon2__parallelism": 1,
}  # fmt: skip


class Client(FlaskClient):
    """A browser on a page of the site, unless a header says something else.

    Its requests share nothing with the test around them, which holds a context of its own open.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if kwargs.get("method", "GET") != "GET":
            headers = Headers(kwargs.pop("headers", None))
            if not {"Sec-Fetch-Site", "Origin", "Referer"} & set(headers.keys()):
                headers["Sec-Fetch-Site"] = "same-origin"
            kwargs["headers"] = headers
        return Context().run(super().open, *args, **kwargs)


@pytest.fixture
def make_app() -> Iterator[Callable[[Settings], Flask]]:
    """Makes a site with whatever settings; its connections are closed at the end."""
    made = []

    def make(settings: Settings) -> Flask:
        app = create_app(settings)
        app.testing = True
        app.test_client_class = Client
        app.jinja_env.bytecode_cache = COMPILED
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def app(settings: Settings, make_app: Callable[[Settings], Flask]) -> Flask:
    return make_app(settings)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def site(app: Flask) -> Iterator[Session]:
    """The database of the website, outside any request: make people and stories here, then `site.commit()`."""
    with app.app_context():
        yield db.session


@pytest.fixture
def leader(site: Session, client: FlaskClient) -> Person:
    """A leader who is signed in."""
    return pages.signed_in(site, client, make.person(site, Role.LEADER, name="Lani Kekoa"))


@pytest.fixture
def mo(site: Session, client: FlaskClient) -> Person:
    """A moderator who is signed in."""
    return pages.signed_in(site, client, make.person(site, Role.MODERATOR, name="Mo Tran"), "mo@example.org")
