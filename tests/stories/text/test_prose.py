"""What comes in through the one door for people's words."""

from __future__ import annotations

import html
import json
import re

import pytest
from conftest import shared
from hypothesis import example, given, settings
from hypothesis import strategies as st
from patience import comes_to_an_end

from stories.errors import Refused, TooDeep, TooLong, TooMuchMarkup, TooTangled
from stories.text import limits, prose


@pytest.mark.parametrize(
    ("typed", "body"),
    [
        ("One.\nStill one.\n\nTwo.", "<p>One.<br>Still one.</p><p>Two.</p>"),
        ("1 < 2 & 3 > 2", "<p>1 &lt; 2 &amp; 3 &gt; 2</p>"),
        ("an <em>old</em> song", "<p>an <em>old</em> song</p>"),
        ("<div>a<div>b</div></div>c", "<p>a</p><p>b</p><p>c</p>"),
        ("<p>a<br><br>b</p>", "<p>a</p><p>b</p>"),
        ("<h1>Song</h1><p></p><p>&nbsp;</p>line", "<h2>Song</h2><p>line</p>"),
        ("<b>q<p>r</p></b>", "<p><b>q</b></p><p><b>r</b></p>"),
        ("<ul><li>x<li>y</ul>", "<ul><li>x</li><li>y</li></ul>"),
        ("<p>t</p><style>p{color:red}</style><script>alert(1)</script>", "<p>t</p>"),
        ("<p><img src=x onerror=alert(1)>seen</p>", "<p>seen</p>"),
        ("I </3 you, a <b and <i>c</i>", "<p>I &lt;/3 you, a &lt;b and <i>c</i></p>"),
        ("<!-- <b> --><i title='a>b'>c</i", "<p><i>c&lt;/i</i></p>"),
        ("<a href=https://x.y/ HREF=javascript:1>z</a>", '<p><a href="https://x.y/">z</a></p>'),
        ("", ""),
    ],
)
def test_typed_text_becomes_paragraphs(typed: str, body: str) -> None:
    assert prose.body_from_typed(typed) == body


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://example.org/a?b=1", True),
        ("mailto:us@example.org", True),
        ("javascript:123", False),
        ("JaVa&#115;cript:alert(1)", False),
        ("data:text/html,x", False),
        ("//example.org", False),
        ("/en/stories", False),
        ("https:", False),
    ],
)
def test_links_keep_only_http_https_and_mailto(address: str, kept: bool) -> None:
    assert ("href" in prose.body_from_html(f'<p><a href="{address}">x</a></p>')) is kept


def test_markdown_becomes_safe_html() -> None:
    written = "# Song\n\nAn *old* one.\n\n> quoted\n\n<script>alert(1)</script>"

    assert prose.body_from_markdown(written) == (
        "<h2>Song</h2><p>An <em>old</em> one.</p><blockquote><p>quoted</p></blockquote>"
    )


@pytest.mark.parametrize(
    ("raw", "refusal"),
    [
        ("<b>" * 100_000, TooMuchMarkup),
        ("&" * 20_001, TooMuchMarkup),
        ("<div>" * 51, TooDeep),
        ("x" * (limits.BODY + 1), TooLong),
        ("<table>" + "<tr><td>x" * 9_000, TooTangled),
        ("<a><p><i></a></i>x" * 4_000, TooTangled),
        ("".join(f"<b a={number}>" for number in range(49)) + "<p>" * 10_000, TooTangled),
        ("<div></x>" * 9_000, TooDeep),
        ("<div><!--</div>-->" * 6_000, TooDeep),
        ("<div><br a='</div>'>" * 6_000, TooDeep),
        ("<div><table><tr><td></div></table>" * 3_000, TooDeep),
        ("<table>" + "x<br>" * 19_000, TooTangled),
    ],
    ids=[
        "tags", "entities", "nesting", "length", "cells", "crossed", "reopened", "closed without", "closed in comments",
        "closed in attributes", "closed in cells", "misplaced in tables",
    ],
)  # fmt: skip
def test_what_would_take_long_is_refused_before_it_is_parsed(raw: str, refusal: type[Refused]) -> None:
    with pytest.raises(refusal):
        prose.body_from_html(raw)


