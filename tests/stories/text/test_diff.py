from __future__ import annotations

import factories as make
import pytest
from hypothesis import given
from hypothesis import strategies as st
from patience import comes_to_an_end
from sqlalchemy.orm import Session

from stories import editorial, wording
from stories.models import Role
from stories.text import diff
from stories.text.diff import ChangeKind, DiffPart
from stories.workflow import State

SAME, GONE, NEW = ChangeKind.SAME, ChangeKind.GONE, ChangeKind.NEW


@pytest.mark.parametrize(
    ("old", "new", "pieces"),
    [
        ("We ran home.", "We walked home.", [(SAME, "We"), (GONE, " ran"), (NEW, " walked"), (SAME, " home.")]),
        ("我們一起走回家", "我們一起跑回家", [(SAME, "我們一起"), (GONE, "走"), (NEW, "跑"), (SAME, "回家")]),
        ("ہم گھر گئے", "ہم گھر آئے", [(SAME, "ہم گھر"), (GONE, " گئے"), (NEW, " آئے")]),
        ("हम घर गए", "हम घर आए", [(SAME, "हम घर"), (GONE, " गए"), (NEW, " आए")]),
    ],
)
def test_changed_words_are_told_from_the_same_ones_in_every_script(
    old: str, new: str, pieces: list[tuple[ChangeKind, str]]
) -> None:
    assert diff.between(old, new) == [DiffPart(*piece) for piece in pieces]


def test_khmer_is_compared_cluster_by_cluster() -> None:
    pieces = diff.between("យើងទៅផ្ទះ", "យើងមកផ្ទះ")
    assert pieces == [DiffPart(SAME, "យើង"), DiffPart(GONE, "ទៅ"), DiffPart(NEW, "មក"), DiffPart(SAME, "ផ្ទះ")]


@given(st.text(max_size=200), st.text(max_size=200))
def test_the_pieces_read_as_the_old_text_and_as_the_new_one(old: str, new: str) -> None:
    pieces = diff.between(old, new)
    assert "".join(piece.text for piece in pieces if piece.fate is not NEW) == old
    assert "".join(piece.text for piece in pieces if piece.fate is not GONE) == new


def test_a_new_sentence_after_a_changed_one_is_shown_whole() -> None:
    pieces = diff.between("Nobody asked. It was late.", "No one asked. It was late. We laughed.")
    assert [piece.text for piece in pieces if piece.fate is NEW] == ["No one", " We laughed."]


def test_a_small_change_in_a_text_too_long_to_compare_is_found_all_the_same() -> None:
    words = " ".join(str(number) for number in range(5_000))
    pieces = diff.between(words, words.replace(" 2500 ", " many "))
    assert [piece.text for piece in pieces if piece.fate is not SAME] == [" 2500", " many"]


@pytest.mark.parametrize("space", [" ", "\n"], ids=["words", "lines"])
def test_comparing_two_huge_texts_comes_to_an_end(space: str) -> None:
    old, new = f"a{space}b{space}" * 50_000, f"b{space}a{space}c{space}" * 40_000
    assert comes_to_an_end(lambda: diff.between(old, new))


def test_only_changed_fields_are_named_and_a_link_shows_where_it_leads(session: Session) -> None:
    story = make.draft(session, typed='<p>See <a href="https://one.example/">this</a>.</p>')
    old = story.newest_revision
    new = editorial.write(
        story,
        make.words(title="The Water", typed='<p>See <a href="https://two.example/">this</a>.</p>'),
        by=story.submitter, at=make.NOW, revision_id=old.id,
    )  # fmt: skip
    changed = diff.of(old, new)
    assert list(changed) == ["title", "body"]
    assert (DiffPart(GONE, "one"), DiffPart(NEW, "two")) == tuple(p for p in changed["body"] if p.fate is not SAME)


def test_new_formatting_of_the_same_words_is_a_change_of_the_body(session: Session) -> None:
    story = make.draft(session, typed="<p>We ran.</p>")
    old = story.newest_revision
    new = editorial.write(
        story, make.words(typed="<p>We <b>ran</b>.</p>"), by=story.submitter, at=make.NOW, revision_id=old.id
    )
    assert {name: [p.fate for p in pieces] for name, pieces in diff.of(old, new).items()} == {"body": [SAME]}


def test_amended_words_are_compared_with_those_the_teller_sent(session: Session) -> None:
    story = make.story_in(session, State.AWAITING_TELLER)
    assert story.open_submission is not None
    assert wording.last_confirmed(story.open_submission) is story.revisions[0]


def test_a_correction_is_compared_with_what_is_public(session: Session) -> None:
    story = make.published(session)
    moderator = make.person(session, Role.MODERATOR)
    submission = editorial.correct(
        story, make.words(title="Water"), by=moderator, at=make.NOW, revision_id=story.newest_revision.id, note="Name."
    )
    assert wording.last_confirmed(submission) is story.published_revision
