"""What readers are told about stories without opening them."""

from __future__ import annotations

import factories as make
from sqlalchemy.orm import Session

from stories import queries
from stories.text import prose


def test_public_languages_are_those_that_can_be_read_now(session: Session) -> None:
    story = make.published(session)
    make.published(session, language="bn", original=story)
    make.draft(session, language="ur", original=story)
    alone = make.published(session, language="km")

    assert queries.public_languages_by_root(session, [story.id, alone.id]) == {story.id: ["bn", "en"], alone.id: ["km"]}
    assert queries.public_languages_by_root(session, []) == {}


def test_a_beginning_is_one_line_of_words_however_the_body_is_cut() -> None:
    assert prose.beginning("<p>One <b>two</b></p><p>three</p>", 40) == "One two three"
    assert prose.beginning('<p>ab</p><a href="https://example.org/far/too/long">link</a>', 1) == "a…"
    assert prose.beginning("", 40) == ""


def test_an_excerpt_counts_what_readers_see_as_one_letter_and_is_never_long() -> None:
    assert prose.excerpt("ক্ষমা করো", 3) == "ক্ষমা…"
    assert prose.excerpt("two words here", 12) == "two words…"
    assert prose.excerpt("short", 5) == "short"
    assert len(prose.excerpt("a" + "\u0301" * 100_000, 20)) <= 241
