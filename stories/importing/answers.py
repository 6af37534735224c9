"""Reads a yes or a no as forms record it, in the languages of the site; anything else is neither."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_YES = frozenset([
    "yes", "y", "true", "1", "agree", "agreed", "granted", "given", "oo", "opo", "có", "đồng ý", "예", "네", "동의",
    "是", "同意", "हाँ", "हां", "হ্যাঁ", "បាទ", "ចាស", "យល់ព្រម", "ہاں", "جی ہاں", "ja", "sí", "oui",
])  # fmt: skip
_NO = frozenset([
    "no", "n", "false", "0", "none", "not", "never", "refused", "denied", "disagree", "declined", "withdrawn",
    "revoked", "hindi", "không", "아니요", "아니오", "否", "不", "不同意", "नहीं", "না", "ទេ", "نہیں", "nein", "non",
])  # fmt: skip
_WITHOUT_NAME = re.compile(r"\b(without|anonymous(ly)?|no name|not my name)\b")
_NO_LICENCE = frozenset(["all rights reserved", "unknown", "n/a", "na", "-", "?", "tbd", "copyright"])


@dataclass(frozen=True)
class Answer:
    """What somebody answered when they were asked whether their story may be published."""

    granted: bool
    named: bool | None  # whether under their name; None where that was not said
    said: str


def read(said: str) -> Answer | None:
    """The answer in `said` ("Yes, without my name"), or None where it is neither yes nor no.

    The first words decide; an answer that begins with both is neither.
    """
    folded = unicodedata.normalize("NFC", said).casefold().strip(" .!*\t\n")
    first = re.split(r"[\s,;.:/(]+", folded)[0]
    if folded in _NO or first in _NO:
        return Answer(granted=False, named=None, said=said)
    if not (folded in _YES or first in _YES or _starts(folded)):
        return None
    named = (
        False
        if _WITHOUT_NAME.search(folded)
        else True
        if re.search(r"\bwith (my|their|full)? ?name\b", folded)
        else None
    )
    return Answer(granted=True, named=named, said=said)


def _starts(folded: str) -> bool:
    return folded.startswith(("i agree", "đồng ý", "جی ہاں"))


def licenses(licence: str) -> bool:
    """Whether a licence may let somebody publish: "all rights reserved" and the like do not."""
    folded = licence.casefold().strip(" .!")
    answer = read(licence)
    return bool(folded) and folded not in _NO_LICENCE and (answer is None or answer.granted)
