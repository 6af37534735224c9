"""A mail server on loopback for tests, as strict as any: what it did not offer or was not told of, it refuses."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

DROP = "drop"  # an answer: hang up without a word


@dataclass
class Taken:
    """A letter that arrived: the envelope, what the client said of it, and its bytes."""

    sender: str
    receiver: str
    options: list[str]
    raw: bytes

    @property
    def head(self) -> bytes:
        return self.raw.partition(b"\r\n\r\n")[0]

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)  # type: ignore[return-value]

    def body(self, kind: str = "plain") -> str:
        """What the letter says, decoded as a mail program decodes it."""
        part = self.message.get_body((kind,))
        assert part is not None
        return part.get_content()


@dataclass
class Server:
    """What the server offers and how it answers; `answers` maps "MAIL", "DATA" or a receiver to an answer."""

    eight_bit: bool = True
    utf8: bool = True
    tls: ssl.SSLContext | None = None
    smtps: bool = False
    silent_about_auth: bool = False
    user: tuple[bytes, bytes] | None = None
    answers: dict[str, str] = field(default_factory=dict)
    slow: set[str] = field(default_factory=set)  # receivers about whom it thinks for longer than anybody waits
    letters: list[Taken] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    @property
    def url(self) -> str:
        return f"{'smtps' if self.smtps else 'smtp'}://{self.host}:{self.port}"

    @property
    def host(self) -> str:
        return "localhost" if self.tls else "127.0.0.1"

    # --- what aiosmtpd calls

    async def handle_EHLO(self, server: SMTP, session: Session, envelope: Envelope, name: str, lines: list[str]) -> Any:
        self.connections += 1
        session.host_name = name
        hidden = {"8BITMIME": not self.eight_bit, "AUTH": self.silent_about_auth}
        return [line for line in lines if not any(word in line for word, hides in hidden.items() if hides)]

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        if not self.eight_bit and any(option.startswith("BODY=") for option in options):
            return "555 5.5.4 unsupported option"
        if "MAIL" in self.answers:
            return self._answer(server, "MAIL")
        envelope.mail_from = address
        envelope.mail_options = options
        return "250 2.1.0 fine"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        if not address.isascii() and not envelope.smtp_utf8:
            return "553 5.6.7 nobody said SMTPUTF8"
        if not address.rpartition("@")[2].isascii():
            return "553 5.1.2 a domain of other letters"
        if address in self.slow:
            await asyncio.sleep(5)
        if address in self.answers:
            return self._answer(server, address)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 fine"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        raw = envelope.original_content or b""
        head, _, body = raw.partition(b"\r\n\r\n")
        told = [option.upper() for option in envelope.mail_options]
        if not head.isascii() and not envelope.smtp_utf8:
            return "550 5.6.7 header holds 8-bit characters"
        if not body.isascii() and "BODY=8BITMIME" not in told:
            return "554 5.6.1 body holds 8-bit characters"
        if max(map(len, raw.split(b"\r\n"))) > 998 or b"\n" in raw.replace(b"\r\n", b""):
            return "554 5.6.0 lines too long, or broken otherwise"
        [receiver] = envelope.rcpt_tos
        if f"DATA {receiver}" in self.answers:
            return self._answer(server, f"DATA {receiver}")
        self.letters.append(Taken(envelope.mail_from or "", receiver, told, raw))
        return self._answer(server, f"TAKEN {receiver}") if f"TAKEN {receiver}" in self.answers else "250 2.0.0 taken"

    def _answer(self, server: SMTP, about: str) -> str:
        if self.answers[about] == DROP:
            server.transport.abort()
        return self.answers[about]

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        known = self.user is not None and (data.login, data.password) == self.user
        return AuthResult(success=known, handled=False)


class _Controller(Controller):
    def __init__(self, server: Server) -> None:
        super().__init__(server, hostname="127.0.0.1", port=0, ssl_context=server.tls if server.smtps else None)

    def factory(self) -> SMTP:
        server: Server = self.handler
        return SMTP(
            server, hostname="mail.example", enable_SMTPUTF8=server.utf8, timeout=20,
            tls_context=None if server.smtps else server.tls,
            authenticator=server.authenticate if server.user else None, auth_require_tls=False,
        )  # fmt: skip

    def _trigger_server(self) -> None:
        """Knock once: the port is one that the system chose."""
        socket.create_connection(self.server.sockets[0].getsockname()).close()


def run(server: Server) -> Callable[[], None]:
    """Start the server on a port of its own; returns how to stop it."""
    controller = _Controller(server)
    controller.start()
    server.port = controller.server.sockets[0].getsockname()[1]
    return controller.stop
