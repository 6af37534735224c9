"""How a letter is written down as bytes (RFC 5322, 2045, 2047), and what of it each mail server understands.

Headers are written here and go out as they are. Python's own folding writes a long name with commas as several people,
and encodes the address in List-Unsubscribe, so that no program finds it (seen with 3.11).
"""

from __future__ import annotations

import re
from email import message_from_bytes
from email.header import Header
from email.message import EmailMessage
from email.policy import EmailPolicy
from typing import cast

LINE = 78  # characters; RFC 5322 wants no more
LONGEST_LINE = 998  # bytes; RFC 5322 allows no more
_SPECIALS = re.compile(r'[()<>@,:;".\[\]\\]')


class _AsWritten(EmailPolicy):
    """Headers that we have folded already."""

    def header_store_parse(self, name: str, value: str) -> tuple[str, str]:
        """Keep a header as it is given."""
        return name, value


_EIGHT_BIT = _AsWritten(refold_source="none", linesep="\r\n", utf8=True, cte_type="8bit", max_line_length=LONGEST_LINE)
_SEVEN_BIT = _EIGHT_BIT.clone(cte_type="7bit", max_line_length=LINE)


def new_message(headers: dict[str, str], text: str, html: str) -> EmailMessage:
    """A letter in two forms, of which a mail program shows the one it can."""
    message = EmailMessage(policy=_EIGHT_BIT)
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    for name, value in headers.items():
        message[name] = value
    return message


def words(name: str, text: str) -> str:
    """The value of the header `name` that people read, in letters of any script."""
    plain = text.isascii() and "=?" not in text
    return Header(text, "us-ascii" if plain else "utf-8", maxlinelen=LINE, header_name=name).encode()


def mailbox(header: str, name: str, address: str) -> str:
    """A person and their address, for the header `header`. Only the address may go beyond ASCII."""
    if name.isascii() and len(name) < LINE - 20 and "=?" not in name:
        return f"{_quoted(name)} <{address}>".lstrip()
    return f"{Header(name, 'utf-8', maxlinelen=LINE - 2, header_name=header).encode()}\n <{address}>"


def _quoted(name: str) -> str:
    if not _SPECIALS.search(name):
        return name
    return '"{}"'.format(name.replace("\\", r"\\").replace('"', r"\""))


def for_server(message: bytes, *, eight_bit: bool) -> bytes:
    """The letter with bodies in eight bits for a server that takes them, in seven for any other."""
    letter = _parsed(message, _EIGHT_BIT if eight_bit else _SEVEN_BIT)
    for part in letter.walk():
        if part.get_content_maintype() == "text":
            part.set_content(part.get_content(), subtype=part.get_content_subtype())
            del part["MIME-Version"]  # once, at the top
    return letter.as_bytes(policy=_EIGHT_BIT)


def _parsed(message: bytes, policy: EmailPolicy) -> EmailMessage:
    return cast(EmailMessage, message_from_bytes(message, policy=policy))
