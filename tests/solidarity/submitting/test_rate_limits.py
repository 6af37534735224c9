from __future__ import annotations

from dataclasses import replace

import factories as make
import pages
import pytest
from fields import fields
from flask import Flask
from sqlalchemy.orm import Session

from solidarity.config import Settings
from stories.models import Role

NEW = "/en/my/stories/new"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The same instance with its limits switched on."""
    return replace(settings, rate_limits=True)


def test_one_account_is_asked_to_wait_and_nobody_else(site: Session, app: Flask) -> None:
    accounts = [pages.account(site, make.person(site, Role.LEADER)) for _ in range(2)]
    site.commit()
    clients = [app.test_client() for _ in accounts]
    for client, account in zip(clients, accounts, strict=True):
        pages.sign_in(client, account)
    tokens = [pages.token(client, NEW) for client in clients]
    typed = {"title": "", "body": "Mine."}
    answers = [clients[0].post(NEW, data=typed | {"csrf_token": tokens[0]}) for _ in range(21)]
    assert [answer.status_code for answer in answers] == [422] * 20 + [429]
    assert fields(answers[-1])["body"] == ["Mine."]
    assert clients[1].post(NEW, data=typed | {"csrf_token": tokens[1]}).status_code == 422
