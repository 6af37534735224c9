"""What every answer tells a browser: nothing runs but our own files, nothing goes to others, nobody is remembered."""

from __future__ import annotations

import re
from collections.abc import Iterator

import factories as make
import pages
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from solidarity.search_engine import catch_up
from stories import editorial
from stories.models import Role, Story
from stories.workflow import State

POLICY = {
    "default-src": "'none'", "style-src": "'self'", "script-src": "'self'", "img-src": "'self'", "font-src": "'self'",
    "connect-src": "'self'", "media-src": "'self'", "manifest-src": "'self'", "form-action": "'self'",
    "base-uri": "'none'", "frame-ancestors": "'none'", "object-src": "'none'",
}  # fmt: skip
PUBLIC = (
    "/", "/en/", "/ur/", "/en/stories", "/en/stories?page=2&theme=care", "/en/themes", "/en/themes/care",
    "/en/organisations", "/en/organisations/lights", "/en/search", "/en/search?q=water", "/en/guides", "/en/how-to-use",
    "/en/about", "/en/privacy", "/en/nothing-here", "/en/stories/nothing-here", "/zh/stories", "/robots.txt",
    "/sitemap.xml", "/sitemap-stories-1.xml",
    "/api/v1/search?q=water", "/api/v1/stories", "/api/v1/guides", "/api/v1/nothing", "/healthz",
    "/readyz", "/static/css/base.css",
)  # fmt: skip
DESKS = (
    "/en/workspace", "/en/my/stories", "/en/my/stories/new", "/en/my/stories/2", "/en/my/guides", "/en/my/guides/new",
    "/en/moderating", "/en/moderating/stories", "/en/moderating/steps", "/en/moderating/stories/3",
    "/en/stewarding/people", "/en/stewarding/themes", "/en/stewarding/organisations/lights",
)  # fmt: skip
LOADED = re.compile(
    r"<(?:link|script|img|iframe|source|video|audio|form|object|embed)\b[^>]*?\b(?:href|src|action)=\"([^\"]*)\""
)


@pytest.fixture
def story(site: Session, app: Flask) -> Iterator[Story]:
    """A public story with a theme and an organisation."""
    theme, house = make.theme(site, slug="care"), make.organisation(site, slug="lights")
    told = make.published(site, themes=(theme,), organisation=house)
    site.commit()
    catch_up()
    site.rollback()
    return told


@pytest.fixture
def everybody(site: Session, app: Flask, story: Story) -> FlaskClient:
    """Somebody with every role, signed in, with a draft of their own and a story to read."""
    client, person = app.test_client(), make.person(site, *Role)
    pages.sign_in(client, pages.account(site, person))
    make.draft(site, by=person)
    make.story_in(site, State.SUBMITTED)
    site.commit()
    return client


def public(story: Story) -> tuple[str, ...]:
    return (*PUBLIC, f"/en/stories/{story.slug}", f"/api/v1/stories/{story.slug}")


def ask(client: FlaskClient, path: str) -> TestResponse:
    """The whole answer, files closed."""
    return client.get(path, buffered=True)


def policy_of(header: str) -> dict[str, str]:
    return dict(part.strip().split(" ", 1) for part in header.split(";"))  # type: ignore[misc]


def test_every_page_says_that_only_our_own_files_may_run(
    story: Story, client: FlaskClient, everybody: FlaskClient
) -> None:
    answers = {path: ask(client, path) for path in public(story)} | {path: ask(everybody, path) for path in DESKS}
    told = {path: policy_of(answer.headers["Content-Security-Policy"]) for path, answer in answers.items()}

    assert told == dict.fromkeys(answers, POLICY)


def test_no_other_site_is_told_where_a_reader_came_from(
    story: Story, client: FlaskClient, everybody: FlaskClient
) -> None:
    answers = [ask(client, path) for path in public(story)] + [ask(everybody, path) for path in DESKS]

    assert {answer.headers["Referrer-Policy"] for answer in answers} == {"same-origin"}


def test_no_public_page_sets_a_cookie(story: Story, client: FlaskClient, everybody: FlaskClient) -> None:
    set_by = [path for path in public(story) for who in (client, everybody) if "Set-Cookie" in ask(who, path).headers]

    assert set_by == []


def test_public_pages_are_the_same_bytes_for_everybody(
    story: Story, client: FlaskClient, everybody: FlaskClient
) -> None:
    differ = [path for path in public(story) if ask(client, path).data != ask(everybody, path).data]

    assert differ == []


def test_what_is_behind_the_gate_is_kept_by_no_cache(everybody: FlaskClient) -> None:
    kept = {path: ask(everybody, path).headers["Cache-Control"] for path in DESKS}

    assert kept == dict.fromkeys(DESKS, "no-store")


def test_no_page_loads_anything_from_elsewhere(story: Story, client: FlaskClient, everybody: FlaskClient) -> None:
    answers = {path: ask(client, path) for path in public(story)} | {path: ask(everybody, path) for path in DESKS}
    foreign = {
        (path, address)
        for path, answer in answers.items()
        if answer.mimetype == "text/html"
        for address in LOADED.findall(answer.text)
        if not address.startswith(("/", "http://127.0.0.1:5000/")) or address.startswith("//")
    }

    assert foreign == set()


def test_no_page_holds_a_script_or_a_style_of_its_own(
    story: Story, client: FlaskClient, everybody: FlaskClient
) -> None:
    answers = {path: ask(client, path) for path in public(story)} | {path: ask(everybody, path) for path in DESKS}
    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=")

    assert [path for path, answer in answers.items() if inline.search(answer.text)] == []


def test_a_form_given_back_leads_to_no_other_site(client: FlaskClient) -> None:
    answer = client.post("/en/my/stories/new", data={"title": "x"}, headers={"Referer": "https://evil.example/x"})

    assert (answer.status_code >= 400, "evil.example" in answer.text) == (True, False)


def test_no_cache_keeps_an_error(client: FlaskClient, story: Story, site: Session) -> None:
    for path, status in [("/en/nothing", 404), ("/en/stories/no-such-story", 404), ("/en/stories?page=x", 200)]:
        answer = client.get(path)
        assert answer.status_code == status
        assert answer.headers["Cache-Control"] == (
            "no-store" if status == 404 else "public, max-age=0, must-revalidate"
        )


def test_no_cache_keeps_where_a_story_was_taken_down(client: FlaskClient, story: Story, site: Session) -> None:
    editorial.withdraw(story, editorial.Scope.HIDE, by=story.submitter, at=make.NOW, tombstone="It was here.")
    site.commit()
    answer = client.get(f"/en/stories/{story.slug}")

    assert (answer.status_code, answer.headers["Cache-Control"]) == (410, "no-store")


def test_asking_for_the_head_of_a_page_gives_the_headers_of_the_page(client: FlaskClient, story: Story) -> None:
    for path in ("/en/stories", f"/en/stories/{story.slug}"):
        head, whole = client.head(path), client.get(path)
        assert (head.headers["ETag"], head.content_length) == (whole.headers["ETag"], whole.content_length)
