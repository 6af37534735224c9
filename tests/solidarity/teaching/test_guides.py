"""The pages for everyone who wants to hold a conversation: the shelf, a guide, its sheets."""

from __future__ import annotations

import re
from typing import Any

import factories as make
import pytest
from fields import fields, words
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from solidarity.search_engine import catch_up
from stories import consent, editorial, guides
from stories.guides import GuideOrigin, GuidePlan, PhasePlan, PromptPlan, StepPlan
from stories.models import Guide, Purpose, Role, Story
from stories.models.guides import Depth, Grouping

PREPARE = StepPlan("Read it twice", 0, Grouping.ALONE, "Mark a sentence.")
NAMES = StepPlan("Names", 5, Grouping.EVERYONE, "Everyone says a name.", "Begin on time.")
TALK = StepPlan(
    "Talk in pairs", 40, Grouping.PAIRS, "Choose one.", "Listen.",
    (PromptPlan("Who was there?", Depth.RECALL), PromptPlan("What now?", Depth.ACTION)),
)  # fmt: skip
PHASES = (PhasePlan("Prepare", "Days before.", (PREPARE,)), PhasePlan("Discuss", "", (NAMES, TALK)), PhasePlan("Later"))


def public(site: Session, *, original: Guide | None = None, **changes: Any) -> Guide:
    author = make.person(site, Role.EDUCATOR)
    plan: dict[str, Any] = {
        "title": "One hour", "language": "en", "help_note": "Slow down.", "phases": PHASES, "agreements": ("We wait.",),
        "audiences": ("teachers",), "preparation": ("Bring tea.",),
    }  # fmt: skip
    guide = guides.draft(site, GuidePlan(**(plan | changes)), by=author, at=make.NOW, origin=GuideOrigin(original))
    guides.publish(guide, by=author, at=make.NOW)
    site.commit()
    return guide


def lasting(minutes: int) -> tuple[PhasePlan, ...]:
    return (PhasePlan("Talk", steps=(StepPlan("Talk", minutes),)),)


def shelf(client: FlaskClient, address: str) -> list[str]:
    """The titles of the cards, in order."""
    page = client.get(address)
    assert page.status_code == 200
    return re.findall(r"<h2 class=\"entry__title[^>]*><a [^>]*>([^<]*)</a>", page.text)


@pytest.fixture
def library(site: Session) -> None:
    theme = make.theme(site, "Water", "water")
    public(site, title="Class", audiences=("teachers", "students"), phases=lasting(50))
    public(site, title="Lunch", audiences=("non-profits",), phases=lasting(45), themes=(theme,))
    public(site, title="Evening", audiences=("facilitators",), phases=lasting(90), language="vi")
    author = make.person(site, Role.EDUCATOR)
    guides.draft(site, GuidePlan("A draft", "en"), by=author, at=make.NOW)
    site.commit()


FITS = [
    ("", ["Lunch", "Class", "Evening"]),
    ("?audience=teachers", ["Class"]),
    ("?minutes=45", ["Lunch"]),
    ("?minutes=60", ["Lunch", "Class"]),
    ("?language=vi", ["Evening"]),
    ("?theme=water", ["Lunch"]),
    ("?audience=teachers&minutes=45", []),
    ("?audience=&minutes=&language=&theme=", ["Lunch", "Class", "Evening"]),
    ("?audience=aliens&minutes=soon&language=tlh", ["Lunch", "Class", "Evening"]),
    ("?minutes=0", ["Lunch", "Class", "Evening"]),
    ("?minutes=99999999999999999999", ["Lunch", "Class", "Evening"]),
]


@pytest.mark.parametrize(("asked", "fitting"), FITS)
def test_the_shelf_shows_what_fits(client: FlaskClient, library: None, asked: str, fitting: list[str]) -> None:
    assert shelf(client, f"/en/guides{asked}") == fitting


def test_a_card_answers_hour_group_and_language_without_being_opened(client: FlaskClient, site: Session) -> None:
    public(site, settings=("community",), group_min=4, group_max=12, stories=(make.published(site),))
    card = client.get("/en/guides").text.partition('<ul class="facts">')[2].partition("</ul>")[0]
    facts = [" ".join(re.sub("<[^>]*>", "", fact).split()) for fact in card.split("</li>")[:-1]]
    assert facts == ["45 minutes", "Teachers · Community", "4 to 12 people", "1 story", "English"]


