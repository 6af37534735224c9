"""Writing a guide on the website: nothing typed is ever lost, and nothing is made twice."""

from __future__ import annotations

from typing import Any

import factories as make
import pages
import pytest
from fields import fields, words
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from stories import guides, queries
from stories.guides import GuidePlan, PhasePlan, PromptPlan, StepPlan
from stories.models import Guide, Person, Role, Story
from stories.models.guides import Depth, Grouping

NEW = "/en/my/guides/new"
HELP = "Slow down. Offer company."


@pytest.fixture
def educator(site: Session, client: FlaskClient) -> Person:
    return pages.signed_in(site, client, make.person(site, Role.EDUCATOR))


def typed(client: FlaskClient, page: str, /, **changes: Any) -> dict[str, Any]:
    """What a browser would send from `page`, with `changes` typed into it; "__" stands for "-"."""
    return fields(client.get(page)) | {name.replace("__", "-"): value for name, value in changes.items()}


def a_step(**changes: Any) -> dict[str, Any]:
    return {
        "phases__0__title": "Open",
        "phases__0__steps__0__title": "Names",
        "phases__0__steps__0__minutes": "5",
        "help_note": HELP,
    } | changes


def written(site: Session, by: Person, **changes: Any) -> Guide:
    plan: dict[str, Any] = {
        "title": "One hour",
        "language": "en",
        "help_note": HELP,
        "phases": (PhasePlan("Open", steps=(StepPlan("Names", 5),)),),
    }
    guide = guides.draft(site, GuidePlan(**(plan | changes)), by=by, at=make.NOW)
    site.commit()
    return guide


def only_guide(site: Session) -> Guide:
    site.rollback()
    return site.scalars(select(Guide)).one()


def test_a_new_form_offers_an_outline_of_parts(client: FlaskClient, educator: Person) -> None:
    offered = fields(client.get(NEW))
    titles = [offered[f"phases-{number}-title"] for number in range(5)]
    assert titles == [["Before we meet"], ["Opening"], ["The story"], ["The conversation"], ["Closing"]]
    assert offered["language"] == ["en"]


def test_saving_stays_in_sight_on_the_long_form(client: FlaskClient, educator: Person) -> None:
    page = client.get(NEW).text
    assert 'class="form__end form__end--stays"' in page
    assert 'data-unsaved=""' in page


def test_a_guide_is_kept_with_everything_its_author_wrote(client: FlaskClient, site: Session, educator: Person) -> None:
    theme, story = make.theme(site, "Labour", "labour"), make.published(site)
    site.commit()
    sent = client.post(
        NEW,
        data=typed(
            client, NEW, title="One hour", language="ur", audiences=["teachers"], settings=["online"], group_min="٤",
            group_max="12", objectives="Listen\nSpeak\n", themes=["labour"], query_words="water", query_minutes="10",
            query_language="en", stories=[str(story.id)],
            **a_step(
                phases__0__steps__0__grouping="pairs", phases__0__steps__0__recall="Who?\nWhere?",
                phases__0__steps__0__action="What now?", phases__0__steps__0__tip="Smile.",
            ),
        ),
    )  # fmt: skip
    guide = only_guide(site)
    assert (sent.status_code, sent.location) == (303, f"/en/my/guides/{guide.id}")
    questions = (
        PromptPlan("Who?", Depth.RECALL),
        PromptPlan("Where?", Depth.RECALL),
        PromptPlan("What now?", Depth.ACTION),
    )
    assert guides.plan_of(guide) == GuidePlan(
        title="One hour", language="ur", audiences=("teachers",), settings=("online",), group_min=4, group_max=12,
        objectives=("Listen", "Speak"), help_note=HELP, themes=(theme,), query_words="water", query_minutes=10,
        query_language="en", stories=(story,),
        phases=(
            PhasePlan("Open", steps=(StepPlan("Names", 5, Grouping.PAIRS, "", "Smile.", questions),)),
            *(PhasePlan(title) for title in ("Opening", "The story", "The conversation", "Closing")),
        ),
    )  # fmt: skip


def test_a_double_click_makes_one_guide(client: FlaskClient, site: Session, educator: Person) -> None:
    form = typed(client, NEW, title="One hour")
    first, second = client.post(NEW, data=form), client.post(NEW, data=form)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location == f"/en/my/guides/{only_guide(site).id}"


def test_bad_input_is_named_beside_its_field_and_everything_typed_is_kept(
    client: FlaskClient, site: Session, educator: Person
) -> None:
    form = typed(
        client, NEW, title="", about="A long afternoon’s work.", group_min="9", group_max="many",
        **a_step(phases__0__steps__0__title="", phases__0__steps__0__minutes="5.5", phases__0__steps__0__recall="a\nb"),
    )  # fmt: skip
    answer = client.post(NEW, data=form)
    assert answer.status_code == 422
    kept = fields(answer)
    assert {name: kept[name] for name in form if name != "csrf_token"} == {
        name: value if isinstance(value, list) else [value] for name, value in form.items() if name != "csrf_token"
    }
    page = words(answer)
    assert "Title: Please give the guide a title." in page
    assert "Most people: Please write a whole number from 1 to 1,000." in page
    assert "What this step is called: Please give this step a name." in page
    assert "Minutes: Please write a whole number from 0 to 600." in page
    assert site.scalars(select(Guide)).all() == []


