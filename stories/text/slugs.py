"""Makes addresses: a title in ASCII letters and a short random part, unique on the site and for ever."""

from __future__ import annotations

import re
import secrets

from anyascii import anyascii

ALPHABET = "23456789bcdfghjkmnpqrstvwxz"  # no vowels and no look-alikes: no words by accident
RANDOM_LENGTH = 7
TITLE_LENGTH = 60


def for_title(title: str) -> str:
    """A new slug for `title`: at most 60 characters of it, then the random part; or that part alone."""
    words = plain(title)
    random = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LENGTH))
    return f"{words}-{random}" if words else random


def plain(title: str) -> str:
    """`title` in lower-case ASCII letters and digits, joined by hyphens; may be empty."""
    ascii_title = anyascii(title[:400]).lower()
    words = re.sub(r"[^a-z0-9]+", "-", ascii_title).strip("-")
    return words[:TITLE_LENGTH].rstrip("-")


def random_part(slug: str) -> str:
    """The part of a slug that carries no words of the title."""
    return slug.rpartition("-")[2]