def test_a_choice_in_force_can_be_taken_back(client: FlaskClient, library: None) -> None:
    page = client.get("/en/guides?audience=teachers&minutes=60")
    assert fields(page)["audience"] == ["teachers"]
    assert fields(page)["minutes"] == ["60"]
    assert re.findall(r'class="chip" href="([^"]*)"', page.text) == [
        "/en/guides?minutes=60",
        "/en/guides?audience=teachers",
    ]


def test_nothing_that_fits_is_answered_with_a_way_on(client: FlaskClient, library: None) -> None:
    page = words(client.get("/en/guides?audience=teachers&minutes=15"))
    assert "No guide fits all of this yet" in page


def test_a_guide_and_its_translation_share_a_card_in_the_readers_language(client: FlaskClient, site: Session) -> None:
    english = public(site, title="One hour")
    public(site, title="Một giờ", language="vi", original=english)
    assert shelf(client, "/en/guides") == ["One hour"]
    assert shelf(client, "/vi/guides") == ["Một giờ"]
    assert shelf(client, "/ur/guides") == ["One hour"]
    assert shelf(client, "/ur/guides?language=vi") == ["Một giờ"]
    assert 'href="/vi/guides/mot-gio' in client.get(f"/en/guides/{english.slug}").text


def test_guides_in_the_readers_language_come_first(client: FlaskClient, library: None) -> None:
    assert shelf(client, "/vi/guides") == ["Evening", "Lunch", "Class"]


def test_the_clock_runs_through_the_steps_and_leaves_preparation_out(client: FlaskClient, site: Session) -> None:
    guide = public(site)
    page = client.get(f"/en/guides/{guide.slug}")
    assert re.findall(r'<span class="step__time">.*?</span> ([0-9:]+)</span>', page.text) == ["0:00", "0:05"]
    assert re.findall(r'hour__time">([0-9:]*)<', page.text) == ["", "0:00", "0:45"]
    assert "Outside the time" in words(page)
    assert "Later" not in words(page)


def test_prompts_stand_under_their_depth(client: FlaskClient, site: Session) -> None:
    page = words(client.get(f"/en/guides/{public(site).slug}"))
    assert "What happened Who was there? What we can do What now?" in page


def test_the_participants_sheet_has_the_questions_and_nothing_for_the_facilitator(
    client: FlaskClient, site: Session
) -> None:
    story = make.published(site, title="The Thermos")
    guide = public(site, stories=(story,), content_note="It speaks of fear.")
    facilitator = words(client.get(f"/en/guides/{guide.slug}/sheet"))
    participants = words(client.get(f"/en/guides/{guide.slug}/sheet?for=participants"))
    for_everybody = ("Who was there?", "We wait.", "The Thermos", f"/en/stories/{story.slug}", "It speaks of fear.")
    for_one = ("Begin on time.", "Everyone says a name.", "Slow down.", "Bring tea.", "0:05")
    assert [text for text in (*for_everybody, *for_one) if text not in facilitator] == []
    assert [text for text in for_everybody if text not in participants] == []
    assert [text for text in for_one if text in participants] == []


def withdrawn(site: Session, story: Story) -> None:
    editorial.withdraw(story, editorial.Scope.HIDE, by=story.submitter, at=make.NOW)


def refused(site: Session, story: Story) -> None:
    consent.record(
        story, {Purpose.USE_IN_GUIDES: False}, consent.Circumstances("en"), by=story.submitter, at=make.NOW
    )  # fmt: skip


@pytest.mark.parametrize("leave", [withdrawn, refused])
def test_a_story_that_is_gone_leaves_no_trace_of_its_words(client: FlaskClient, site: Session, leave: Any) -> None:
    story = make.published(site, title="A story that left")
    guide = public(site, stories=(story,))
    pages = [f"/en/guides/{guide.slug}", f"/en/guides/{guide.slug}/sheet", "/en/guides"]
    assert "A story that left" in client.get(pages[0]).text
    leave(site, story)
    site.commit()
    for page in pages:
        text = client.get(page).text
        assert ("A story that left" in text, story.slug in text, "1 story" in text) == (False, False, False)


