"""How letters leave: to servers of the old kind and the new, encrypted where they can, and what a refusal means."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from mail_server import DROP, Server

from solidarity.letters import mime, transport
from solidarity.letters.models import Failure
from solidarity.letters.transport import NotDelivered
from stories.text import email_addresses
from stories.text.email_addresses import NotAnAddress

ANA = "ana@example.org"
LINK = "https://stories.example.org/ur/account/password/" + "x" * 200
OLD = {"eight_bit": False, "utf8": False}
Start = Callable[..., Server]


def letter(to: str = ANA, text: str = "سلام") -> bytes:
    name = "Nguyễn, Ana"
    headers = {
        "To": mime.mailbox("To", name, email_addresses.for_mail_servers(to)),
        "Subject": mime.words("Subject", "آپ کی کہانی"),
    }
    return mime.new_message(headers, f"{text}\n\n{LINK}\n", f'<p>{text}</p><a href="{LINK}">x</a>').as_bytes()


def deliver(url: str, *receivers: str, sender: str = "stories@harbor.example") -> list[tuple[str, str]]:
    """Deliver a letter to each over one transport; what went wrong, and what the server said."""
    outcomes = []
    with transport.connected(url, sender) as way:
        for to in receivers or (ANA,):
            try:
                way.deliver(letter(to), to)
            except NotDelivered as failed:
                outcomes.append((failed.failure.value, failed.answer))
            else:
                outcomes.append(("arrived", ""))
    return outcomes


ARRIVED = [("arrived", "")]


# --- what a server can


def test_a_server_of_the_old_kind_gets_a_letter_in_seven_bits(start: Start) -> None:
    server = start(**OLD)
    assert deliver(server.url) == ARRIVED
    [taken] = server.letters
    assert taken.raw.isascii()
    assert [option for option in taken.options if not option.startswith("SIZE")] == []
    assert (taken.message["Subject"], taken.message["To"].addresses[0].display_name) == ("آپ کی کہانی", "Nguyễn, Ana")
    assert taken.body().splitlines() == ["سلام", "", LINK]
    assert f'href="{LINK}"' in taken.body("html")


def test_a_server_of_the_new_kind_is_told_of_eight_bits(start: Start) -> None:
    server = start()
    assert deliver(server.url) == ARRIVED
    [taken] = server.letters
    assert "BODY=8BITMIME" in taken.options
    assert "SMTPUTF8" not in taken.options  # only letters that need it: the next server may not have it
    assert taken.head.isascii()
    assert "سلام".encode() in taken.raw
    assert taken.body().splitlines() == ["سلام", "", LINK]


@pytest.mark.parametrize("offers", [OLD, {}])
def test_a_domain_in_other_letters_goes_out_in_ascii(start: Start, offers: dict[str, bool]) -> None:
    server = start(**offers)
    assert deliver(server.url, "ana@bücher.example", sender="stories@例子.example") == ARRIVED
    [taken] = server.letters
    assert (taken.sender, taken.receiver) == ("stories@xn--fsqu00a.example", "ana@xn--bcher-kva.example")
    assert "SMTPUTF8" not in taken.options


def test_an_address_in_other_letters_needs_a_server_that_has_them(start: Start) -> None:
    new, old = start(), start(**OLD)
    assert deliver(new.url, "用户@例子.example") == ARRIVED
    assert new.letters[0].receiver == "用户@xn--fsqu00a.example"
    assert {"SMTPUTF8", "BODY=8BITMIME"} <= set(new.letters[0].options)
    assert deliver(old.url, "用户@例子.example", ANA) == [("needs-smtputf8", ""), *ARRIVED]
    assert [taken.receiver for taken in old.letters] == [ANA]


# --- one connection, and what breaks it


def test_many_letters_go_over_one_connection(start: Start) -> None:
    server = start()
    assert deliver(server.url, ANA, "ben@example.org", "cam@example.org") == ARRIVED * 3
    assert server.connections == 1


NOES = {
    "mailbox full": ("ana@example.org", "452 4.2.2 full", ("later", "452 4.2.2")),
    "no such person": ("ana@example.org", "550 5.1.1 nobody", ("refused", "550 5.1.1")),
    "no such person, without a code": ("ana@example.org", "550 nobody", ("refused", "550")),
    "too much today": ("DATA ana@example.org", "451 4.7.1 slowly", ("later", "451 4.7.1")),
    "taken for spam": ("DATA ana@example.org", "554 5.7.1 spam", ("refused", "554 5.7.1")),
    "hangs up at the address": ("ana@example.org", DROP, ("interrupted", "")),
    "hangs up in the midst of the letter": ("DATA ana@example.org", DROP, ("interrupted", "")),
    "closes for now": ("ana@example.org", "421 4.3.2 closing", ("later", "421 4.3.2")),
}


@pytest.mark.parametrize("offers", [OLD, {}], ids=["old", "new"])
@pytest.mark.parametrize(("about", "answer", "told"), NOES.values(), ids=NOES.keys())
def test_a_letter_that_is_refused_holds_up_no_other(
    start: Start, about: str, answer: str, told: tuple[str, str], offers: dict[str, bool]
) -> None:
    server = start(answers={about: answer}, **offers)
    assert deliver(server.url, "ben@example.org", ANA, "cam@example.org") == [*ARRIVED, told, *ARRIVED]
    assert [taken.receiver for taken in server.letters] == ["ben@example.org", "cam@example.org"]


@pytest.mark.parametrize(
    ("answer", "told"), [("550 5.7.1 not you", ("sender", "550 5.7.1")), ("451 4.3.0 later", ("later", "451 4.3.0"))]
)
def test_a_sender_that_is_refused_is_ours_to_mend(start: Start, answer: str, told: tuple[str, str]) -> None:
    assert deliver(start(answers={"MAIL": answer}).url) == [told]


@pytest.mark.parametrize(
    "bad", ["ana\r\nRCPT TO:<all@example.org>", "Ana <ana@example.org>", "ana@example.org,all@example.org"]
)
def test_an_address_never_becomes_a_command(start: Start, bad: str) -> None:
    server = start()
    with transport.connected(server.url, "stories@harbor.example") as way, pytest.raises(NotAnAddress):
        way.deliver(letter(), bad)
    assert server.letters == []


def test_nobody_there_and_nobody_who_speaks(start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(transport, "SECONDS", 0.5)
    assert deliver("smtp://127.0.0.1:9") == [("unreachable", "")]
    assert deliver("smtp://nobody.invalid:25") == [("unreachable", "")]
    silent = socket.create_server(("127.0.0.1", 0))
    assert deliver(f"smtp://127.0.0.1:{silent.getsockname()[1]}") == [("unreachable", "")]
    silent.close()


# --- passwords and encryption


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for `localhost` and its key, in one file."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl here to make a certificate")
    folder = tmp_path_factory.mktemp("certificate")
    both = folder / "both.pem"
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    )
    made = [*command.split(), "-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")]
    subprocess.run(made, check=True, capture_output=True)
    both.write_text((folder / "key.pem").read_text() + (folder / "certificate.pem").read_text())
    return both


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.mark.parametrize("smtps", [True, False])
def test_a_server_is_believed_only_with_a_valid_certificate(
    start: Start, tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch, smtps: bool
) -> None:
    server = start(tls=tls, smtps=smtps)
    assert deliver(server.url) == [("untrusted", "")]
    assert server.letters == []
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert deliver(server.url) == ARRIVED
    assert deliver(server.url.replace("localhost", "127.0.0.1")) == [("untrusted", "")]


@pytest.mark.parametrize(
    ("login", "told"),
    [
        ("stories:p%40ss%2Fword", ("arrived", "")),
        ("stories:wrong", ("sign-in", "535 5.7.8")),
        ("stories:%D9%BE", ("sign-in", "")),
    ],
)
def test_the_site_signs_in_with_the_password_of_the_settings(start: Start, login: str, told: tuple[str, str]) -> None:
    server = start(user=(b"stories", b"p@ss/word"))
    assert deliver(server.url.replace("://", f"://{login}@")) == [told]


def test_a_server_without_passwords_is_not_asked_in_vain(start: Start) -> None:
    server = start(silent_about_auth=True)
    assert deliver(server.url.replace("://", "://stories:secret@")) == [("sign-in", "")]


def test_a_password_is_never_said_aloud_on_a_network(start: Start) -> None:
    """0.0.0.0 leads here too, but does not look like this machine."""
    server = start(user=(b"stories", b"secret"))
    assert deliver(f"smtp://stories:secret@0.0.0.0:{server.port}") == [("untrusted", "")]
    assert server.letters == []


def test_a_password_is_said_once_the_connection_is_encrypted(
    start: Start, tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    server = start(tls=tls, user=(b"stories", b"secret"))
    assert deliver(server.url.replace("://", "://stories:secret@")) == ARRIVED


def test_every_failure_is_one_that_the_desk_can_name() -> None:
    assert {failure.value for failure in Failure if failure.is_of_server} == {
        "unreachable", "untrusted", "sign-in", "folder",
    }  # fmt: skip
