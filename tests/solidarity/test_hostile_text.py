"""Hostile text in every field and every parameter: nothing crashes, and nothing that was typed is lost."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import factories as make
import pages
import pytest
from factories import NOW
from fields import fields
from flask.testing import FlaskClient
from form_pages import PAGES, forms
from hostile import Hostile, json_files, many, post, some, strings
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from stories import importing, queries
from stories.importing import Columns, Importer, Names, Way, rows
from stories.importing.formats import jsonl
from stories.models import Role, Story
from stories.text import prose
from stories.workflow import State

HOW_MANY = pytest.mark.parametrize("choose", [some, pytest.param(many, marks=pytest.mark.long)])
Choose = Callable[[list[Hostile]], list[Hostile]]

STORY_FIELDS = (
    "title", "introduction", "body", "teller_name", "pull_quotes", "takeaways", "prompts", "content_note", "place",
    "time", "attribution",
)  # fmt: skip
LISTS = ("pull_quotes", "takeaways", "prompts")
LONG = ("introduction", "content_note")
PARAMETERS = (
    "q", "page", "per_page", "kind", "language", "theme", "organisation", "audience", "minutes", "show", "next",
    "translation_of", "setting", "grade", "group", "story", "preview", "place", "decade", "format", "length",
    "content_note", "grade_band", "group_size", "sort", "locale",
)  # fmt: skip
LISTED = (
    "/en/", "/en/stories", "/ur/search", "/en/themes", "/en/guides", "/en/organisations", "/en/account/sign-in",
    "/en/account/password", "/api/v1/search", "/api/v1/stories", "/api/v1/guides", "/api/v1/suggestions", "/zh/search",
    "/sitemap-stories-1.xml", "/",
    "/en/themes/care", "/en/guides/hour", "/en/share",
)  # fmt: skip
PLACES = (
    "/en/stories/{}", "/en/themes/{}", "/en/organisations/{}", "/en/guides/{}", "/en/guides/{}/sheet", "/zh/{}", "/{}",
    "/{}/stories", "/api/v1/{}", "/api/v1/stories/{}", "/api/v1/guides/{}", "/static/{}", "/en/account/password/{}",
    "/en/account/letter/{}",
    "/en/my/stories/{}", "/en/my/guides/{}", "/en/moderating/stories/{}", "/en/stewarding/{}",
    "/en/stewarding/themes/{}", "/en/stewarding/people/{}",
)  # fmt: skip


def signed_in(site: Session, client: FlaskClient, *roles: Role) -> Any:
    person = make.person(site, *roles)
    pages.sign_in(client, pages.account(site, person))
    site.commit()
    return person


def sensible(answer: TestResponse) -> bool:
    """No crash, and nobody is led to another site or given a header of somebody else's."""
    location = answer.headers.get("Location", "/").removeprefix("http://localhost")
    given = {name.lower() for name, _value in answer.headers}
    return answer.status_code < 500 and location[:1] == "/" != location[1:2] and "crlf" not in given


def short(string: Hostile, limit: int) -> Hostile:
    """The beginning of it, as much as an address holds."""
    return replace(string, raw=string.raw[:limit])


def spread(choose: Choose, string: Hostile, places: tuple[str, ...]) -> tuple[str, ...]:
    """The places to try it in: all of them in the long run, a quarter in the short one, turn and turn about."""
    return places if choose is many else places[zlib.crc32(string.raw) % 4 :: 4]


def failing(strings: Iterable[Hostile], fails: Callable[[Hostile], Any]) -> dict[str, Any]:
    """What went wrong, by the id of the string."""
    return {string.id: wrong for string in strings if (wrong := fails(string))}


@HOW_MANY
def test_every_field_of_a_story_keeps_what_was_typed(site: Session, client: FlaskClient, choose: Choose) -> None:
    signed_in(site, client, Role.LEADER)
    token = pages.token(client, "/en/my/stories/new")

    def fails(string: Hostile) -> Any:
        names = STORY_FIELDS if len(string.raw) < 100_000 else ("title", "body")
        given = {"csrf_token": token, "form_key": f"{string.id:-<24}"[:64], "language": "en", "whose": "own"}
        answer = post(
            client, "/en/my/stories/new", given | {"teller_naming": "full_name"} | dict.fromkeys(names, string.raw)
        )
        if answer.status_code == 303:
            site.rollback()
            story = queries.story_with_id(site, int(answer.location.split("/")[-2]))
            return differs(story, names, string.seen)
        shown = fields(answer)
        lost = [name for name in names if shown.get(name) != [string.seen]]
        return (
            (answer.status_code, lost) if answer.status_code != 422 or lost or "field__error" not in answer.text else ""
        )

    assert failing(choose(strings()), fails) == {}


