"""The page of a story, as readers meet it."""

from __future__ import annotations

import html
from typing import Any

import factories as make
import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from stories import editorial
from stories.editorial import Scope
from stories.models import Naming, Role, Story
from stories.workflow import State

HOST = "http://127.0.0.1:5000"


def words(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return html.unescape(answer.get_data(as_text=True))


def told(site: Session, **changes: Any) -> Story:
    story = make.published(site, **changes)
    site.commit()
    return story


def test_a_story_page_holds_everything_a_story_has(client: FlaskClient, site: Session) -> None:
    everything = {
        "title": "The Net Shed", "introduction": "Two docks, one bayou.", "teller_name": "Uncle Bảy",
        "attribution": "Told to his niece", "pull_quotes": ("The clock was loud.",), "takeaways": ("Share the ice.",),
        "prompts": ("Who owns the water?",), "content_note": "It speaks of an oil spill.", "place": "A bayou",
        "time": "One spring", "typed": "They tied up at different docks.",
    }  # fmt: skip
    theme = make.theme(site, "Water", "water")
    story = told(site, **everything, themes=(theme,), organisation=make.organisation(site, "Long Mat", "long-mat"))

    page = words(client, f"/en/stories/{story.slug}")

    for text in (*(v if isinstance(v, str) else v[0] for v in everything.values()), "Water", "Long Mat", "1 minute"):
        assert text in page
    assert 'href="/en/themes/water"' in page
    assert 'href="/en/organisations/long-mat"' in page
    assert f"{HOST}/en/stories/{story.slug}" in page
    assert 'href="/en/stories">Choose another story' in page


def test_story_text_keeps_its_language_and_direction_under_any_interface(client: FlaskClient, site: Session) -> None:
    story = told(site, language="ur", title="Net Shed: جال", typed="جال")

    page = words(client, f"/en/stories/{story.slug}")

    assert '<html lang="en" dir="ltr">' in page
    assert '<h1 class="user-text" dir="rtl" lang="ur">Net Shed: جال</h1>' in page
    assert '<div class="prose user-text" dir="rtl" lang="ur"><p>جال</p></div>' in page
    assert '<article class="story" dir="rtl">' in page


def test_the_canonical_address_is_in_the_storys_own_language_and_translations_are_named(
    client: FlaskClient, site: Session
) -> None:
    story = told(site)
    translation = told(site, language="zh", original=story, title="水")
    told(site, language="km", original=story)
    hidden = make.story_in(site, State.APPROVED, language="bn", original=story)
    site.commit()

    page = words(client, f"/ur/stories/{story.slug}")

    assert f'<link rel="canonical" href="{HOST}/en/stories/{story.slug}">' in page
    assert f'hreflang="zh" href="{HOST}/zh-Hans/stories/{translation.slug}"' in page
    assert f'<a href="/zh-Hans/stories/{translation.slug}" lang="zh" hreflang="zh"><bdi>中文</bdi></a>' in page
    assert hidden.slug not in page


def test_an_anonymous_teller_has_no_name_on_the_page(client: FlaskClient, site: Session) -> None:
    author = make.person(site, Role.LEADER, name="Secret Submitter")
    story = told(site, by=author, teller_naming=Naming.ANONYMOUS, teller_name="Secret Teller")

    page = words(client, f"/en/stories/{story.slug}")

    assert "Secret" not in page
    assert "chose not to be named" in page


@pytest.mark.parametrize("state", [state for state in State if state is not State.PUBLISHED])
def test_a_story_that_was_never_published_is_not_found(client: FlaskClient, site: Session, state: State) -> None:
    story = make.story_in(site, state, title="Not yet anybody's")
    site.commit()

    assert "Not yet" not in words(client, f"/en/stories/{story.slug}", 404)


def test_an_archived_story_is_readable_with_a_notice_and_not_for_search_engines(
    client: FlaskClient, site: Session
) -> None:
    story = told(site)
    editorial.archive(story, by=make.person(site, Role.MODERATOR), at=make.NOW, note="Old")
    site.commit()

    page = words(client, f"/en/stories/{story.slug}")

    assert "This story has been archived" in page
    assert '<meta name="robots" content="noindex">' in page
    assert "We carried the water up together." in page


def test_an_unpublished_story_is_not_found(client: FlaskClient, site: Session) -> None:
    story = told(site)
    editorial.unpublish(story, by=make.person(site, Role.MODERATOR), at=make.NOW, note="A doubt")
    site.commit()

    assert "Water We Carried" not in words(client, f"/en/stories/{story.slug}", 404)


@pytest.mark.parametrize("scope", Scope)
def test_a_withdrawn_story_says_what_its_teller_left_and_nothing_else(
    client: FlaskClient, site: Session, scope: Scope
) -> None:
    story = told(site)
    address = f"/en/stories/{story.slug}"
    editorial.withdraw(story, scope, by=story.submitter, at=make.NOW, tombstone="I took it <home>.")
    site.commit()

    page = words(client, address, 410)

    assert "I took it <home>." in page
    for told_once in ("Water We Carried", "Lani Kekoa", "carried the water", 'rel="canonical"'):
        assert told_once not in page


def test_a_story_withdrawn_without_words_is_not_found(client: FlaskClient, site: Session) -> None:
    story = told(site)
    address = f"/en/stories/{story.slug}"
    editorial.withdraw(story, Scope.DELETE, by=story.submitter, at=make.NOW)
    site.commit()

    assert "Water" not in words(client, address, 404)


def test_a_published_story_stays_as_it_is_while_a_correction_waits(client: FlaskClient, site: Session) -> None:
    story = told(site)
    moderator = make.person(site, Role.MODERATOR)
    newest = story.newest_revision.id
    editorial.correct(story, make.words(title="Other"), by=moderator, at=make.NOW, revision_id=newest, note="Spelling")
    site.commit()

    page = words(client, f"/en/stories/{story.slug}")

    assert "The Water We Carried" in page
    assert "Other" not in page


def test_titles_and_names_are_escaped(client: FlaskClient, site: Session) -> None:
    story = told(site, title="<script>alert(1)</script>", teller_name='"><img src=x onerror=alert(1)>')

    page = client.get(f"/en/stories/{story.slug}").get_data(as_text=True)

    assert "<script>alert" not in page
    assert "<img" not in page
