"""What somebody can do whom a story could hurt: a page that tells the truth on every site."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import factories as make
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from solidarity.config import Settings


def test_a_story_leads_to_what_can_be_done_and_a_teller_to_their_desk(client: FlaskClient, site: Session) -> None:
    story = make.published(site)
    site.commit()

    assert 'href="/en/concern"' in client.get(f"/en/stories/{story.slug}").text
    assert 'href="/en/my/stories"' in client.get("/en/concern").text


@pytest.fixture
def reachable(settings: Settings, make_app: Callable[[Settings], Flask]) -> Flask:
    """A site that has an address."""
    return make_app(replace(settings, contact="write@harbor.example"))


@pytest.mark.parametrize("path", ["/en/concern", "/en/about", "/en/privacy"])
def test_the_address_of_a_site_stands_where_it_is_needed(reachable: Flask, path: str) -> None:
    assert 'href="mailto:write%40harbor.example' in reachable.test_client().get(path).text


def test_a_site_without_an_address_says_so(client: FlaskClient) -> None:
    page = client.get("/en/concern").text

    assert "have not published an address yet" in page
    assert "mailto:" not in page
