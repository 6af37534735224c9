from __future__ import annotations

import re
from typing import Any

import factories as make
import pages
import pytest
from fields import fields, words
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from stories import consent, editorial, queries
from stories.models import Naming, Person, Purpose, Story
from stories.text import limits
from stories.workflow import State

NEW = "/en/my/stories/new"
TYPED = {
    "form_key": "k" * 24,
    "title": "The Water We Carried",
    "language": "en",
    "introduction": "When the power failed.",
    "body": "We carried the water up.\n\nNobody asked.",
    "whose": "own",
    "teller_naming": "full_name",
    "teller_name": "Lani Kekoa",
    "pull_quotes": "Nobody asked.\n\nWe went.",
    "place": "the harbour",
}


def mine(site: Session, leader: Person) -> list[Story]:
    site.rollback()
    return list(queries.stories_of(site, leader).rows)


def save(client: FlaskClient, story: Story, **changes: Any) -> Any:
    page = f"/en/my/stories/{story.id}/words"
    given = {"revision_id": str(story.newest_revision.id)} | TYPED | changes
    return pages.send(client, f"/en/my/stories/{story.id}/consent", page, **given)


def test_a_new_story_is_saved_with_every_field(site: Session, client: FlaskClient, leader: Person) -> None:
    theme, organisation = make.theme(site), make.organisation(site)
    site.commit()
    answer = pages.send(
        client, NEW, **TYPED | {"themes": [theme.slug], "organisation": organisation.slug, "time": "one winter"},
        takeaways="Help begins early.", prompts="Who helped you?", content_note="A flood.", attribution="Ana wrote it.",
    )  # fmt: skip
    [story] = mine(site, leader)
    assert (answer.status_code, answer.location) == (303, f"/en/my/stories/{story.id}/words")
    revision = story.newest_revision
    assert (story.language, story.teller, story.visibility.value) == ("en", leader, "private")
    assert revision.body == "<p>We carried the water up.</p><p>Nobody asked.</p>"
    assert (revision.title, revision.introduction, revision.teller_name) == (
        "The Water We Carried", "When the power failed.", "Lani Kekoa",
    )  # fmt: skip
    assert (revision.pull_quotes, revision.takeaways, revision.prompts) == (
        ["Nobody asked.", "We went."], ["Help begins early."], ["Who helped you?"],
    )  # fmt: skip
    assert (revision.content_note, revision.place, revision.time, revision.attribution) == (
        "A flood.", "the harbour", "one winter", "Ana wrote it.",
    )  # fmt: skip
    assert (revision.themes, revision.organisation) == ([theme], organisation)


def test_no_two_things_on_the_form_are_called_the_same(client: FlaskClient, leader: Person) -> None:
    page = client.get(NEW).text
    names = re.findall(r"<(?:legend|label class=\"field__label\")[^>]*>([^<]+)<", page)
    assert sorted(set(names)) == sorted(names)
    assert ">No organisation</option>" in page


def test_a_title_alone_makes_a_draft(site: Session, client: FlaskClient, leader: Person) -> None:
    pages.send(client, NEW, title="One day", language="km")
    assert [(story.newest_revision.title, story.language) for story in mine(site, leader)] == [("One day", "km")]


def test_saving_may_lead_to_the_preview_or_on_to_sending(client: FlaskClient, leader: Person) -> None:
    assert pages.send(client, NEW, **TYPED, then="preview").location.endswith("/preview")
    assert pages.send(client, NEW, **TYPED, then="send").location.endswith("/submission")


def test_a_double_click_makes_one_story(site: Session, client: FlaskClient, leader: Person) -> None:
    first, second = pages.send(client, NEW, **TYPED), pages.send(client, NEW, **TYPED)
    assert (first.location, first.status_code) == (second.location, second.status_code)
    assert [len(story.revisions) for story in mine(site, leader)] == [1]


def test_going_back_to_the_new_form_and_writing_on_loses_neither_wording(
    site: Session, client: FlaskClient, leader: Person
) -> None:
    pages.send(client, NEW, **TYPED)
    answer = pages.send(client, NEW, **TYPED | {"title": "Another title"})
    assert (answer.status_code, fields(answer)["title"]) == (409, ["Another title"])
    again = {name: values[0] for name, values in fields(answer).items() if values[0]}
    [story] = mine(site, leader)
    assert client.post(f"/en/my/stories/{story.id}/words", data=again).status_code == 303
    assert [revision.title for revision in mine(site, leader)[0].revisions] == [TYPED["title"], "Another title"]


