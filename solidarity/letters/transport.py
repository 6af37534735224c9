"""Takes a letter to a folder (`MAIL_URL=file:…`) or to a mail server, and says why where it could not."""

from __future__ import annotations

import ipaddress
import os
import re
import secrets
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from solidarity.letters import mime
from solidarity.letters.models import Failure
from solidarity.web.clock import now
from stories.text import email_addresses

SECONDS = 30  # how long a mail server may take for each answer
_ENHANCED_CODE = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}\b")  # RFC 3463


class NotDelivered(Exception):
    """A letter did not arrive. `answer`: the codes of the mail server, such as "550 5.1.1", never its words."""

    def __init__(self, failure: Failure, answer: str = "") -> None:
        super().__init__(failure.value)
        self.failure = failure
        self.answer = answer


class Transport(Protocol):
    """Where letters are taken, one after the other."""

    def deliver(self, message: bytes, to: str) -> None:
        """Take a letter to the address `to`. Raises NotDelivered or NotAnAddress."""


@contextmanager
def connected(mail_url: str, sender: str) -> Iterator[Transport]:
    """The way that MAIL_URL names, for as many letters as there are. A server is called when the first letter comes."""
    url = urlsplit(mail_url)
    if url.scheme == "file":
        yield Folder(Path(url.path))
        return
    server = MailServer(url, email_addresses.for_mail_servers(sender))
    try:
        yield server
    finally:
        server.hang_up()


class Folder:
    """A folder where each letter becomes an .eml file, which any mail program opens."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def deliver(self, message: bytes, to: str) -> None:  # noqa: ARG002 - stands in the letter
        """Write the file, whole or not at all, for nobody else to read. Raises NotDelivered."""
        name = f"{now():%Y-%m-%dT%H-%M-%S-%f}-{secrets.token_hex(3)}"
        try:
            self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
            partial = self._path / f".{name}"
            with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(message)
            partial.rename(self._path / f"{name}.eml")
        except OSError as error:
            raise NotDelivered(Failure.FOLDER) from error


class MailServer:
    """One connection to a mail server, made anew if it breaks."""

    def __init__(self, url: SplitResult, sender: str) -> None:
        self._url = url
        self._sender = sender
        self._smtp: smtplib.SMTP | None = None

    def deliver(self, message: bytes, to: str) -> None:
        """Hand a letter over, as this server can take it. Raises NotDelivered or NotAnAddress."""
        to = email_addresses.for_mail_servers(to)
        if self._smtp is None or self._smtp.sock is None:
            self._smtp = self._call()
        try:
            _hand_over(self._smtp, message, self._sender, to)
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException) as refused:
            raise _refusal(refused) from refused
        except OSError as broken:  # smtplib.SMTPServerDisconnected is one too
            self.hang_up()
            raise NotDelivered(Failure.INTERRUPTED) from broken

    def hang_up(self) -> None:
        """End the connection, if there is one. What was taken stays taken."""
        smtp, self._smtp = self._smtp, None
        if smtp is None or smtp.sock is None:
            return
        try:
            smtp.quit()
        except (OSError, smtplib.SMTPException):
            smtp.close()

    def _call(self) -> smtplib.SMTP:
        """A connection, encrypted wherever the server can and always before a password is said."""
        smtp = self._greeted()
        try:
            if not isinstance(smtp, smtplib.SMTP_SSL) and smtp.has_extn("starttls"):
                smtp.starttls(context=ssl.create_default_context())
                smtp.ehlo()
            if self._url.username:
                self._sign_in(smtp)
        except ssl.SSLError as untrusted:
            raise _closed(smtp, NotDelivered(Failure.UNTRUSTED)) from untrusted
        except smtplib.SMTPResponseException as refused:  # STARTTLS was offered and then refused
            raise _closed(smtp, NotDelivered(Failure.UNTRUSTED, _codes(refused))) from refused
        except OSError as broken:
            raise _closed(smtp, NotDelivered(Failure.UNREACHABLE)) from broken
        except NotDelivered as failed:
            raise _closed(smtp, failed) from failed
        return smtp

    def _greeted(self) -> smtplib.SMTP:
        host, port = self._url.hostname or "localhost", self._url.port or (465 if self._url.scheme == "smtps" else 25)
        try:
            if self._url.scheme == "smtps":
                context = ssl.create_default_context()
                smtp: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=context)
            else:
                smtp = smtplib.SMTP(host, port, timeout=SECONDS)
        except ssl.SSLError as untrusted:
            raise NotDelivered(Failure.UNTRUSTED) from untrusted
        except smtplib.SMTPResponseException as refused:
            raise NotDelivered(Failure.UNREACHABLE, _codes(refused)) from refused
        except (OSError, UnicodeError) as unreachable:
            raise NotDelivered(Failure.UNREACHABLE) from unreachable
        try:
            smtp.ehlo_or_helo_if_needed()
        except OSError as broken:
            raise _closed(smtp, NotDelivered(Failure.UNREACHABLE)) from broken
        return smtp

    def _sign_in(self, smtp: smtplib.SMTP) -> None:
        if not isinstance(smtp.sock, ssl.SSLSocket) and not _is_here(self._url.hostname or "localhost"):
            raise NotDelivered(Failure.UNTRUSTED)
        try:
            smtp.login(unquote(self._url.username or ""), unquote(self._url.password or ""))
        except smtplib.SMTPServerDisconnected:
            raise
        except smtplib.SMTPResponseException as refused:
            raise NotDelivered(Failure.SIGN_IN, _codes(refused)) from refused
        except (smtplib.SMTPException, UnicodeError) as impossible:
            raise NotDelivered(Failure.SIGN_IN) from impossible


def _hand_over(smtp: smtplib.SMTP, message: bytes, sender: str, to: str) -> None:
    """Say what the letter needs of the server, as far as the server has it (RFC 6152, RFC 6531)."""
    options = []
    if not (sender.isascii() and to.isascii()):
        if not smtp.has_extn("smtputf8"):
            raise NotDelivered(Failure.NEEDS_SMTPUTF8)
        options.append("SMTPUTF8")
    written = mime.for_server(message, eight_bit=smtp.has_extn("8bitmime"))
    if not written.isascii() and smtp.has_extn("8bitmime"):
        options.append("BODY=8BITMIME")
    smtp.sendmail(sender, [to], written, options)


def _closed(smtp: smtplib.SMTP, failure: NotDelivered) -> NotDelivered:
    smtp.close()
    return failure


def _refusal(refused: smtplib.SMTPRecipientsRefused | smtplib.SMTPResponseException) -> NotDelivered:
    """What a server's "no" means: 4xx is for now, 5xx for ever; about the sender it is ours to mend."""
    if isinstance(refused, smtplib.SMTPRecipientsRefused):
        refused = smtplib.SMTPResponseException(*next(iter(refused.recipients.values())))
    if isinstance(refused, smtplib.SMTPSenderRefused) and refused.smtp_code >= 500:
        return NotDelivered(Failure.SENDER, _codes(refused))
    return NotDelivered(Failure.REFUSED if refused.smtp_code >= 500 else Failure.LATER, _codes(refused))


def _codes(refused: smtplib.SMTPResponseException) -> str:
    said = refused.smtp_error if isinstance(refused.smtp_error, bytes) else refused.smtp_error.encode()
    enhanced = _ENHANCED_CODE.match(said)
    return f"{refused.smtp_code} {enhanced[0].decode() if enhanced else ''}".strip()


def _is_here(host: str) -> bool:
    """Whether a password that is said to `host` stays on this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
