"""Adding and renaming themes and organisations."""

from __future__ import annotations

import unicodedata

import factories as make
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from stories.community import catalogue
from stories.community.catalogue import CatalogueEntry, NameTaken, NotAWebsite
from stories.errors import Missing, TooLong
from stories.models import Change, Organisation, Theme
from stories.text import limits


def test_a_theme_is_added_with_its_name_in_other_languages(session: Session) -> None:
    theme = catalogue.add(
        session, Theme, CatalogueEntry(" Shared \x00 meals ", "At one table.", {"ur": "مل کر کھانا", "hi": " "})
    )
    assert (theme.slug, theme.name, theme.names) == ("shared-meals", "Shared meals", {"ur": "مل کر کھانا"})


def test_a_name_in_any_script_gets_an_address(session: Session) -> None:
    assert catalogue.add(session, Theme, CatalogueEntry("مل کر کھانا")).slug.isascii()


def test_two_names_that_look_alike_in_ascii_get_addresses_of_their_own(session: Session) -> None:
    first = catalogue.add(session, Organisation, CatalogueEntry("Café Luz"))
    second = catalogue.add(session, Organisation, CatalogueEntry("Cafe Luz"))
    assert first.slug == "cafe-luz"
    assert second.slug != first.slug


@pytest.mark.parametrize("name", ["Harbor Lights", "harbor  lights", "Harbor\u200b Lights"])
def test_a_name_that_is_taken_is_refused_so_a_second_press_makes_no_second_one(session: Session, name: str) -> None:
    catalogue.add(session, Organisation, CatalogueEntry("Harbor Lights"))
    with pytest.raises(NameTaken):
        catalogue.add(session, Organisation, CatalogueEntry(name))


def test_a_name_is_composed_and_must_be_visible(session: Session) -> None:
    decomposed = unicodedata.normalize("NFD", "Áo Dài")
    assert catalogue.add(
        session, Theme, CatalogueEntry(decomposed, names={"vi": decomposed, "ur": "\u3164"})
    ).names == {"vi": "Áo Dài"}
    with pytest.raises(NameTaken):
        catalogue.add(session, Theme, CatalogueEntry("áo dài"))
    with pytest.raises(Missing):
        catalogue.add(session, Theme, CatalogueEntry("\u3164\u200b"))


def test_saving_without_changing_the_name_is_no_clash_with_itself(session: Session) -> None:
    theme = catalogue.add(session, Theme, CatalogueEntry("Labour"))
    assert (
        catalogue.write(session, theme, CatalogueEntry("Labour", "Work and its worth.")).about == "Work and its worth."
    )


def test_a_renamed_theme_keeps_its_address_and_its_stories_are_indexed_anew(session: Session) -> None:
    theme = make.theme(session, "Labour", slug="labour")
    story = make.published(session, themes=(theme,))
    before = len(session.scalars(select(Change)).all())
    catalogue.write(session, theme, CatalogueEntry("Work"))
    assert theme.slug == "labour"
    assert [(change.kind, change.subject_id) for change in session.scalars(select(Change)).all()[before:]] == [
        ("theme", theme.id),
        ("story", story.id),
    ]


def test_a_renamed_organisation_takes_its_stories_along(session: Session) -> None:
    organisation = make.organisation(session)
    story = make.published(session, organisation=organisation)
    before = len(session.scalars(select(Change)).all())
    catalogue.write(session, organisation, CatalogueEntry("Harbor", place="Oakland", website="https://harbor.example"))
    assert (organisation.name, organisation.place, organisation.website) == (
        "Harbor",
        "Oakland",
        "https://harbor.example",
    )
    assert [(change.kind, change.subject_id) for change in session.scalars(select(Change)).all()[before:]] == [
        ("organisation", organisation.id),
        ("story", story.id),
    ]


@pytest.mark.parametrize("website", ["javascript:alert(1)", "mailto:me@example.org", "harbor.example", "https://a\\b"])
def test_only_the_address_of_a_website_is_a_website(session: Session, website: str) -> None:
    with pytest.raises(NotAWebsite):
        catalogue.add(session, Organisation, CatalogueEntry("Harbor", website=website))


def test_an_empty_name_is_refused(session: Session) -> None:
    with pytest.raises(Missing):
        catalogue.add(session, Theme, CatalogueEntry(" \x00 "))


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        (CatalogueEntry("n" * (limits.SHORT + 1)), "name"),
        (CatalogueEntry("Name", "a" * (catalogue.ABOUT + 1)), "about"),
        (CatalogueEntry("Name", names={"ur": "n" * (limits.SHORT + 1)}), "name_ur"),
        (CatalogueEntry("Name", abouts={"ur": "n" * (catalogue.ABOUT + 1)}), "about_ur"),
    ],
)
def test_what_is_too_long_is_named(session: Session, entry: CatalogueEntry, field: str) -> None:
    with pytest.raises(TooLong) as refused:
        catalogue.add(session, Theme, entry)
    assert refused.value.field == field


def test_what_is_there_can_be_shown_again(session: Session) -> None:
    entry = CatalogueEntry(
        "Harbor", "We cook.", {"ur": "بندرگاہ"}, {"ur": "ہم پکاتے ہیں"}, "Oakland", "https://harbor.example"
    )
    assert catalogue.entry_of(catalogue.add(session, Organisation, entry)) == entry


def test_nothing_is_added_when_it_is_refused(session: Session) -> None:
    with pytest.raises(Missing):
        catalogue.add(session, Theme, CatalogueEntry(""))
    session.rollback()
    assert (session.scalars(select(Theme)).all(), session.scalars(select(Organisation)).all()) == ([], [])
