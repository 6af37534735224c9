"""The sentence where the words are, with the words marked."""

from __future__ import annotations

import json
import re

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from index.highlight.excerpt import Excerpt, Highlighter, without_bidi_controls
from index.query import parse
from tests.conftest import shared

PADDING = "Nothing of note happened in the weeks that followed, as far as anyone remembers. " * 5


def excerpt(words: str, text: str, language: str = "", length: int = 240) -> Excerpt:
    return Highlighter(parse(words)).excerpt(text, language, length)


@pytest.mark.parametrize(
    ("words", "text", "html"),
    [
        ("stories", "Her story & mine.", "Her <mark>story</mark> &amp; mine."),
        ("nguoi", "Một người đi.", "Một <mark>người</mark> đi."),
        ("हिंदी", "वह हिन्दी बोली।", "वह <mark>हिन्दी</mark> बोली।"),
        ("圖書館", "社区图书馆的灯。", "社区<mark>图书馆</mark>的灯。"),
        ("공동체", "우리 공동체를 위해.", "우리 <mark>공동체</mark>를 위해."),
        ("លិច", "ទឹកលិចស្រែ។", "ទឹក<mark>លិច</mark>ស្រែ។"),
        ("لاهور", "ہم لاہور گئے۔", "ہم <mark>لاہور</mark> گئے۔"),
        ("organis*", "We organised.", "We <mark>organised</mark>."),
        ('"long table"', "A long table.", "A <mark>long table</mark>."),
        ('"isang araw"', "Ang isa. Noong isáng araw ng tag-ulan.", "… Noong <mark>isáng araw</mark> ng tag-ulan."),
        ('"brown rice"', "Brown bread, no rice.", "Brown bread, no rice."),
        ('"Mr. Kim"', "We met Mr. Kim.", "We met <mark>Mr. Kim</mark>."),
        ('"纸桌布" 社区', "社区的紙桌布。", "<mark>社区</mark>的<mark>紙桌布</mark>。"),
        ("rice", "<b>rice</b>", "&lt;b&gt;<mark>rice</mark>&lt;/b&gt;"),
        ("absent", "Her story.", "Her story."),
    ],
)
def test_the_words_are_marked_and_everything_else_escaped(words: str, text: str, html: str) -> None:
    assert excerpt(words, text).html == html


def test_the_sentence_with_most_of_the_words_is_shown() -> None:
    text = f"We had rice. {PADDING}We had rice and fish. {PADDING}"
    assert "We had <mark>rice</mark> and <mark>fish</mark>." in excerpt("rice fish", text).html


def test_a_second_sentence_brings_the_words_that_the_first_lacks() -> None:
    shown = excerpt("rice bicycle", f"{PADDING}We had rice. {PADDING}He rode a bicycle. {PADDING}").html
    assert shown.startswith("… We had <mark>rice</mark>.")
    assert "… He rode a <mark>bicycle</mark>." in shown
    assert shown.endswith("…")


def test_the_sentence_that_has_a_phrase_whole_comes_before_those_with_its_words() -> None:
    text = f"To be on time, the old way. {PADDING}She was on the way to town. {PADDING}"
    shown = excerpt('"on the way to"', text).html
    assert shown.startswith("… She was <mark>on the way to</mark> town.")
    assert shown.count("<mark>") == 1


def test_a_phrase_late_in_a_long_sentence_is_not_cut_out_for_words_before_it() -> None:
    shown = excerpt('rice "long table"', "We had rice, " + "and tea, " * 100 + "at a long table.").html
    assert "<mark>long table</mark>" in shown


@pytest.mark.parametrize(
    ("typed", "other"),
    [("کہانی", "وہ کھانا پکاتی ہے۔"), ("stories", "Her story was told."), ("tapat", "Nagtapat siya.")],
)
def test_the_sentence_that_has_a_word_as_typed_comes_before_those_with_other_forms(typed: str, other: str) -> None:
    shown = excerpt(typed, f"{other} {PADDING}{typed} – {PADDING}", "tl" if typed == "nagtapat" else "")
    assert (f"<mark>{typed}</mark>" in shown.html, shown.matched_forms) == (True, {0: typed})


def test_a_word_is_lacking_only_when_no_form_of_it_is_anywhere() -> None:
    text = f"We had rice. {PADDING}Two soldiers slept. Nagtapat siya. The dog was dying on the long table."
    numbers = {"soldier": 0, "bicycle": 1, "die": 2, "tapat": 3, '"long table"': 4, '"table long"': 5}
    highlighter = Highlighter(parse(" ".join(numbers)))
    assert highlighter.missing_clauses(numbers.values(), text, "tl") == {1, 5}
    assert highlighter.missing_clauses({0, 1, 2}, text) == {1}


def test_words_are_marked_in_the_sentences_that_fill_up_a_short_one_too() -> None:
    shown = excerpt("rice", "We had rice. There was more rice than fish.").html
    assert shown == "We had <mark>rice</mark>. There was more <mark>rice</mark> than fish."


def test_a_long_sentence_is_cut_between_words() -> None:
    shown = excerpt("lantern", "word " * 200 + "lantern " + "word " * 200).html
    text = re.sub("</?mark>", "", shown)
    assert set(text.strip("… ").split()) == {"word", "lantern"}
    assert len(text) < 260


def test_without_spaces_a_cut_falls_between_graphemes() -> None:
    shown = excerpt("អប្សរា", "ស្ត្រី" * 200 + "អប្សរា" + "ស្ត្រី" * 200).html
    plain = re.sub("</?mark>", "", shown).strip("… ")
    assert set(regex.findall(r"\X", plain)) <= set(regex.findall(r"\X", "ស្ត្រីអប្សរា"))


def test_signs_that_turn_the_direction_are_left_out() -> None:
    assert excerpt("rice", "\u202erice\u2066 end").html == "<mark>rice</mark> end"


def test_the_form_in_which_each_word_was_found_is_known() -> None:
    assert excerpt("nguoi cau", "Một người qua cầu.").matched_forms == {0: "người", 1: "cầu"}


@given(st.text(max_size=400), st.text(max_size=20))
def test_an_excerpt_of_any_text_is_a_piece_of_it(text: str, words: str) -> None:
    html = str(excerpt(words, text, length=60).html)
    pieces = [piece.strip() for piece in re.sub("</?mark>", "", html).split("…")]
    whole = re.sub(r"\s+", " ", str(escape(without_bidi_controls(text).replace("…", " "))))
    assert all(re.sub(r"\s+", " ", piece) in whole for piece in pieces)


def test_every_hostile_string_is_shown_escaped() -> None:
    for line in shared("hostile_text", "strings.jsonl").read_text(encoding="utf-8").splitlines():
        text = json.loads(line).get("text", "")
        html = str(excerpt(text[:40], text).html)
        assert re.sub("</?mark>", "", html).count("<") == 0
