"""Plain text: every letter and line break comes in, and nothing that only looks filled in."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from patience import comes_to_an_end

from stories.text import prose
from stories.text.plain_text import caseless, composed

BREAKS = ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028"]


@pytest.mark.parametrize("sign", BREAKS, ids=ascii)
def test_every_line_separator_is_a_line_break_and_in_one_line_a_space(sign: str) -> None:
    typed = f"rice{sign}pot"

    assert (prose.lines(typed), prose.plain(typed), prose.body_from_typed(typed)) == (
        "rice\npot", "rice pot", "<p>rice<br>pot</p>",
    )  # fmt: skip


def test_a_paragraph_separator_begins_a_paragraph() -> None:
    assert (prose.lines("a\u2029b"), prose.plain("a\u2029b"), prose.body_from_typed("a\u2029b")) == (
        "a\n\nb", "a b", "<p>a</p><p>b</p>",
    )  # fmt: skip


@pytest.mark.parametrize("sign", ["\x0b", "\x85", "\u2028"], ids=ascii)
def test_line_separators_break_lines_in_html_too(sign: str) -> None:
    assert prose.body_from_html(f"<p>rice{sign}pot</p>") == "<p>rice<br>pot</p>"
    assert prose.body_from_typed(f"<p>rice{sign}pot</p>") == "<p>rice<br>pot</p>"


def test_a_paragraph_separator_in_html_begins_a_paragraph() -> None:
    assert prose.body_from_html("<p>a\u2029b</p>") == "<p>a</p><p>b</p>"


NFD = unicodedata.normalize("NFD", "Bảo tàng Áo Dài")
NFC = unicodedata.normalize("NFC", NFD)


def test_text_comes_in_composed_wherever_it_comes_in() -> None:
    ways = [prose.plain, prose.lines, lambda text: prose.text_of(prose.body_from_typed(text)),
            lambda text: prose.text_of(prose.body_from_html(f"<p>{text}</p>")),
            lambda text: prose.text_of(prose.body_from_markdown(text))]  # fmt: skip

    assert [way(NFD) for way in ways] == [NFC] * len(ways)
    assert prose.body_from_html("<p>Ba&#777;o</p>") == "<p>Bảo</p>"


@given(st.text(st.sampled_from("ae\u0301\u0323\u0345\u093c\u0958한ᄒ\x00<> "), max_size=120))
def test_composing_twice_is_composing_once(text: str) -> None:
    assert composed(composed(text)) == composed(text)
    assert prose.plain(prose.plain(text)) == prose.plain(text)
    assert prose.lines(prose.lines(text)) == prose.lines(text)


def test_letters_with_thousands_of_marks_come_to_an_end() -> None:
    assert comes_to_an_end(lambda: prose.body_from_typed("a" + "\u0323\u0301\u0345" * 90_000))


INVISIBLE = ["\u3164", "\u200b", "\u2800", "\u202e\u202c", "\u2066\u2069", "\u200f", "\ufeff", "\u00ad", "\u115f\u1160",
             "\u00a0 \u3000", "\x00\x07", "\ufffc", "\u180e", "\U000e0041"]  # fmt: skip


@pytest.mark.parametrize("typed", INVISIBLE, ids=ascii)
def test_what_nobody_can_see_is_empty(typed: str) -> None:
    assert not prose.has_visible_text(typed)
    assert [way(typed) for way in (prose.plain, prose.lines, prose.body_from_typed)] == ["", "", ""]
    assert prose.body_from_html(f"<p>{typed}</p>") == ""


@pytest.mark.parametrize("typed", ["a", "。", "؀", "\ufffd", "🙂", "-", "\u200bx"])
def test_one_visible_sign_is_enough(typed: str) -> None:
    assert prose.has_visible_text(typed)
    assert (prose.plain(typed), prose.lines(typed)) == (typed, typed)


@pytest.mark.parametrize(
    "raw",
    ['<img src="a.png">', "<script>alert(1)</script>", "<p><br></p>", "<p></p><hr>", "<svg><text>x</text></svg>",
     '<p><img src="a.png" alt=""></p>', "<p>&#12644;</p>", "<iframe src=https://x.y/></iframe>"],
)  # fmt: skip
def test_a_body_without_a_visible_word_is_empty(raw: str) -> None:
    assert prose.body_from_typed(raw) == ""
    assert prose.body_from_html(raw) == ""
    assert prose.body_from_markdown(raw) == ""


def test_names_that_look_the_same_are_the_same() -> None:
    assert caseless(NFD.upper()) == caseless(NFC + "\u200b")
    assert caseless("Café") != caseless("Cafe")
