"""What a stored body gets when it is shown: links for bare addresses, directions for its blocks."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from patience import comes_to_an_end

from stories.text import prose
from stories.text.rendering import rendered


@pytest.mark.parametrize(
    ("typed", "links"),
    [
        ("See https://example.org/a?b=1&c=2.", ["https://example.org/a?b=1&c=2"]),
        ("(https://x.org/a_(b)), [https://x.org/]; “https://x.org/q”!", ["https://x.org/a_(b)", "https://x.org/", "https://x.org/q"]),
        ("<https://x.org/> \"https://x.org/c\" 'http://x.org'", ["https://x.org/", "https://x.org/c", "http://x.org"]),
        ("见https://example.org/路。（https://x.org）https://x.org更多", ["https://example.org/路", "https://x.org", "https://x.org"]),
        ("دیکھیے https://x.org/a؟ https://x.org/b۔ https://x.org/c।", ["https://x.org/a", "https://x.org/b", "https://x.org/c"]),
        ("https://münchen.example/x https://www.münchen.example", ["https://münchen.example/x", "https://www.münchen.example"]),
        ("https://x.org/a\u202eb https://x.org:8080/#top", ["https://x.org/a", "https://x.org:8080/#top"]),
        ("https://bank.example@evil.example javascript://x.org ftp://x.org https:// https://localhost", []),
    ],
)  # fmt: skip
def test_bare_addresses_become_links_without_what_follows_them(typed: str, links: list[str]) -> None:
    body = prose.body_from_typed(typed)
    shown = rendered(body, "ltr")

    assert [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]*)"', shown)] == links
    assert prose.text_of(shown) == prose.text_of(body)
    assert prose.typed_from_body(body) == typed


def test_an_address_inside_a_link_is_no_second_link() -> None:
    body = '<p><a href="https://x.org/"><b>https://x.org/</b></a> <b>https://y.org</b></p>'

    assert rendered(body, "ltr") == (
        '<p><a href="https://x.org/"><b>https://x.org/</b></a> <b><a href="https://y.org" dir="ltr">https://y.org</a></b></p>'
    )


@given(st.lists(st.sampled_from(["https://x.org", "/", "?a=", "&", '"', "'", "<", ">", "javascript:", " ", ")", "(",
                                 "onload=", "\u202e", "。", ".", "<b>", "</b>", "<p>"]), max_size=14)
       .map("".join))  # fmt: skip
def test_nothing_is_added_but_links_that_lead_where_they_say(typed: str) -> None:
    body = prose.body_from_typed(typed)
    shown = rendered(body, "ltr")

    assert re.sub(r'<a href="(https://[^"<>\s]+)" dir="ltr">\1</a>', r"\1", shown) == body


URDU, ENGLISH = "ہم نے ساتھ پانی اٹھایا۔", "We carried the water together."
LONG = ENGLISH * 4


@pytest.mark.parametrize(
    ("base", "body", "shown"),
    [
        ("rtl", f"<p>{URDU}</p><p>{ENGLISH}</p>", f'<p>{URDU}</p><p dir="ltr">{ENGLISH}</p>'),
        ("ltr", f"<p>{ENGLISH}</p><p>{URDU}</p>", f'<p>{ENGLISH}</p><p dir="rtl">{URDU}</p>'),
        ("rtl", f"<p>COVID {URDU}</p><p>1974</p>", f"<p>COVID {URDU}</p><p>1974</p>"),
        ("ltr", f"<ul><li>{URDU}</li><li>{URDU}</li></ul>", f'<ul dir="rtl"><li>{URDU}</li><li>{URDU}</li></ul>'),
        ("ltr", f"<ul><li>{URDU}</li><li>{LONG}</li></ul>", f'<ul><li dir="rtl">{URDU}</li><li>{LONG}</li></ul>'),
        ("ltr", f'<p dir="ltr">{URDU}</p><h2>{URDU}</h2>', f'<p dir="ltr">{URDU}</p><h2 dir="rtl">{URDU}</h2>'),
        ("ltr", f'<ul dir="rtl"><li>{ENGLISH}</li></ul>', f'<ul dir="rtl"><li dir="ltr">{ENGLISH}</li></ul>'),
        ("ltr", f'<p lang="ur">{URDU}</p>', f'<p dir="rtl" lang="ur">{URDU}</p>'),
    ],
)  # fmt: skip
def test_a_block_in_another_direction_is_laid_out_by_its_own_letters(base: str, body: str, shown: str) -> None:
    assert rendered(body, base) == shown


@pytest.mark.parametrize(
    "text", ["https://a.b/" + ")" * 290_000, "https://" * 37_000, "https://" + "a-" * 140_000], ids=len
)
def test_rendering_the_worst_comes_to_an_end(text: str) -> None:
    assert comes_to_an_end(lambda: rendered(prose.body_from_typed(text), "ltr"))
