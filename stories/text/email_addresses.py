"""E-mail addresses: what one must look like so that a mail server can take it, and how it is spelled for one.

The rules are those of RFC 5321, 5322, 6531 and of IDNA 2008 with UTS 46, as `email-validator` reads them, and a little
stricter: no quoted names, no addresses of computers in brackets, no comments, nothing that only one network knows.
"""

from __future__ import annotations

import re

import email_validator

from stories.errors import Refused

LONGEST = 254  # characters; RFC 5321
_IN_ASCII = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+")  # RFC 5322, without its quoted names


class NotAnAddress(Refused):
    """What was given is not an e-mail address that a mail server could take; the message says why, in English."""


def normalize(address: str) -> str:
    """An address as we keep it: small letters, NFC, the domain as people read it. Raises NotAnAddress."""
    return str(_validated(address).normalized)


def for_mail_servers(address: str) -> str:
    """The address with a domain that every mail server understands: `xn--…` where it has letters of other scripts.

    Raises NotAnAddress. What is in ASCII may also be known to this machine or network only, as `stories@localhost`.
    """
    if _IN_ASCII.fullmatch(address):
        return address
    validated = _validated(address)
    return f"{validated.local_part}@{validated.ascii_domain}"


def masked(address: str) -> str:
    """An address that its owner would recognise and nobody else could write to: `l…@example.org`."""
    name, at, domain = address.rpartition("@")
    return f"{name[:1]}…{at}{domain}"


def _validated(address: str) -> email_validator.ValidatedEmail:
    short = address.strip()[: LONGEST + 1].lower()
    try:
        return email_validator.validate_email(short, check_deliverability=False, strict=True)
    except email_validator.EmailNotValidError as error:
        raise NotAnAddress(str(error)) from error