def test_an_anonymous_teller_has_no_stored_name(site: Session, client: FlaskClient, leader: Person) -> None:
    pages.send(client, NEW, **TYPED | {"teller_naming": "anonymous"})
    [revision] = mine(site, leader)[0].revisions
    assert (revision.teller_naming, revision.teller_name) == (Naming.ANONYMOUS, "")


def test_pasted_html_is_sanitised_and_shown_again_as_it_was_stored(
    site: Session, client: FlaskClient, leader: Person
) -> None:
    pages.send(client, NEW, **TYPED | {"body": "<p onclick=x>One <b>two</b></p><script>no()</script>"})
    [story] = mine(site, leader)
    assert story.newest_revision.body == "<p>One <b>two</b></p>"
    assert fields(client.get(f"/en/my/stories/{story.id}/words"))["body"] == ["One <b>two</b>"]


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("title", "  ", "Please give the story a title"),
        ("title", "x" * (limits.TITLE + 2), "2 characters too long: 300 fit here"),
        ("body", "<i>x</i>" * (limits.BODY_MARKUP // 2 + 1), "Please paste it as plain text"),
        ("body", "<div>" * (limits.BODY_NESTING + 9), "nested too deeply"),
        ("body", "x" * (limits.BODY + 1), "characters too long: 300,000 fit here"),
        ("introduction", "x" * (limits.INTRODUCTION + 1), "1 characters too long: 5,000 fit here"),
        ("pull_quotes", "x" * (limits.SHORT + 1), "Up to 30 lines fit here, each of up to 500 characters"),
        ("prompts", "why?\n" * (limits.LIST_ENTRIES + 1), "Up to 30 lines fit here"),
        ("place", "x" * (limits.SHORT + 1), "1 characters too long: 500 fit here"),
        ("translation_of", "https://elsewhere.example/x", "We found no story at this address"),
        ("translation_of", "http://[", "We found no story at this address"),
        ("language", "tlh", "Please choose one of these"),
        ("themes", "no-such-theme", "no longer offered"),
    ],
)
def test_what_cannot_be_taken_is_said_beside_its_field_and_kept(
    site: Session, client: FlaskClient, leader: Person, field: str, typed: str, said: str
) -> None:
    answer = pages.send(client, NEW, **TYPED | {field: typed})
    assert answer.status_code == 422
    assert said in words(answer)
    kept = fields(answer)
    assert {name: kept[name] for name in TYPED if name not in {field, "form_key"}} == {
        name: [value] for name, value in TYPED.items() if name not in {field, "form_key"}
    }
    if field not in {"language", "themes"}:
        assert kept[field] == [typed]
    assert mine(site, leader) == []


def test_stale_words_come_back_with_a_way_to_the_newer_ones_and_are_saved_when_meant(
    site: Session, client: FlaskClient, leader: Person
) -> None:
    story = make.draft(site, by=leader, teller=leader)
    seen = story.newest_revision.id
    editorial.write(story, make.words(title="Newer"), by=leader, at=make.NOW, revision_id=seen)
    site.commit()
    answer = save(client, story, revision_id=str(seen), title="Mine")
    assert (answer.status_code, fields(answer)["title"]) == (409, ["Mine"])
    assert f"/en/my/stories/{story.id}/preview" in answer.text
    assert fields(answer)["revision_id"] == [str(story.newest_revision.id)]
    again = {name: values[0] for name, values in fields(answer).items() if values[0]}
    assert client.post(f"/en/my/stories/{story.id}/words", data=again).status_code == 303
    assert [revision.title for revision in mine(site, leader)[0].revisions][1:] == ["Newer", "Mine"]


def test_pressing_save_twice_saves_once(site: Session, client: FlaskClient, leader: Person) -> None:
    story = make.draft(site, by=leader, teller=leader)
    site.commit()
    seen = str(story.newest_revision.id)
    first, second = save(client, story, revision_id=seen), save(client, story, revision_id=seen)
    assert (first.status_code, second.status_code, len(mine(site, leader)[0].revisions)) == (303, 303, 2)


