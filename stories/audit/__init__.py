"""The account of what happened: the security log, written, read and verified."""

from __future__ import annotations

from stories.audit.log import erase_about, record
from stories.audit.verification import Fault, Finding, lines_without_words, verify

__all__ = ["Fault", "Finding", "erase_about", "lines_without_words", "record", "verify"]