def test_more_steps_than_fit_are_refused_and_kept(client: FlaskClient, educator: Person) -> None:
    steps = {f"phases__0__steps__{number}__title": f"Step {number}" for number in range(61)}
    answer = client.post(NEW, data=typed(client, NEW, title="Long", phases__0__title="Open", **steps))
    assert answer.status_code == 422
    assert "Up to 20 parts and 60 steps fit into a guide." in words(answer)
    assert fields(answer)["phases-0-steps-60-title"] == ["Step 60"]


def test_more_questions_than_fit_into_a_step_are_refused_and_kept(client: FlaskClient, educator: Person) -> None:
    many = "\n".join(["Why?"] * 16)
    step = a_step(phases__0__steps__0__recall=many, phases__0__steps__0__action=many)
    answer = client.post(NEW, data=typed(client, NEW, title="One hour", **step))
    assert answer.status_code == 422
    assert "Up to 30 questions fit into a step." in words(answer)
    assert fields(answer)["phases-0-steps-0-action"] == [many]


def test_more_steps_than_anybody_can_have_written_are_not_even_drawn(client: FlaskClient, educator: Person) -> None:
    steps = {f"phases__0__steps__{number}__title": f"Step {number}" for number in range(500)}
    answer = client.post(NEW, data=typed(client, NEW, title="Long", **steps))
    assert answer.status_code == 413
    assert fields(answer)["phases-0-steps-499-title"] == ["Step 499"]


def test_a_step_can_be_added_without_saving_and_without_losing_a_word(
    client: FlaskClient, site: Session, educator: Person
) -> None:
    form = typed(client, NEW, title="Half a title", group_min="soon", **a_step())
    answer = client.post(NEW, data=form | {"do": "add-step 0"})
    kept = fields(answer)
    assert answer.status_code == 200
    assert (kept["title"], kept["group_min"], kept["help_note"]) == (["Half a title"], ["soon"], [HELP])
    assert (kept["phases-0-steps-0-title"], kept["phases-0-steps-1-title"]) == (["Names"], [""])
    assert (
        'id="phases-0-steps-1-title"' in answer.text.partition("autofocus")[2] + answer.text.partition("autofocus")[0]
    )
    assert site.scalars(select(Guide)).all() == []


def test_the_minutes_are_added_up(client: FlaskClient, educator: Person) -> None:
    form = typed(client, NEW, **a_step(phases__1__title="Talk", phases__1__steps__0__minutes="40"))
    assert "All together: 45 minutes" in words(client.post(NEW, data=form | {"do": "count"}))


def test_a_version_conflict_says_so_and_keeps_what_was_typed(
    client: FlaskClient, site: Session, educator: Person
) -> None:
    guide = written(site, educator)
    page = f"/en/my/guides/{guide.id}/wording"
    mine, theirs = typed(client, page, title="Mine"), typed(client, page, title="Theirs")
    assert client.post(page, data=theirs).status_code == 303
    conflict = client.post(page, data=mine)
    assert conflict.status_code == 409
    assert fields(conflict)["title"] == ["Mine"]
    assert "This guide was saved elsewhere since you opened it" in words(conflict)
    assert only_guide(site).title == "Theirs"
    assert client.post(page, data=fields(conflict)).status_code == 303
    assert only_guide(site).title == "Mine"


def test_the_form_shows_a_stored_guide_and_saving_it_unchanged_changes_no_word(
    client: FlaskClient, site: Session, educator: Person
) -> None:
    step = StepPlan("Names", 5, Grouping.ALONE, "Say it.\nSlowly.", "Smile.", (PromptPlan("Who?", Depth.ACTION),))
    guide = written(
        site, educator, phases=(PhasePlan("Open", "Come in.", (step, step)),), agreements=("Listen", "Pass")
    )
    before = guides.plan_of(guide)
    page = f"/en/my/guides/{guide.id}/wording"
    assert client.post(page, data=typed(client, page)).status_code == 303
    assert guides.plan_of(only_guide(site)) == before


def test_stories_are_found_by_title_or_address_and_put_in_order(
    client: FlaskClient, site: Session, educator: Person
) -> None:
    first, second = make.published(site, title="The Thermos"), make.published(site, title="The Net Shed")
    site.commit()
    by_title = client.post(NEW, data=typed(client, NEW, story_words="thermos", do="look-stories"))
    assert f'name="stories" id="found-0" value="{first.id}"' in by_title.text
    address = f"https://example.org/en/stories/{second.slug}"
    by_address = client.post(
        NEW, data=typed(client, NEW, story_words=address, stories=[str(first.id)], do="look-stories")
    )
    assert fields(by_address)["stories"] == [str(first.id)]
    assert f'name="stories" id="found-0" value="{second.id}"' in by_address.text
    both = [str(first.id), str(second.id)]
    moved = client.post(NEW, data=typed(client, NEW, stories=both, do="up-story 1"))
    assert fields(moved)["stories"] == both[::-1]