@pytest.mark.parametrize("state", [State.SUBMITTED, State.IN_REVIEW, State.WITHDRAWN, State.PUBLISHED])
def test_words_of_a_story_that_moved_on_are_not_saved_and_not_lost(
    site: Session, client: FlaskClient, leader: Person, state: State
) -> None:
    story = make.story_in(site, state, by=leader)
    site.commit()
    answer = save(client, story, title="Too late")
    assert (answer.status_code, fields(answer)["title"], fields(answer)["body"]) == (
        409, ["Too late"], [TYPED["body"]],
    )  # fmt: skip
    assert [revision.title for revision in mine(site, leader)[0].revisions] == ["The Water We Carried"]


def test_the_language_teller_and_original_of_a_draft_can_be_put_right(
    site: Session, client: FlaskClient, leader: Person
) -> None:
    original = make.published(site, language="ur")
    story = make.draft(site, by=leader, teller=leader)
    site.commit()
    address = f"https://stories.example/ur/stories/{original.slug}?from=search"
    save(client, story, language="km", whose="others", translation_of=address)
    [story] = mine(site, leader)
    assert (story.language, story.teller, story.original_id) == ("km", None, original.id)


def test_a_story_that_was_sent_keeps_its_language_whatever_the_form_says(
    site: Session, client: FlaskClient, leader: Person
) -> None:
    story = make.story_in(site, State.CHANGES_REQUESTED, by=leader)
    editorial.revise(story, by=leader, at=make.NOW)
    site.commit()
    assert "language" not in fields(client.get(f"/en/my/stories/{story.id}/words"))
    assert save(client, story, language="km", title="Better").status_code == 303
    [story] = mine(site, leader)
    assert (story.language, story.newest_revision.title) == ("en", "Better")


def test_a_translation_into_the_same_language_is_questioned(site: Session, client: FlaskClient, leader: Person) -> None:
    original = make.published(site)
    site.commit()
    answer = pages.send(client, NEW, **TYPED | {"translation_of": original.slug})
    assert answer.status_code == 422
    assert "That story is in the same language" in words(answer)


def test_a_translation_begins_with_what_it_shares_with_its_original(
    site: Session, client: FlaskClient, leader: Person
) -> None:
    theme = make.theme(site)
    original = make.published(site, language="ur", themes=(theme,))
    site.commit()
    begun = fields(client.get(f"{NEW}?translation_of=/ur/stories/{original.slug}"))
    assert {name: begun[name] for name in ("title", "teller_name", "themes", "translation_of", "whose")} == {
        "title": [""], "teller_name": ["Lani Kekoa"], "themes": [theme.slug],
        "translation_of": [f"/en/stories/{original.slug}"], "whose": ["others"],
    }  # fmt: skip


def test_a_story_that_readers_have_leads_to_writing_its_translation(
    site: Session, client: FlaskClient, leader: Person
) -> None:
    begun, told = make.draft(site, by=leader), make.published(site, by=leader)
    site.commit()
    link = f'href="{NEW}?translation_of={told.slug}"'
    assert [link in client.get(f"/en/my/stories/{story.id}").text for story in (told, begun)] == [True, False]
    assert "translation_of" not in client.get(f"/en/my/stories/{begun.id}").text
    assert fields(client.get(f"{NEW}?translation_of={told.slug}"))["teller_name"] == ["Lani Kekoa"]


def test_what_the_moderator_wrote_stands_beside_the_words(site: Session, client: FlaskClient, leader: Person) -> None:
    story = make.story_in(site, State.CHANGES_REQUESTED, by=leader)
    site.commit()
    path = f"/en/my/stories/{story.id}"
    assert "Please say where." in words(client.get(path))
    answer = pages.send(client, path, f"{path}/revision")
    assert answer.location == f"{path}/words"
    assert "Please say where." in words(client.get(answer.location))


def test_taking_up_the_words_twice_opens_one_draft(site: Session, client: FlaskClient, leader: Person) -> None:
    story = make.published(site, by=leader)
    site.commit()
    path = f"/en/my/stories/{story.id}"
    answers = [pages.send(client, path, f"{path}/revision").location for _ in range(2)]
    assert answers == [f"{path}/words"] * 2
    [story] = mine(site, leader)
    assert (len(story.submissions), story.is_public) == (2, True)


