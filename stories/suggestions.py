"""What a moderator suggests beside the author's words, difference by difference, and taking some of it up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from stories import wording
from stories.models import Revision
from stories.text import diff
from stories.text.allowed_html import VOID
from stories.text.diff import DiffPart
from stories.wording import LIST_FIELDS, Words

WHOLE_FIELDS = (
    "title", "content_note", "introduction", "place", "time", "attribution", "organisation", "themes"
)  # fmt: skip
FIELDS = ("title", "content_note", "introduction", "body", *LIST_FIELDS, "place", "time", "themes", "organisation",
          "attribution")  # fmt: skip
_TAG = re.compile(r"<(/?)([a-z0-9]+)[^>]*>")


@dataclass(frozen=True)
class Difference:
    """One thing that would change: a field, or some paragraphs of the body, or some entries of a list.

    `key` names it among the differences of these two wordings; `parts` show it.
    """

    key: str
    field: str
    parts: Sequence[DiffPart]


def differences(own: Revision, suggestion: Revision) -> list[Difference]:
    """What `suggestion` would change in `own`, in the order in which a reader meets it.

    How the teller is named is not among it: that is theirs.
    """
    before, after = wording.of(own), wording.of(suggestion)
    return [difference for name in FIELDS for difference in _of_field(name, before, after)]


def taken_up(own: Revision, suggestion: Revision, chosen: Iterable[str]) -> Words:
    """The words of `own` with the chosen differences of `suggestion` put in; unknown keys choose nothing."""
    before, after, keys = wording.of(own), wording.of(suggestion), frozenset(chosen)
    changed: dict[str, Any] = {name: getattr(after, name) for name in WHOLE_FIELDS if name in keys}
    for name in ("body", *LIST_FIELDS):
        pieces = [
            piece
            for key, gone, come in _runs(name, _pieces(name, before), _pieces(name, after))
            for piece in (come if key in keys else gone)
        ]
        changed[name] = "".join(pieces) if name == "body" else tuple(pieces)
    return replace(before, **changed)


def _of_field(name: str, before: Words, after: Words) -> Iterator[Difference]:
    if name in WHOLE_FIELDS:
        if getattr(before, name) != getattr(after, name):
            yield Difference(name, name, diff.between(_text(name, before), _text(name, after)))
        return
    for key, gone, come in _runs(name, _pieces(name, before), _pieces(name, after)):
        if gone != come:
            yield Difference(key, name, diff.between(_shown(name, gone), _shown(name, come)))


def _text(name: str, words: Words) -> str:
    value = getattr(words, name)
    if name == "themes":
        return "\n".join(theme.name for theme in value)
    return value.name if name == "organisation" and value is not None else value or ""


def _pieces(name: str, words: Words) -> list[str]:
    """The paragraphs of a body, or the entries of a list."""
    return blocks(words.body) if name == "body" else list(getattr(words, name))


def _shown(name: str, pieces: Sequence[str]) -> str:
    return "\n\n".join(diff.body_text(piece) if name == "body" else piece for piece in pieces)


def _runs(name: str, before: list[str], after: list[str]) -> Iterator[tuple[str, list[str], list[str]]]:
    """What both have, and between it each difference: its key, the pieces of the one and those of the other.

    Where so many pieces stand for as many others, each stands for one.
    """
    pairs: list[tuple[list[str], list[str]]] = []
    for which, gone, come in diff.runs(before, after):
        if which != "equal" and len(gone) == len(come):
            pairs += [([one], [other]) for one, other in zip(gone, come, strict=True)]
        else:
            pairs.append((gone, come))
    for number, (gone, come) in enumerate(pairs):
        yield f"{name}-{number}", gone, come


def blocks(body: str) -> list[str]:
    """A stored body cut where one outermost block ends and the next begins; joined they are the body."""
    cuts, depth = [0], 0
    for tag in _TAG.finditer(body):
        if tag[2] not in VOID:
            depth += -1 if tag[1] else 1
        if depth == 0:
            cuts.append(tag.end())
    cuts.append(len(body))
    return [body[start:end] for start, end in pairwise(cuts) if end > start]
