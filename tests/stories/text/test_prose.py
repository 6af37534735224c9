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
from stories.text.html_tokens import Markup, markup_of


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
        ("<b>one\ntwo</b>", "<p><b>one<br>two</b></p>"),
        ("<span>a</span>\n<i>b</i>", "<p><span>a</span><br><i>b</i></p>"),
        ("<b\n style='font-weight:normal'\n>x</b>\r\ny", "<p><b>x</b><br>y</p>"),
        ("<b>a\n\nb</b>", "<p><b>a</b></p><p><b>b</b></p>"),
        ("One.\n\nTwo\nlines.\n\n<ul>\n<li>x</li>\n</ul>", "<p>One.</p><p>Two<br>lines.</p><ul><li>x</li></ul>"),
        ("<p>a\nb</p>\n\n<p>c</p>", "<p>a b</p><p>c</p>"),
        ("<i>é</i> &eacute;&nbsp;&copy; &copy=1", "<p><i>é</i> é\xa0© &amp;copy=1</p>"),
        ("<option>a</option><option>b</option>", "<p>a</p><p>b</p>"),
        ("<b>a</b><img src=x>b", "<p><b>a</b> b</p>"),
        ("", ""),
    ],
)
def test_typed_text_becomes_paragraphs(typed: str, body: str) -> None:
    assert prose.body_from_typed(typed) == body


WHOLE = [
    "Ba Tran <ba@example.org> said <quietly> no. If a<b and c>d",
    "Use <b> for bold and <p> for a paragraph.",
    "She typed <br> into the box.",
    "I </3 you; 1 < 2 & 3 > 2 <3",
    "https://example.org/?a=1&b=2&copy=3",
    "AT&T &amp; &lt;b&gt; &copy; &#39; &nosuch;",
    "<https://example.org/> <mailto:ba@example.org>",
    "<said>quietly</said> <well-known> <!wow> <?>",
    "for (i=0; i<n; i++) { a[i] >>= 1; }",
    "  indented\n    verse  with   spaces",
]


@pytest.mark.parametrize("typed", WHOLE)
def test_what_is_no_html_comes_in_whole_and_comes_back_as_it_was(typed: str) -> None:
    body = prose.body_from_typed(typed)

    assert prose.text_of(body) == "\n".join(line.strip() for line in typed.split("\n"))
    assert prose.typed_from_body(body) == typed


@pytest.mark.parametrize("typed", WHOLE[:7])
def test_beside_real_markup_what_is_no_tag_stays_text(typed: str) -> None:
    words = prose.text_of(prose.body_from_typed(f"{typed} <em>Yes.</em>"))

    for word in ("<ba@example.org>", "<quietly>", "a<b and c>d", "</3", "<3", "&copy=3", "<https://example.org/>"):
        assert (word in words) is (word in typed)
    assert words.endswith("Yes.")


PLAIN = st.text(st.sampled_from([*list("<>&;\"'ab/!=-#3 \n"), "é", "क"]), max_size=60)
PIECES = st.lists(
    st.sampled_from(
        ["&amp;", "&lt;", "&copy;", "&#39;", "<", ">", "&", "<b>", "<p>", "<x>", "<br>", "\n", " ", "word"]
    ),
    max_size=12,
).map("".join)


@settings(max_examples=300)
@given(PLAIN | PIECES)
def test_a_text_without_markup_round_trips_to_the_letter(typed: str) -> None:
    body = prose.body_from_typed(typed)
    shown = prose.typed_from_body(body)

    assert prose.body_from_typed(shown) == body
    if markup_of(typed) is Markup.NONE:
        assert shown == re.sub(r"\n\n+", "\n\n", prose.lines(typed))


@settings(max_examples=150)
@given(st.lists(st.sampled_from(["<p>", "</p>", "<b>", "<em>x</em>", "&lt;b&gt;", "&amp;lt;", "a < b", "<i>", "</i>",
                                 "&lt;i&gt;y&lt;/i&gt;", "\n", " ", "<br>"]), max_size=15).map("".join))  # fmt: skip
def test_a_body_from_anywhere_reads_back_as_itself(raw: str) -> None:
    body = prose.body_from_html(raw)

    assert prose.body_from_typed(prose.typed_from_body(body)) == body


@pytest.mark.parametrize(
    ("raw", "body"),
    [
        ('<p dir="rtl" lang="ur">x</p><h1 lang="fa">y</h1>', '<p dir="rtl" lang="ur">x</p><h2 lang="fa">y</h2>'),
        ("<div dir=rtl><p lang=en>y</p>z</div>", '<p dir="rtl" lang="en">y</p><p dir="rtl">z</p>'),
        ("<body dir=rtl lang=ur><ul><li>x</ul>", '<ul dir="rtl" lang="ur"><li>x</li></ul>'),
        ("<blockquote><p dir=ltr>x</p></blockquote>", '<blockquote><p dir="ltr">x</p></blockquote>'),
        ("<p dir=rtl>a<br><br>b</p>", '<p dir="rtl">a</p><p dir="rtl">b</p>'),
        ("<p dir=sideways lang='!'>x</p>", "<p>x</p>"),
    ],
)  # fmt: skip
def test_language_and_direction_stay_on_paragraphs_and_headings(raw: str, body: str) -> None:
    assert prose.body_from_html(raw) == body
    assert prose.body_from_typed(prose.typed_from_body(body)) == body


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