def offered(client: FlaskClient, guide: Guide) -> list[str]:
    """The titles of the stories that the page offers beside those of the guide."""
    page = client.get(f"/en/guides/{guide.slug}").text.partition('id="more-stories"')[2]
    return re.findall(r"<h3 class=\"entry__title[^>]*><a [^>]*>([^<]*)</a>", page)


def test_the_page_offers_what_the_index_finds_now_without_the_stories_of_the_guide(
    client: FlaskClient, site: Session
) -> None:
    theme = make.theme(site, "Water")
    own = make.published(site, title="The Creek", themes=(theme,))
    urdu = make.published(site, title="نالہ", themes=(theme,), language="ur", original=own)
    other = make.published(site, title="The Well", themes=(theme,))
    guide = public(site, themes=(theme,), stories=(own,))
    catch_up()
    assert offered(client, guide) == ["The Well"]
    assert "In common with this guide: Water" in words(client.get(f"/en/guides/{guide.slug}"))
    withdrawn(site, other)
    site.commit()
    assert offered(client, guide) == []
    assert urdu.is_public


def test_a_teller_who_said_no_to_guides_is_not_offered(client: FlaskClient, site: Session) -> None:
    theme = make.theme(site, "Water")
    story = make.published(site, title="The Well", themes=(theme,))
    guide = public(site, themes=(theme,))
    catch_up()
    refused(site, story)
    site.commit()
    assert offered(client, guide) == []


def test_the_words_of_a_guide_carry_their_language(client: FlaskClient, site: Session) -> None:
    guide = public(site, title="ایک گھنٹہ", language="ur")
    page = client.get(f"/en/guides/{guide.slug}").text
    assert re.search(r'<h1 [^>]*dir="rtl" lang="ur"[^>]*>ایک گھنٹہ</h1>', page)
    assert f'<link rel="canonical" href="http://127.0.0.1:5000/ur/guides/{guide.slug}">' in page


def test_what_an_author_typed_is_shown_and_never_run(client: FlaskClient, site: Session) -> None:
    payload = "<img src=x onerror=alert(1)>"
    steps = (StepPlan(payload, 5, instruction=payload, tip=payload, prompts=(PromptPlan(payload),)),)
    guide = public(
        site, title=payload, about=payload, essential_question=payload, objectives=(payload,), materials=(payload,),
        content_note=payload, help_note=payload, credits=payload, phases=(PhasePlan(payload, payload, steps),),
    )  # fmt: skip
    for page in (f"/en/guides/{guide.slug}", f"/en/guides/{guide.slug}/sheet", "/en/guides"):
        assert "<img" not in client.get(page).text


def test_public_pages_are_the_same_for_everyone_and_can_be_asked_for_again(client: FlaskClient, site: Session) -> None:
    guide = public(site)
    for page in ("/en/guides", f"/en/guides/{guide.slug}", f"/en/guides/{guide.slug}/sheet"):
        first = client.get(page)
        assert "Set-Cookie" not in first.headers
        assert "csrf" not in first.text
        again = client.get(page, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")


def test_a_draft_and_an_unknown_guide_are_not_found(client: FlaskClient, site: Session) -> None:
    guide = public(site)
    guides.unpublish(guide, by=guide.author, at=make.NOW)
    site.commit()
    statuses = [
        client.get(f"/en/guides/{slug}{rest}").status_code
        for slug in (guide.slug, "nowhere")
        for rest in ("", "/sheet")
    ]
    assert statuses == [404, 404, 404, 404]


def test_an_english_guide_keeps_its_direction_on_an_urdu_page_and_a_label_of_ours_its_own(
    client: FlaskClient, site: Session
) -> None:
    page = client.get(f"/ur/guides/{public(site).slug}").text
    label = r'<div class="step__tip"><strong><bdi>[^<]+</bdi></strong>\s*'
    assert re.search(r'<div dir="ltr">\s*<header class="page-head', page)
    assert re.search(label + '<p class="user-text" dir="ltr" lang="en">Begin on time.', page)