def test_nobody_elses_story_is_there(site: Session, client: FlaskClient, leader: Person) -> None:
    story = make.draft(site)
    site.commit()
    paths = ["", "/words", "/preview", "/submission", "/consent", "/confirmation", "/withdrawal"]
    assert {client.get(f"/en/my/stories/{story.id}{path}").status_code for path in paths} == {404}
    posts = ["/words", "/submission", "/consent", "/confirmation", "/withdrawal", "/recall", "/revision"]
    sent = [pages.send(client, NEW, f"/en/my/stories/{story.id}{path}", **TYPED).status_code for path in posts]
    assert set(sent) == {404}
    assert client.get("/en/my/stories/99999999999999999999").status_code == 404


def test_my_stories_begin_with_those_that_wait_for_me(site: Session, client: FlaskClient, leader: Person) -> None:
    make.draft(site, by=leader, title="Being written")
    make.story_in(site, State.IN_REVIEW, by=leader, title="Being read")
    make.published(site, by=leader, title="Out there")
    hidden = make.published(site, by=leader, title="Hidden")
    consent.record(hidden, {Purpose.PUBLISH: False}, consent.Circumstances("en"), by=leader, at=make.NOW)
    site.commit()
    page = words(client.get("/en/my/stories"))
    order = [
        "Your turn",
        "Hidden",
        "Being written",
        "All the others, the last changed first",
        "Out there",
        "Being read",
    ]
    places = [page.index(one) for one in order]
    assert places == sorted(places)


def test_my_stories_are_paged(site: Session, client: FlaskClient, leader: Person) -> None:
    for number in range(13):
        make.draft(site, by=leader, title=f"Story {number:02}")
    site.commit()
    first, second, third = (words(client.get(f"/en/my/stories?page={number}")) for number in (1, 2, 3))
    assert [f"Story {number:02}" in first for number in range(13)] == [False] + [True] * 12
    assert [f"Story {number:02}" in second for number in range(13)] == [True] + [False] * 12
    assert "The list ends before this page" in third


def test_what_a_paste_lost_is_said_on_the_next_page_in_the_readers_language(
    site: Session, client: FlaskClient, leader: Person
) -> None:
    pasted = '<p style="color:red">We sang.</p><img src="a.png"><img src="b.png"><p><a href="/here">here</a></p>'
    answer = pages.send(client, NEW, **TYPED | {"body": pasted})

    said = "A story is made of words, so this was left out of what you pasted: 2 pictures, the address of 1 link, "
    assert said + "colours and typefaces." in words(client.get(answer.location))
    assert mine(site, leader)[0].newest_revision.body == "<p>We sang.</p><p><a>here</a></p>"
    again = pages.send(client, NEW, "/ur/my/stories/new", **TYPED | {"body": pasted, "form_key": "u" * 24})
    assert "2 تصویریں" in words(client.get(again.location))


def test_a_paste_of_nothing_but_a_picture_is_no_story_and_that_is_said(
    site: Session, client: FlaskClient, leader: Person
) -> None:
    answer = pages.send(client, NEW, **TYPED | {"body": '<img src="a.png">'})

    assert "Nothing was left of what you pasted as the story itself" in words(client.get(answer.location))
    assert mine(site, leader)[0].newest_revision.body == ""


def test_plain_words_lose_nothing_and_say_nothing(site: Session, client: FlaskClient, leader: Person) -> None:
    typed = "Ba Tran <ba@example.org> said <quietly> no.\r\nIf a<b and c>d: https://x.org/?a=1&b=2 &amp; <b>"
    answer = pages.send(client, NEW, **TYPED | {"body": typed})

    page = client.get(answer.location)
    assert "A story is made of words" not in words(page)
    assert fields(page)["body"] == [typed.replace("\r\n", "\n")]


@pytest.mark.parametrize("title", ["\u3164", "\u200b", "\u2800", "\u202e\u202c"], ids=ascii)
def test_a_title_that_nobody_can_see_is_no_title(client: FlaskClient, leader: Person, title: str) -> None:
    answer = pages.send(client, NEW, **TYPED | {"title": title})

    assert answer.status_code == 422
    assert fields(answer)["body"] == [TYPED["body"]]