def test_a_story_nobody_may_see_cannot_be_looked_up_or_put_on_a_guide(
    client: FlaskClient, site: Session, educator: Person
) -> None:
    secret = make.draft(site, title="A secret of the valley")
    site.commit()
    looked = client.post(NEW, data=typed(client, NEW, story_words="secret", do="look-stories"))
    assert "of the valley" not in looked.text
    client.post(NEW, data=typed(client, NEW, title="One hour", stories=[str(secret.id), "999", "x"]))
    assert only_guide(site).anchors == []


def test_a_story_that_left_keeps_its_place_without_a_word_of_it(
    client: FlaskClient, site: Session, educator: Person
) -> None:
    story = gone(site, make.published(site, title="A story that left"))
    guide = written(site, educator, stories=(story,))
    page = f"/en/my/guides/{guide.id}/wording"
    answer = client.get(page)
    assert "A story that left" not in answer.text
    assert fields(answer)["stories"] == [str(story.id)]
    assert client.post(page, data=fields(answer)).status_code == 303
    assert [anchor.story_id for anchor in only_guide(site).anchors] == [story.id]


def gone(site: Session, story: Story) -> Story:
    moderator = make.person(site, Role.MODERATOR)
    make.editorial.unpublish(story, by=moderator, at=make.NOW, note="The teller asked.")
    return story


def test_publishing_shows_the_guide_at_once_and_taking_it_back_hides_it(
    client: FlaskClient, site: Session, educator: Person
) -> None:
    guide = written(site, educator, title="An hour with strangers")
    desk, public = f"/en/my/guides/{guide.id}", f"/en/guides/{guide.slug}"
    found = "/api/v1/search?q=strangers"
    assert client.get(public).status_code == 404
    assert client.post(f"{desk}/publication", data=typed(client, desk)).status_code == 303
    assert client.get(public).status_code == 200
    assert client.get(found).json["total"] == 1
    assert client.post(f"{desk}/return", data=typed(client, desk)).status_code == 303
    assert client.get(public).status_code == 404
    assert client.get(found).json["total"] == 0


def test_an_incomplete_guide_is_not_published_and_says_what_it_needs(
    client: FlaskClient, site: Session, educator: Person
) -> None:
    guide = written(site, educator, help_note="", phases=())
    desk = f"/en/my/guides/{guide.id}"
    answer = client.post(f"{desk}/publication", data=typed(client, desk))
    assert answer.status_code == 422
    assert "It needs a step with its minutes." in words(answer)
    assert "It needs a note on what to do" in words(answer)
    assert not only_guide(site).is_public


def test_a_public_guide_cannot_lose_its_help_note(client: FlaskClient, site: Session, educator: Person) -> None:
    guide = written(site, educator)
    guides.publish(guide, by=educator, at=make.NOW)
    site.commit()
    page = f"/en/my/guides/{guide.id}/wording"
    answer = client.post(page, data=typed(client, page, help_note=" ", about="New words."))
    assert answer.status_code == 422
    assert fields(answer)["about"] == ["New words."]
    assert "If someone tells of something painful: Please write something here." in words(answer)
    assert only_guide(site).help_note == HELP


def test_a_translation_begins_with_the_words_of_its_original_and_is_linked_to_it(
    client: FlaskClient, site: Session, educator: Person
) -> None:
    guide = written(site, educator)
    page = f"/ur/my/guides/new?translation_of={guide.slug}"
    form = typed(client, page)
    assert (form["title"], form["language"]) == (["One hour"], ["ur"])
    assert client.post("/ur/my/guides/new", data=form | {"title": "ایک گھنٹہ"}).status_code == 303
    site.rollback()
    assert [other.title for other in queries.guides_of(site, educator) if other.original_id == guide.id] == [
        "ایک گھنٹہ"
    ]


def test_somebody_elses_draft_is_not_offered_for_translation(
    client: FlaskClient, site: Session, educator: Person
) -> None:
    secret = written(site, make.person(site, Role.EDUCATOR), title="A draft of somebody else")
    page = f"{NEW}?translation_of={secret.slug}"
    assert "A draft of somebody else" not in client.get(page).text


def test_my_guides_lists_only_mine_with_their_standing(client: FlaskClient, site: Session, educator: Person) -> None:
    written(site, educator, title="My draft")
    shown = written(site, educator, title="My public guide")
    guides.publish(shown, by=educator, at=make.NOW)
    written(site, make.person(site, Role.EDUCATOR), title="Not mine")
    page = words(client.get("/en/my/guides"))
    assert ("My draft" in page, "My public guide" in page, "Not mine" in page) == (True, True, False)
