"""The JSON interface: what it says, and how it says no."""

from __future__ import annotations

from typing import Any

import factories as make
import pytest
from flask import Flask
from flask.testing import FlaskClient

from solidarity import search_engine
from solidarity.web.db import db
from stories import editorial, guides
from stories.editorial import Scope
from stories.models import Role, Story
from stories.workflow import State


@pytest.fixture
def library(app: Flask) -> dict[str, str]:
    """The slugs of a story, its translation, and a guide around it."""
    with app.app_context():
        water, harbor = make.theme(db.session, "Water", "water"), make.organisation(db.session, "Harbor", "harbor")
        told = make.published(
            db.session, title="The Net <Shed>", typed="Boats & <i>ice</i>.", themes=(water,), organisation=harbor,
            introduction="Two docks.", place="A bayou", takeaways=("Share.",),
        )  # fmt: skip
        translation = make.published(db.session, title="নৌকা", typed="জাল", language="bn", original=told)
        make.story_in(db.session, State.APPROVED, title="Not yet")
        guide = _guide(told)
        db.session.commit()
        search_engine.catch_up()
        return {"story": told.slug, "translation": translation.slug, "guide": guide.slug}


def _guide(story: Story) -> Any:
    educator = make.person(db.session, Role.EDUCATOR)
    step = guides.StepPlan("Welcome", 5, prompts=(guides.PromptPlan("Who is here?"),))
    plan = guides.GuidePlan(
        "An Hour", "en", audiences=("teachers",), phases=(guides.PhasePlan("Open", steps=(step,)),), stories=(story,),
        help_note="Slow down.",
    )  # fmt: skip
    guide = guides.draft(db.session, plan, by=educator, at=make.NOW)
    guides.publish(guide, by=educator, at=make.NOW)
    guides.draft(db.session, guides.GuidePlan("Not yet", "en"), by=educator, at=make.NOW)
    return guide


def get(client: FlaskClient, path: str, status: int = 200) -> Any:
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.mimetype == "application/json"
    return answer.get_json()


def test_stories_are_listed_one_for_each_language(client: FlaskClient, library: dict[str, str]) -> None:
    answer = get(client, "/api/v1/stories")

    assert answer["total"] == 2
    assert [(each["title"], each["language"], each["url"]) for each in answer["stories"]] == [
        ("নৌকা", "bn", f"/bn/stories/{library['translation']}"),
        ("The Net <Shed>", "en", f"/en/stories/{library['story']}"),
    ]
    assert answer["stories"][1] == {
        "title": "The Net <Shed>",
        "language": "en",
        "url": f"/en/stories/{library['story']}",
        "slug": library["story"],
        "teller": "Lani Kekoa",
        "organisation": {"slug": "harbor", "name": "Harbor"},
        "themes": [{"slug": "water", "name": "Water"}],
        "introduction": "Two docks.",
        "content_note": "",
        "reading_minutes": 1,
        "published_at": "2026-11-22T09:00:00+00:00",
    }


def test_one_story_has_its_words_and_translations(client: FlaskClient, library: dict[str, str]) -> None:
    answer = get(client, f"/api/v1/stories/{library['story']}")

    assert answer["body"] == "<p>Boats &amp; <i>ice</i>.</p>"
    assert (answer["place"], answer["takeaways"], answer["archived"]) == ("A bayou", ["Share."], False)
    assert answer["translations"] == [
        {"language": "bn", "title": "নৌকা", "url": f"/bn/stories/{library['translation']}"}
    ]


def test_search_groups_translations_and_marks_words(client: FlaskClient, library: dict[str, str]) -> None:
    answer = get(client, "/api/v1/search?q=boats&kind=story")

    assert answer["total"] == 1
    hit = answer["hits"][0]
    assert sorted(hit) == ["excerpt", "kind", "language", "score", "title", "translations", "url"]
    assert (hit["kind"], hit["title"], hit["language"]) == ("story", "The Net <Shed>", "en")
    assert hit["url"] == f"/en/stories/{library['story']}"
    assert "<mark>Boats</mark> &amp; ice" in hit["excerpt"]
    assert hit["translations"] == [{"language": "bn", "title": "নৌকা", "url": f"/bn/stories/{library['translation']}"}]
    assert hit["score"] > 0
    assert answer["facets"]["kind"] == {"story": 1}
    assert answer["facets"]["theme"] == {"water": 1}
    assert set(answer["facets"]) <= set(search_engine.FACETS)


def test_search_without_words_lists_everything(client: FlaskClient, library: dict[str, str]) -> None:
    for path in ("/api/v1/search", "/api/v1/search?q="):
        assert get(client, path)["total"] == 2
    assert [hit["kind"] for hit in get(client, "/api/v1/search?kind=guide")["hits"]] == ["guide"]
    assert get(client, "/api/v1/search?language=km") == {"total": 0, "hits": [], "facets": {}} | get(
        client, "/api/v1/search?language=km"
    )


def test_search_says_how_many_hits_have_every_word_and_another_spelling(
    client: FlaskClient, library: dict[str, str]
) -> None:
    some, slip = get(client, "/api/v1/search?q=boats+zeppelin"), get(client, "/api/v1/search?q=boatz&locale=en")
    assert (some["total"], some["complete"]) == (1, 0)
    assert (slip["total"], slip["did_you_mean"]) == (0, "boats")


def test_search_shows_the_language_of_who_asks_first(client: FlaskClient, library: dict[str, str]) -> None:
    for locale, language in (("bn", "bn"), ("en", "en")):
        hits = get(client, f"/api/v1/search?kind=story&locale={locale}")["hits"]
        assert [hit["language"] for hit in hits] == [language]