def differs(story: Story | None, names: Iterable[str], typed: str) -> list[str]:
    """The fields that do not hold what was typed, tidied."""
    if story is None:
        return ["no story"]
    wanted: dict[str, Any] = {name: prose.plain(typed) for name in names}
    wanted |= {name: prose.lines(typed) for name in LONG if name in names}
    entries = [tidy for line in prose.lines(typed).split("\n") if (tidy := prose.plain(line))]
    wanted |= {name: entries for name in LISTS if name in names} | {"body": prose.body_from_typed(typed)}
    return [name for name, value in wanted.items() if getattr(story.newest_revision, name) != value]


@HOW_MANY
def test_every_parameter_of_every_public_page_takes_anything(
    site: Session, client: FlaskClient, choose: Choose
) -> None:
    make.published(site, themes=(make.theme(site, slug="care"),))
    site.commit()

    def fails(string: Hostile) -> list[str]:
        asked = "&".join(f"{name}={short(string, 1_500).in_path}" for name in PARAMETERS)
        paths = [f"{path}?{asked}" for path in spread(choose, string, LISTED)]
        return [path[:40] for path in paths if not sensible(client.get(path, buffered=True))]

    assert failing(choose(strings()), fails) == {}


@HOW_MANY
def test_every_part_of_an_address_takes_anything(site: Session, client: FlaskClient, choose: Choose) -> None:
    signed_in(site, client, *Role)

    def fails(string: Hostile) -> list[str]:
        paths = [place.format(short(string, 2_000).in_path) for place in spread(choose, string, PLACES)]
        sent = [path for path in paths if not path.startswith("//")]  # which the test client takes for another host
        return [path[:40] for path in sent if not sensible(client.get(path, buffered=True))]

    assert failing(choose(strings()), fails) == {}


@HOW_MANY
def test_every_header_takes_anything(client: FlaskClient, choose: Choose) -> None:
    names = (
        "Accept-Language",
        "Referer",
        "Cookie",
        "If-None-Match",
        "If-Modified-Since",
        "Range",
        "Content-Type",
        "Accept",
    )

    def fails(string: Hostile) -> list[str]:
        headers = dict.fromkeys(names, string.in_header)
        answers = {
            path: client.get(path, headers=headers, buffered=True)
            for path in ("/", "/en/stories", "/api/v1/search?q=a")
        }
        return [path for path, answer in answers.items() if not sensible(answer)]

    assert failing(choose(strings()), fails) == {}


FORMS = {  # page, where it is sent, the fields that people write
    "sign in": ("/en/account/sign-in", "", ("email", "password")),
    "lost password": ("/en/account/password", "", ("email",)),
    "letter to sign in": ("/en/account/letter", "", ("email",)),
    "theme": ("/en/stewarding/themes/care", "", ("name", "about", "name_ur", "about_ur")),
    "new theme": ("/en/stewarding/themes/new", "", ("name", "about", "name_ur")),
    "organisation": ("/en/stewarding/organisations/lights", "", ("name", "about", "place", "website")),
    "invitation": ("/en/stewarding/people", "", ("name", "email", "language", "roles")),
    "guide": (
        "/en/my/guides/new", "",
        ("title", "about", "essential_question", "objectives", "preparation", "materials", "agreements", "content_note",
         "help_note", "query_words", "query_minutes", "group_min", "credits", "phases-0-title", "phases-0-about",
         "phases-0-steps-0-title", "phases-0-steps-0-minutes", "phases-0-steps-0-instruction", "phases-0-steps-0-tip"),
    ),
    "guide in order": ("/en/my/guides/new", "", ("do", "form_key", "version", "translation_of", "stories", "language")),
    "consent": ("/en/my/stories/1/consent", "", ("asked_by", "teach_back", "method", "language", "publish")),
    "withdrawal": ("/en/my/stories/1/withdrawal", "", ("tombstone", "scope")),
    "hidden fields": ("/en/my/stories/1/words", "", ("revision_id", "form_key", "then", "language", "whose", "themes")),
    "takedown": ("/en/moderating/stories/2", "/takedown", ("note", "revision")),
    "approval": ("/en/moderating/stories/3", "/approval", ("note", "when", "publish_at")),
    "correction": ("/en/moderating/stories/2/correction", "", ("title", "body", "note", "takeaways")),
}  # fmt: skip
NOT_SHOWN = {"password", "language", "roles", "method", "publish", "scope", "themes", "whose", "when", "do", "form_key",
             "version", "translation_of", "stories", "revision_id", "revision", "then", "publish_at"}  # fmt: skip


