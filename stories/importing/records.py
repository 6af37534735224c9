"""What the readers of files hand on: one record for each story, as the file says it, and what can be wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

LONGEST_TEXT = 4_000_000  # characters of one line, cell or element: a story as long as fits here, in the widest escapes
MOST_KEYS = 500  # columns of a table, keys of an object


class BodyFormat(StrEnum):
    """How the text of a story is written."""

    MARKDOWN = "markdown"
    HTML = "html"
    TEXT = "text"  # as typed into a box: a blank line makes a paragraph
    WORDPRESS = "wordpress"


class BadLine(Exception):
    """A line that cannot become a story; the message says why, in words for whoever prepared the file."""


class UnreadableFile(Exception):
    """A file that cannot be read on, or not as it is; the message says why and what helps."""


@dataclass(frozen=True)
class Record:
    """What a file says of one story, from `line` on, by key or column.

    `fault` is why it could not be read; `left_out` the kind of thing it is, where it is no story to bring in.
    """

    line: int
    values: Mapping[str, Any] = field(default_factory=dict)
    body_format: BodyFormat = BodyFormat.MARKDOWN
    remarks: tuple[str, ...] = ()
    fault: str = ""
    left_out: str = ""