def test_search_is_narrowed_by_every_facet_and_put_in_order(client: FlaskClient, library: dict[str, str]) -> None:
    def found(query: str) -> list[str]:
        return [hit["kind"] for hit in get(client, f"/api/v1/search?{query}")["hits"]]

    assert found("audience=teachers") == ["guide"]
    assert found("audience=teachers&minutes=15") == ["guide"]
    assert found("audience=teachers&minutes=30") == []
    assert found("place=A+bayou&format=text&length=short&content_note=no") == ["story"]
    assert found("decade=1970s") == []
    assert found("kind=story&kind=guide&sort=shortest") == ["story", "guide"]


def test_an_unknown_order_is_refused(client: FlaskClient) -> None:
    assert get(client, "/api/v1/search?sort=loudest", 400) == {
        "error": "sort must be one of relevance, newest, shortest."
    }


def test_suggestions_say_what_they_are_names_of(client: FlaskClient, library: dict[str, str]) -> None:
    assert get(client, "/api/v1/suggestions?q=ne") == {
        "suggestions": [{"text": "The Net <Shed>", "kind": "title", "language": "en", "value": ""}]
    }
    assert get(client, "/api/v1/suggestions?q=wat&locale=ur")["suggestions"] == [
        {"text": "Water", "kind": "theme", "language": "", "value": "water"}
    ]


def test_suggestions_for_nothing_are_none_and_set_no_cookie(client: FlaskClient, library: dict[str, str]) -> None:
    for query in ("", "?q=", "?q=+", "?q=zzz&locale=none", "?locale=ur"):
        answer = client.get(f"/api/v1/suggestions{query}")
        assert (answer.status_code, answer.get_json()) == (200, {"suggestions": []})
        assert "Set-Cookie" not in answer.headers
        assert "ETag" in answer.headers


def test_guides_are_listed_and_opened(client: FlaskClient, library: dict[str, str]) -> None:
    answer = get(client, "/api/v1/guides")
    assert (answer["total"], [each["title"] for each in answer["guides"]]) == (1, ["An Hour"])
    assert answer["guides"][0]["url"] == f"/en/guides/{library['guide']}"
    guide = get(client, f"/api/v1/guides/{library['guide']}")

    assert guide["minutes"] == 5
    assert guide["phases"][0]["steps"][0]["prompts"] == [{"text": "Who is here?", "depth": "connection"}]
    assert guide["stories"] == [{"language": "en", "title": "The Net <Shed>", "url": f"/en/stories/{library['story']}"}]


@pytest.mark.parametrize("kind", ["search", "stories", "guides"])
@pytest.mark.parametrize(
    "query", ["page=0", "page=-1", "page=x", "page=", "page=1.0", "per_page=0", "per_page=101", "per_page=%D9%A3"]
)
def test_a_bad_number_is_refused(client: FlaskClient, kind: str, query: str) -> None:
    assert list(get(client, f"/api/v1/{kind}?{query}", 400)) == ["error"]


@pytest.mark.parametrize(("kind", "rows"), [("search", "hits"), ("stories", "stories"), ("guides", "guides")])
@pytest.mark.parametrize("page", ["2", "999999", "9" * 40, "9" * 6000])
def test_a_page_past_the_end_is_empty(
    client: FlaskClient, library: dict[str, str], kind: str, rows: str, page: str
) -> None:
    answer = get(client, f"/api/v1/{kind}?page={page}&per_page=100")

    assert answer[rows] == []
    assert answer["total"] > 0


def test_pages_are_as_long_as_asked(client: FlaskClient, library: dict[str, str]) -> None:
    assert len(get(client, "/api/v1/stories?per_page=1")["stories"]) == 1
    assert get(client, "/api/v1/stories?per_page=1&page=2")["stories"][0]["title"] == "The Net <Shed>"
    assert len(get(client, "/api/v1/search?per_page=1")["hits"]) == 1


@pytest.mark.parametrize("path", ["", "nowhere", "stories/nowhere", "guides/nowhere", "stories/a/b", "stories/%00"])
def test_what_is_not_there_is_said_in_json(client: FlaskClient, path: str) -> None:
    assert list(get(client, f"/api/v1/{path}", 404)) == ["error"]


def test_a_withdrawn_story_says_only_what_its_teller_left(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        silent, spoken = make.published(db.session), make.published(db.session)
        editorial.withdraw(silent, Scope.HIDE, by=silent.submitter, at=make.NOW)
        editorial.withdraw(spoken, Scope.HIDE, by=spoken.submitter, at=make.NOW, tombstone="It is mine again.")
        db.session.commit()
        slugs = silent.slug, spoken.slug

    assert list(get(client, f"/api/v1/stories/{slugs[0]}", 404)) == ["error"]
    assert get(client, f"/api/v1/stories/{slugs[1]}", 410) == {"error": "It is mine again."}


def test_a_story_or_guide_that_is_not_public_is_not_found(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        story = make.story_in(db.session, State.IN_REVIEW)
        educator = make.person(db.session, Role.EDUCATOR)
        guide = guides.draft(db.session, guides.GuidePlan("Not yet", "en"), by=educator, at=make.NOW)
        db.session.commit()
        paths = f"stories/{story.slug}", f"guides/{guide.slug}"

    for path in paths:
        assert list(get(client, f"/api/v1/{path}", 404)) == ["error"]
