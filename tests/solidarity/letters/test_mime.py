"""Letters as bytes: whatever a person is called, one letter goes to one person, in letters that every server takes."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solidarity.letters import mime
from stories.text import prose

ADDRESS = "ana@xn--bcher-kva.example"
LINK = "https://stories.example.org/ur/account/password/" + "x" * 900
NAMES = [
    "Lani Kekoa", "Trần, Ba", 'Ba "Mo" Tran', "Back\\slash", "زینب " * 40, "Nguyễn, " * 40, "x, y " * 60, "a" * 500,
    "é" * 500, "=?utf-8?q?a?=", "@<>;:\\ é", "all@example.org", "é <all@example.org>", "👩‍👩‍👧 " * 30,
]  # fmt: skip


def written(name: str = "Ana", text: str = "Hello", html: str = "<p>Hello</p>") -> bytes:
    headers = {"To": mime.mailbox("To", name, ADDRESS), "Subject": mime.words("Subject", name or "-")}
    return mime.new_message(headers, text, html).as_bytes()


def head_of(letter: bytes) -> Message:
    """The headers, unfolded and not yet decoded."""
    return message_from_bytes(letter)


def name_and_address(letter: bytes) -> list[tuple[str, str]]:
    folded = head_of(letter)["To"].replace("\r\n", "")
    return [(str(make_header(decode_header(name))), address) for name, address in getaddresses([folded])]


@pytest.mark.parametrize("name", NAMES)
def test_whatever_somebody_is_called_the_letter_goes_to_them_alone(name: str) -> None:
    name = prose.plain(name)
    letter = written(name)
    assert name_and_address(letter) == [(name, ADDRESS)]
    assert len(message_from_bytes(letter, policy=policy.default)["To"].addresses) == 1


@given(st.text(max_size=200))
def test_every_name_makes_headers_that_every_server_takes(typed: str) -> None:
    try:
        name = prose.plain(typed.encode().decode())
    except UnicodeEncodeError:  # half a character cannot be stored either
        return
    head = written(name).partition(b"\r\n\r\n")[0]
    assert head.isascii()
    assert [line for line in head.split(b"\r\n") if len(line) > 200] == []
    assert {line.partition(b":")[0] for line in head.split(b"\r\n") if line[:1] not in b" \t"} == {
        b"To", b"Subject", b"MIME-Version", b"Content-Type",
    }  # fmt: skip
    assert name_and_address(written(name))[0][1] == ADDRESS


@pytest.mark.parametrize("eight_bit", [True, False])
@pytest.mark.parametrize("text", ["Hello", "سلام", "سلام " * 500, "a " * 2_000, ".\n.\nFrom me\n", "naïve = \t\n"])
def test_words_and_links_come_through_whole(text: str, eight_bit: bool) -> None:
    text = f"{text}\n\n{LINK}\n"
    sent = mime.for_server(written(text=text, html=f'<p>{text}</p><a href="{LINK}">x</a>'), eight_bit=eight_bit)
    letter = message_from_bytes(sent, policy=policy.default)
    plain, html = (letter.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert plain.splitlines() == text.splitlines()
    assert f'href="{LINK}"' in html
    assert max(map(len, sent.split(b"\r\n"))) <= 998
    assert eight_bit or sent.isascii()


def test_a_letter_in_eight_bits_is_readable_as_it_is() -> None:
    assert "سلام".encode() in mime.for_server(written(text="سلام"), eight_bit=True)


def test_a_letter_is_one_of_two_forms_of_the_same() -> None:
    letter = message_from_bytes(written(), policy=policy.default)
    kinds = [part.get_content_type() for part in letter.walk()]
    assert kinds == ["multipart/alternative", "text/plain", "text/html"]


def test_the_address_in_a_header_is_never_encoded() -> None:
    headers = {"To": mime.mailbox("To", "Ana", ADDRESS), "List-Unsubscribe": f"<{LINK[:200]}>"}
    letter = mime.new_message(headers, "x", "x").as_bytes()
    assert f"List-Unsubscribe: <{LINK[:200]}>\r\n".encode() in letter
