"""Markdown as people write it, and nothing of it lost."""

from __future__ import annotations

import pytest

from stories.errors import TooMuchMarkup
from stories.text import prose


@pytest.mark.parametrize(
    ("written", "body"),
    [
        ("Roses  \nrice\npot", "<p>Roses<br>rice pot</p>"),
        ("one\x0btwo\u2028three\x85four\u2029five", "<p>one<br>two<br>three<br>four</p><p>five</p>"),
        (
            "| a | b |\n|---|---|\n| 1 | 2 |",
            "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table>",
        ),
        ("    <p>in</p>\n        <p>deed</p>", "<p>in</p><p>deed</p>"),
        ("    (she laughs)", "<p>(she laughs)</p>"),
        ("1986. That was the year.", "<p>1986. That was the year.</p>"),
        ("1. rice\n2. salt", "<ol><li>rice</li><li>salt</li></ol>"),
        ("~~no~~ yes", "<p><s>no</s> yes</p>"),
        ("```\none\n  two <b>\n```", "<p>one<br>two &lt;b&gt;</p>"),
    ],
)
def test_line_breaks_tables_years_and_indents_stay_as_written(written: str, body: str) -> None:
    assert prose.body_from_markdown(written) == body


@pytest.mark.parametrize(
    ("written", "body"),
    [
        ("A.[^1]\n\n[^1]: Note.", "<p>A.<sup>1</sup></p><hr><ol><li><p>Note.</p></li></ol>"),
        (
            "A[^b] B[^a]\n\n[^a]: one\nand on\n[^b]: two\n\n  more",
            "<p>A<sup>1</sup> B<sup>2</sup></p><hr><ol><li><p>two</p><p>more</p></li><li><p>one and on</p></li></ol>",
        ),
        ("A[^x] `[^1]`\n\n[^1]: lonely", "<p>A[^x] <code>[^1]</code></p><hr><ol><li><p>lonely</p></li></ol>"),
        (
            "A[^1]\n\n[^1]: see[^2]\n\n[^2]: and[^1]",
            "<p>A<sup>1</sup></p><hr><ol><li><p>see<sup>2</sup></p></li><li><p>and<sup>1</sup></p></li></ol>",
        ),
    ],
)
def test_footnotes_are_numbered_as_they_are_met_and_stand_at_the_end(written: str, body: str) -> None:
    assert prose.body_from_markdown(written) == body


def test_what_would_take_the_parser_too_long_is_refused() -> None:
    with pytest.raises(TooMuchMarkup):
        prose.body_from_markdown("[" * 100_000)
