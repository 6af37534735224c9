"""Brings stories in from files: JSON Lines, CSV and the exports of WordPress.

`formats` reads a file as a stream of records, `columns` says which key is which field, `rows` makes a story of a
record or says why not, and `importer` brings it in through the verbs that people use.
"""

from __future__ import annotations

from stories.importing.columns import Columns
from stories.importing.formats import Format, HowToRead, read
from stories.importing.importer import Brought, Desk, Importer, Outcome, own_desk
from stories.importing.names import Names
from stories.importing.records import BadLine, Record, UnreadableFile
from stories.importing.report import Report
from stories.importing.rows import Way

__all__ = [
    "BadLine", "Brought", "Columns", "Desk", "Format", "HowToRead", "Importer", "Names", "Outcome",
    "Record", "Report", "UnreadableFile", "Way", "own_desk", "read",
]  # fmt: skip