SLOW = {  # each took seconds or minutes once; bench/site.py measures the dearest
    "many attributes": "<b " + "a " * 140_000 + ">x</b>",
    "unlike attributes": "<b " + " ".join(f"a{number}" for number in range(40_000)) + ">x</b>",
    "long name": "<" + "a" * 299_000 + ">x",
    "long unquoted value": "<b a=x" + '"' * 299_000 + ">x",
    "comment of dashes": "<!--" + "- " * 149_000 + "-->x",
    "long declaration": "<!DOCTYPE " + "a" * 299_000 + ">x",
    "no-break spaces": "x" + "\u00a0" * 299_000 + "x",
    "entities of spaces": "<p>x" + "&nbsp;" * 19_000 + "x</p>",
    "siblings with children": "<p><b>x</b>" * 5_000,
    "lists": "<ul><li>x</ul>" * 1_400,
    "paragraphs": "<p>x" * 20_000,
    "nested paragraphs": "<div>" * 49 + "<p>x" * 8_000,
    "quotes": "<blockquote>x</blockquote>" * 8_000,
    "small attributes": "<b a b c d e f g>x</b>" * 9_900,
    "bare brackets": "< " * 19_900,
    "entities": "&x;" * 19_900,
    "quoted brackets": "<b x='<b y=\"' y=\"" * 9_900,
}


@pytest.mark.parametrize("raw", SLOW.values(), ids=SLOW)
def test_reading_the_worst_that_is_accepted_comes_to_an_end(raw: str) -> None:
    assert comes_to_an_end(lambda: prose.text_of(prose.body_from_typed(raw)))


@pytest.mark.parametrize("raw", ["&#{};", "<a href='https://x.y/&#{};'>z</a>", "&#1111111<x>{};", "&#x{};", "&#{}"])
def test_a_reference_to_a_number_beyond_all_measure_is_no_letter(raw: str) -> None:
    assert prose.text_of(prose.body_from_typed("x" + raw.format("1" * 5_000)))[0] == "x"


def test_a_text_of_the_greatest_length_fits() -> None:
    assert prose.body_from_typed("x" * limits.BODY) == f"<p>{'x' * limits.BODY}</p>"


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from([
    "<p>", "</p>", "<b>", "</b>", "<i x='1'>", "<ul>", "<li>", "</ul>", "<table>", "<td>", "<br>", "<script>",
    "</script>", "<a href='https://x.y/'>", "</a>", "<h1>", "</div>", "<div>", "&amp;", "&lt;b&gt;", "<", "&", "word",
    " ", "\n\n", "<svg>", "<math>", "<style>", "<!--", "-->", "\x00", "<blockquote>",
]), max_size=30).map("".join))  # fmt: skip
@example("<table><p><li>&amp;")
def test_what_is_safe_stays_as_it_is_when_edited_again(typed: str) -> None:
    body = prose.body_from_typed(typed)

    assert prose.body_from_typed(prose.typed_from_body(body)) == body


def test_pasted_pages_keep_their_visible_text() -> None:
    for line in shared("sanitiser", "benign_html.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        wanted = _visible(row["html"])
        found = re.sub(r"\s+", "", prose.text_of(prose.body_from_typed(row["html"])))
        assert [word for word in wanted if word not in found] == [], row["id"]


def _visible(raw: str) -> list[str]:
    """The words of a page in order, found without any parser of ours: tags, comments and styles cut out."""
    text = re.sub(r"(?is)<!--.*?-->|<(style|script|title|xml)\b.*?</\1\s*>|<[!?][^>]*>", " ", raw)
    return [word for word in html.unescape(re.sub(r"(?s)</?[a-zA-Z][^>]*>", " ", text)).split() if word]


@pytest.mark.parametrize(
    ("raw", "tidy"),
    [("  a\x00\n b\u200b ", "a b\u200b"), ("\ud800x", "x"), ("<b>x</b>", "<b>x</b>"), ("\u202eabc", "\u202eabc")],
)
def test_plain_text_is_one_line_without_control_characters(raw: str, tidy: str) -> None:
    assert prose.plain(raw) == tidy


def test_an_excerpt_never_breaks_a_letter() -> None:
    family = "\U0001f469\u200d\U0001f469\u200d\U0001f467"

    assert prose.excerpt(family * 5, 3) == family * 3 + "…"


@pytest.mark.parametrize(("text", "minutes"), [("word " * 1000, 5), ("我" * 900, 3), ("ក" * 1200, 2), ("", 1)])
def test_reading_time_suits_the_script(text: str, minutes: int) -> None:
    assert prose.reading_minutes(text) == minutes
