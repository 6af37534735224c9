"""What changed between two wordings of a story, word by word in every script, for a teller who is asked to confirm."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from enum import StrEnum
from typing import NamedTuple

import regex

from stories.models import Revision
from stories.text import prose
from stories.text.words import LETTERS, WITHOUT_SPACES

# A word with the space before it; in scripts written without spaces one cluster at a time.
_WORD = regex.compile(rf"\s*(?:(?![{WITHOUT_SPACES}])[{LETTERS}_'’])+|\s*\X")
_LINK = re.compile(r'<a\b[^>]*?href="([^"]*)"[^>]*>')
MOST_COMPARED = 1_000_000  # pairs of words (or of lines) looked at; beyond it old and new stand whole


class ChangeKind(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


class DiffPart(NamedTuple):
    """A run of text with one fate."""

    fate: ChangeKind
    text: str


def of(old: Revision, new: Revision) -> dict[str, list[DiffPart]]:
    """The pieces of every field that differs, by its name, in the order in which a reader meets the fields.

    A body whose words are the same and whose formatting is not has one piece that is the same.
    """
    before, after = _texts(old), _texts(new)
    changed = {name: between(before[name], after[name]) for name in before if before[name] != after[name]}
    if old.body != new.body and "body" not in changed:
        changed["body"] = [DiffPart(ChangeKind.SAME, after["body"])]
    return changed


def between(old: str, new: str) -> list[DiffPart]:
    """`old` and `new` as one run of pieces: without the new ones it reads as `old`, without the gone ones as `new`."""
    pieces: list[DiffPart] = []
    for tag, before, after in runs(old.splitlines(keepends=True), new.splitlines(keepends=True)):
        if tag == "equal":
            _add(pieces, ChangeKind.SAME, "".join(after))
            continue
        for inner, gone, come in runs(_WORD.findall("".join(before)), _WORD.findall("".join(after))):
            if inner == "equal":
                _add(pieces, ChangeKind.SAME, "".join(come))
            else:
                _add(pieces, ChangeKind.GONE, "".join(gone))
                _add(pieces, ChangeKind.NEW, "".join(come))
    return pieces


def runs(old: list[str], new: list[str]) -> Iterator[tuple[str, list[str], list[str]]]:
    """Runs that are "equal" or not, as (which, of the old, of the new), some of them empty.

    What is too much to compare stands whole, but for what both ends share.
    """
    if len(old) * len(new) <= MOST_COMPARED:
        for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            yield tag, old[i:j], new[k:m]
        return
    start = _shared(old, new)
    end = _shared(old[start:][::-1], new[start:][::-1])
    before, after = old[start : len(old) - end], new[start : len(new) - end]
    yield "equal", old[:start], new[:start]
    if len(before) * len(after) > MOST_COMPARED:
        yield "replace", before, after
    else:
        yield from runs(before, after)
    yield "equal", old[len(old) - end :], new[len(new) - end :]


def _shared(old: list[str], new: list[str]) -> int:
    """How many entries both begin with."""
    differing = (at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other)
    return next(differing, min(len(old), len(new)))


def _add(pieces: list[DiffPart], fate: ChangeKind, text: str) -> None:
    if not text:
        return
    if pieces and pieces[-1].fate is fate:
        pieces[-1] = DiffPart(fate, pieces[-1].text + text)
    else:
        pieces.append(DiffPart(fate, text))


def body_text(body: str) -> str:
    """A stored body as text, a paragraph after an empty line. A link shows where it leads."""
    return prose.text_of(_LINK.sub(r"\g<0>‹\1› ", body)).replace("\n", "\n\n")


def _texts(revision: Revision) -> dict[str, str]:
    """Every field of a revision as text; no address of a link changes unseen."""
    return {
        "title": revision.title,
        "teller_naming": revision.teller_naming.value,
        "teller_name": revision.shown_name,
        "organisation": revision.organisation.name if revision.organisation else "",
        "content_note": revision.content_note,
        "introduction": revision.introduction,
        "body": body_text(revision.body),
        **{name: "\n".join(getattr(revision, name)) for name in ("pull_quotes", "takeaways", "prompts")},
        "place": revision.place,
        "time": revision.time,
        "themes": "\n".join(theme.name for theme in revision.themes),
        "attribution": revision.attribution,
    }
