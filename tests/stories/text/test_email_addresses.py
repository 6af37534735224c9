"""E-mail addresses: which ones a mail server could take, how they are kept, and how they are spelled for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stories.text import email_addresses
from stories.text.email_addresses import NotAnAddress

KEPT = {
    " Ana@Example.org ": "ana@example.org",
    "ana@BÜCHER.example": "ana@bücher.example",
    "ana@xn--bcher-kva.example": "ana@bücher.example",
    "ana@example。org": "ana@example.org",
    "o'neil+stories@example.org": "o'neil+stories@example.org",
    "a\u0301na@example.org": "\u00e1na@example.org",
    "用户@例子.example": "用户@例子.example",
    f"{'a' * 64}@example.org": f"{'a' * 64}@example.org",
}
NONE = {
    "nothing": "",
    "no @": "ana.example.org",
    "no point in the domain": "ana@example",
    "control characters": "an\x00a@example.org",
    "a second header": "ana@example.org\r\nBcc: all@example.org",
    "a line separator": "ana\u2028@example.org",
    "bidi controls": "ana\u202e@example.org",
    "a letter nobody sees": "ana\u200b@example.org",
    "half a character": "\udcff@example.org",
    "quotes": '"ana reyes"@example.org',
    "spaces": "ana reyes@example.org",
    "a display name": "Ana Reyes <ana@example.org>",
    "angle brackets": "<ana@example.org>",
    "two addresses": "ana@example.org,ben@example.org",
    "a computer": "ana@[127.0.0.1]",
    "a computer, bare": "ana@127.0.0.1",
    "this machine": "ana@localhost",
    "two points": "ana..reyes@example.org",
    "a point at the end": "ana@example.org.",
    "no name": "@example.org",
    "a snowman": "ana@☃.example",
    "broken Punycode": "ana@xn--a-ecp.ru-.example",
    "65 characters before the @": f"{'a' * 65}@example.org",
    "64 characters in a part of the domain": f"ana@{'x' * 64}.org",
    "255 characters": f"ana@{'.'.join(['x' * 61] * 4)}.org",
    "a domain too long once written in ASCII": f"ana@{'.'.join(['é' * 40] * 5)}.org",
    "a book": "x" * 100_000 + "@example.org",
}


@pytest.mark.parametrize(("typed", "kept"), KEPT.items())
def test_an_address_is_kept_in_one_spelling(typed: str, kept: str) -> None:
    assert email_addresses.normalize(typed) == kept
    assert email_addresses.normalize(kept) == kept


@pytest.mark.parametrize("typed", NONE.values(), ids=NONE.keys())
def test_what_no_mail_server_could_take_is_refused(typed: str) -> None:
    with pytest.raises(NotAnAddress):
        email_addresses.normalize(typed)


@pytest.mark.parametrize(
    ("kept", "spelled"),
    [
        ("ana@example.org", "ana@example.org"),
        ("ana@bücher.example", "ana@xn--bcher-kva.example"),
        ("ana@faß.example", "ana@xn--fa-hia.example"),  # IDNA 2003 made fass of it, somebody else's domain
        ("用户@例子.example", "用户@xn--fsqu00a.example"),
        ("stories@localhost", "stories@localhost"),
    ],
)
def test_every_mail_server_understands_the_domain(kept: str, spelled: str) -> None:
    assert email_addresses.for_mail_servers(kept) == spelled


@given(st.text(max_size=300) | st.from_regex(r".{0,70}@.{0,70}\..{1,9}", fullmatch=True))
def test_whatever_is_typed_is_an_address_that_can_be_spelled_or_is_refused(typed: str) -> None:
    try:
        kept = email_addresses.normalize(typed)
    except NotAnAddress:
        return
    assert email_addresses.normalize(kept) == kept
    assert email_addresses.for_mail_servers(kept).rpartition("@")[2].isascii()
    assert kept.isprintable()


@pytest.mark.parametrize("stored", ["ana@example.org\r\nRCPT TO:<all@example.org>", "Ana <ana@example.org>", "ana"])
def test_nothing_but_one_address_is_ever_spelled_for_a_mail_server(stored: str) -> None:
    with pytest.raises(NotAnAddress):
        email_addresses.for_mail_servers(stored)


def test_a_masked_address_tells_its_owner_enough_and_nobody_else() -> None:
    assert email_addresses.masked("lani.kekoa@example.org") == "l…@example.org"
