"""One place, however its address is written."""

from __future__ import annotations

import pytest

from stories.text import old_addresses


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("https://old.example.org/2019/03/the-laundry-room/", "/2019/03/the-laundry-room"),
        ("/b%E1%BA%BFp//x", "/bếp/x"),
        ("/Be%CC%82%CC%81p/x", "/Bếp/x"),
        ("http://old.example.org?p=41", "/?p=41"),
        ("/story.php?b=2&a=1", "/story.php?a=1&b=2"),
        ("?page_id=7", "/?page_id=7"),
        *((none, "") for none in ("", "/", "https://old.example.org/", "the-laundry-room", "javascript:alert(1)",
          "/a\0b", "/a%00b", "/\ud800", "http://[", "/" + "x" * 501)),
    ],
)  # fmt: skip
def test_an_address_has_one_form(address: str, form: str) -> None:
    assert old_addresses.normal(address) == form


def test_what_campaigns_add_is_passed_over() -> None:
    assert old_addresses.asked_for("/a/?utm_source=x&p=4") == ["/a?p=4&utm_source=x", "/a?p=4", "/a"]
    assert old_addresses.asked_for("/?utm_source=x") == ["/?utm_source=x"]