@pytest.fixture
def desks(site: Session, client: FlaskClient) -> None:
    """Somebody with every role, a draft of theirs, a story that is public and one in review."""
    person = signed_in(site, client, *Role)
    make.theme(site, slug="care")
    make.organisation(site, slug="lights")
    stories = [
        make.draft(site, by=person),
        make.published(site),
        make.story_in(site, State.IN_REVIEW, moderator=person),
    ]
    site.commit()
    assert [story.id for story in stories] == [1, 2, 3]


@HOW_MANY
@pytest.mark.parametrize("name", FORMS)
def test_every_form_takes_anything_or_shows_it_again(
    site: Session, app: Any, client: FlaskClient, desks: None, name: str, choose: Choose
) -> None:
    page, to, typed = FORMS[name]
    visitor = app.test_client() if page.startswith("/en/account") else client
    given = fields(visitor.get(page))
    cut = 500 if page.startswith("/en/account") else 100_000  # longer ones are told by the tests of limits
    chosen = choose(strings()) if choose is many else choose(strings())[len(name) % 5 :: 5]

    def fails(string: Hostile) -> Any:
        sent = given | dict.fromkeys(typed, short(string, cut).raw)
        answer = post(visitor, page + to, sent)
        if not sensible(answer) or answer.status_code in {400, 404}:
            return answer.status_code
        if answer.status_code < 400:
            return ""
        shown = fields(answer)
        return [
            field for field in typed if field not in NOT_SHOWN and short(string, cut).seen not in shown.get(field, [])
        ]

    assert failing(chosen, fails) == {}


@HOW_MANY
@pytest.mark.parametrize("name", PAGES)
def test_every_form_of_every_page_takes_anything_in_all_of_its_fields(
    site: Session, client: FlaskClient, name: str, choose: Choose
) -> None:
    address = PAGES[name](site, client)
    opened = forms(client.get(address).text, address)
    chosen = choose(strings())
    cut = 500 if "/account" in address else 100_000
    if choose is some:
        chosen = chosen[zlib.crc32(name.encode()) % 24 :: 24]

    def fails(string: Hostile) -> Any:
        told = {}
        for form in opened:
            own = [field.value for field in form.fields if field.name == "csrf_token"]
            sent: dict[str, Any] = {field.name: short(string, cut).raw for field in form.fields}
            answer = post(client, form.action.partition("#")[0], sent | {"csrf_token": own})
            if not sensible(answer):
                told[form.action] = answer.status_code
        return told

    assert failing(chosen, fails) == {}


@HOW_MANY
def test_every_line_of_an_import_is_taken_or_named(session: Session, choose: Choose) -> None:
    desk = importing.own_desk(session, at=NOW)
    good = dict.fromkeys((*rows.REQUIRED, *rows.OPTIONAL), "x") | {"language": "en"}

    def fails(string: Hostile) -> Any:
        text = string.raw.decode("utf-8", "surrogatepass") if string.category != "document" else string.seen
        rows = [good | {name: text, "source_id": f"{string.id} {name}"} for name in good if name != "source_id"]
        lines = [json.dumps(row).encode() for row in [*rows, good | {"source_id": text}]]
        return [
            outcome for line in [*lines, string.raw] if isinstance(outcome := bring_in(session, line, desk), Exception)
        ]

    chosen = [string for string in choose(strings()) if not string.category.startswith("json")]
    if choose is some:
        chosen = chosen[::2]
    assert failing([string for string in chosen if len(string.raw) < 20_000], fails) == {}


def bring_in(session: Session, line: bytes, desk: importing.Desk) -> Any:
    try:
        record = jsonl.record(1, line.decode("utf-8", "surrogateescape"))
        row = rows.read(record, Columns(), Way.PUBLISHED, at=NOW)
        return Importer(session, desk, Names(session, may_add=True), Way.PUBLISHED, NOW).bring_in(row)
    except importing.BadLine as bad:
        return str(bad)
    except Exception as error:  # noqa: BLE001 - this is what the test looks for
        return error


def test_files_on_which_parsers_disagree_are_no_stories(session: Session) -> None:
    desk = importing.own_desk(session, at=NOW)

    assert {string.id: type(bring_in(session, string.raw, desk)) for string in json_files()} == {
        string.id: str for string in json_files()
    }
