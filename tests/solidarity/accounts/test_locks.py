"""Signing in keeps nobody waiting: passwords are checked with nothing locked."""

from __future__ import annotations

import pages
import pytest
from databases import on_postgres
from factories import person
from flask import Flask
from flask.testing import FlaskClient
from rivals import writer
from sqlalchemy import event
from sqlalchemy.orm import Session

from solidarity.web import security_log
from solidarity.web.db import db
from stories import database
from stories.models import Person, Role

SIGN_IN = "/en/account/sign-in"
ANSWERED = "-- the answer is made; what follows is the security log, which waits for nobody"
LOCKS = ("BEGIN IMMEDIATE", "INSERT", "UPDATE", "DELETE", "FOR NO KEY UPDATE", "pg_advisory")


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        (SIGN_IN, {"email": "mo@example.org", "password": "wrong"}),
        (SIGN_IN, {"email": "nobody@example.org", "password": "wrong"}),
        ("/en/account/password", {"email": "nobody@example.org"}),
        ("/en/account/letter", {"email": "nobody@example.org"}),
    ],
)
def test_a_try_in_vain_locks_nothing(
    app: Flask,
    client: FlaskClient,
    site: Session,
    path: str,
    fields: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pages.account(site, person(site, Role.MODERATOR), "mo@example.org")
    site.commit()
    token = pages.token(client, path)
    said: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *heard: said.append(heard[2]))
    write_log = security_log._write
    monkeypatch.setattr(security_log, "_write", lambda lines: (said.append(ANSWERED), write_log(lines)))
    answer = client.post(path, data={"csrf_token": token, **fields})

    assert answer.status_code in {422, 200, 303}
    assert said
    said = said[: said.index(ANSWERED)] if ANSWERED in said else said
    assert [statement for statement in said if any(word in statement for word in LOCKS)] == []


def test_while_somebody_else_writes_wrong_passwords_and_bad_forms_are_answered_at_once(
    app: Flask, client: FlaskClient, leader: Person, site: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages.account(site, person(site, Role.MODERATOR), "mo@example.org")
    site.commit()
    stranger = app.test_client()
    new, sign_in = pages.token(client, "/en/my/stories/new"), pages.token(stranger, SIGN_IN)
    site.rollback()
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.1)
    db.engine.dispose()
    with writer(app.config["SETTINGS"].database_url):
        answers = [
            stranger.post(SIGN_IN, data={"csrf_token": sign_in, "email": "mo@example.org", "password": "wrong"}),
            client.post("/en/my/stories/new", data={"csrf_token": new, "title": "", "language": "en"}),
            client.get("/en/my/stories"),
        ]

    assert [answer.status_code for answer in answers] == [422, 422, 200], on_postgres()
