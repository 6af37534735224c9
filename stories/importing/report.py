"""Counts what became of every record of a file, for what is told at its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from stories.importing.columns import Columns
from stories.importing.importer import Brought, Outcome

_MOST_NAMES = 40


@dataclass
class Report:
    """What became of the records so far."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    new_names: Counter[str] = field(default_factory=Counter)
    missing_names: Counter[str] = field(default_factory=Counter)
    skipped: int = 0

    def count(self, brought: Brought) -> None:
        """Take one row along."""
        self.outcomes[brought.outcome] += 1
        if brought.stands_as:
            self.states[brought.stands_as] += 1
        self.new_names.update(brought.new_names)
        self.missing_names.update(brought.missing_names)

    def lines(self, columns: Columns) -> Iterator[str]:
        """What is worth telling beside the summary, a line for each kind."""
        if self.states["submitted"] or self.states["draft"]:
            waiting, drafts = self.states["submitted"], self.states["draft"]
            yield f"{waiting} wait for the moderators, {drafts} are drafts that wait for consent."
        if columns.unknown:
            yield f"Left out, for nobody here knows these keys: {_counted(columns.unknown)}."
        if columns.unseen():
            yield f"No record had what the options name: {', '.join(columns.unseen())}."
        if self.left_out:
            yield f"Left out, for they are no stories to bring in: {_counted(self.left_out)}."
        if self.new_names:
            yield f"New themes and organisations: {', '.join(list(self.new_names)[:_MOST_NAMES])}."
        if self.missing_names:
            yield f"Names that are not here and were left out: {_counted(self.missing_names)}."

    @property
    def summary(self) -> str:
        """The last line."""
        counts = self.outcomes
        told = f"{counts[Outcome.ADDED]} added, {counts[Outcome.ALREADY_IN]} already in, {self.skipped} skipped"
        told += f", {counts[Outcome.DIFFERS]} already in with other words" if counts[Outcome.DIFFERS] else ""
        told += f", {counts[Outcome.SAID_NO]} whose teller said no" if counts[Outcome.SAID_NO] else ""
        return f"{told}."


def _counted(counts: Counter[str]) -> str:
    shown = ", ".join(f"{name} ({count:,})" for name, count in counts.most_common(_MOST_NAMES))
    return shown + (f" and {len(counts) - _MOST_NAMES:,} more" if len(counts) > _MOST_NAMES else "")
