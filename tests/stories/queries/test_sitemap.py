"""The parts of the sitemap: together they hold every public address once, and nothing else."""

from __future__ import annotations

import factories as make
from sqlalchemy.orm import Session

from stories import editorial, queries
from stories.models import Role, Story
from stories.workflow import State

SIZE = 3


def parts(session: Session) -> dict[int, list[str]]:
    numbers = queries.sitemap_parts(session, SIZE)
    return {number: [entry.slug for entry in queries.sitemap_part(session, number, SIZE)] for number in numbers}


def eight(session: Session) -> list[Story]:
    stories = [make.published(session) for _ in range(8)]
    session.flush()
    return stories


def test_every_public_address_is_in_one_part(session: Session) -> None:
    stories = eight(session)
    make.story_in(session, State.APPROVED)
    session.flush()

    assert list(parts(session)) == [1, 2, 3]
    assert [slug for slugs in parts(session).values() for slug in slugs] == [story.slug for story in stories]
    assert all(len(slugs) <= SIZE for slugs in parts(session).values())


def test_translations_are_in_the_part_of_their_original_even_when_it_is_gone(session: Session) -> None:
    first, *_ = eight(session)
    bangla, urdu = (make.published(session, language=tag, original=first) for tag in ("bn", "ur"))
    session.flush()
    entries = [entry for entry in queries.sitemap_part(session, 1, SIZE) if entry.root == first.id]
    editorial.archive(first, by=make.person(session, Role.MODERATOR), at=make.NOW, note="Old.")
    session.flush()

    assert entries == [(first.id, one.slug, one.language, make.NOW) for one in (first, bangla, urdu)]
    assert parts(session)[1][:2] == [bangla.slug, urdu.slug]


def test_what_is_withdrawn_is_in_none_and_a_part_with_nothing_left_is_not_listed(session: Session) -> None:
    stories = eight(session)
    for story in stories[3:6]:
        editorial.withdraw(story, editorial.Scope.HIDE, by=story.submitter, at=make.NOW)
    session.flush()

    assert parts(session) == {1: [story.slug for story in stories[:3]], 3: [story.slug for story in stories[6:]]}
    assert queries.sitemap_part(session, 2, SIZE) == []


def test_a_site_without_stories_has_no_part(session: Session) -> None:
    assert queries.sitemap_parts(session) == []
