"""Lists of things with names stand in the alphabet of whoever reads them, on every page that has one."""

from __future__ import annotations

from html.parser import HTMLParser

import factories as make
import pages
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from index import sync
from stories import guides
from stories.models import Role

NAMES = {  # as given, and in Urdu
    "Zenith": "آواز",
    "apna ghar": "گھر",
    "Áo Dài": "",
    "Élan": "پانی",
    "Bridges": "کام",
}
ENGLISH = ["Áo Dài", "apna ghar", "Bridges", "Élan", "Zenith"]
URDU = ["آواز", "پانی", "کام", "گھر", "Áo Dài"]
PUBLIC = ("", "themes", "organisations", "stories", "search", "guides", "stories/{slug}")
LEADERS = ("my/stories/new",)
EDUCATORS = ("my/guides/new",)
MODERATORS = ("moderating/stories/{id}/correction",)
STEWARDS = ("stewarding/themes", "stewarding/organisations", "stewarding/people")
HELD = {"stories": 2, "search": 2, "my/stories/new": 2, "moderating/stories/{id}/correction": 2}


@pytest.fixture
def story(app: Flask, site: Session):
    """A story with five themes, beside one for each theme and organisation."""
    themes, homes = [make.theme(site, name) for name in NAMES], [make.organisation(site, name) for name in NAMES]
    for row in (*themes, *homes):
        row.names = {"ur": NAMES[row.name]} if NAMES[row.name] else {}
    for name in NAMES:
        make.person(site, name=name)
    for theme, home in zip(themes, homes, strict=True):
        make.published(site, themes=(theme,), organisation=home)
    whole = make.published(site, themes=tuple(themes))
    guide = guides.GuidePlan(
        title="An Hour", language="en", help_note="Call a friend.", themes=tuple(themes),
        phases=(guides.PhasePlan("Talk", steps=(guides.StepPlan("Begin", 10),)),),
    )  # fmt: skip
    educator = make.person(site, Role.EDUCATOR)
    guides.publish(guides.draft(site, guide, by=educator, at=make.NOW), by=educator, at=make.NOW)
    site.commit()
    sync.catch_up(site, app.extensions["engine"])
    return whole


@pytest.mark.parametrize(("language", "ordered"), [("en", ENGLISH), ("ur", URDU)])
@pytest.mark.parametrize("place", [*PUBLIC, *LEADERS, *EDUCATORS, *MODERATORS, *STEWARDS])
def test_names_stand_in_the_alphabet_of_the_page(
    client: FlaskClient, site: Session, story, place: str, language: str, ordered: list[str]
) -> None:
    pages.signed_in(site, client, make.person(site, *Role))
    if place == "stories/{slug}":
        ordered = ENGLISH  # its themes are named in its own language
    if place == "stewarding/people":
        ordered = invite(site, language)
    page = client.get(f"/{language}/{place.format(slug=story.slug, id=story.id)}")

    assert page.status_code == 200
    found = named(page.text, ordered)
    assert found == [ordered] * max(len(found), HELD.get(place, 1))


def invite(site: Session, language: str) -> list[str]:
    """Accounts for people whose names are not translated; their order in the alphabet of the page."""
    for name in (*NAMES, "گھر"):
        pages.account(site, make.person(site, name=name))
    site.commit()
    return [*ENGLISH, "گھر"] if language == "en" else ["گھر", *ENGLISH]


class Lists(HTMLParser):
    """The texts of each list of a page, choices too; an inner list is apart, and so is a story in a list of stories."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[list[str]] = []
        self._open: list[list[str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"ul", "ol", "select", "article"}:
            outer = self._open[-1] if self._open else []
            is_story = "entry--story" in (dict(attrs).get("class") or "")
            self._open.append(outer if tag == "article" and not is_story else [])
            if self._open[-1] is not outer:
                self.found.append(self._open[-1])

    def handle_endtag(self, tag: str) -> None:
        if tag in {"ul", "ol", "select", "article"}:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open:
            self._open[-1].append(data.strip())


def named(page: str, names: list[str]) -> list[list[str]]:
    """Every list that holds all these names, without what stands between them."""
    lists = ([text for text in texts if text in names] for texts in Lists(page).found)
    return [found for found in lists if set(found) == set(names)]
