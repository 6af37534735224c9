"""Phases and steps move about in the form without a word being lost."""

from __future__ import annotations

import pytest

from solidarity.teaching.step_editing import Phases, rearrange


def outline() -> Phases:
    return [
        {"title": "Open", "about": "", "steps": [{"title": "Names"}, {"title": "Plan"}]},
        {"title": "Talk", "about": "", "steps": [{"title": "Read"}, {"title": "Ask"}]},
    ]


def told(phases: Phases) -> list[tuple[str, list[str]]]:
    return [(phase["title"], [step.get("title", "") for step in phase["steps"]]) for phase in phases]


MOVES = [
    ("add-phase", [("Open", ["Names", "Plan"]), ("Talk", ["Read", "Ask"]), ("", [""])], "phases-2-title"),
    ("add-step 0", [("Open", ["Names", "Plan", ""]), ("Talk", ["Read", "Ask"])], "phases-0-steps-2-title"),
    ("remove-step 1.0", [("Open", ["Names", "Plan"]), ("Talk", ["Ask"])], "phases-1-title"),
    ("remove-phase 1", [("Open", ["Names", "Plan", "Read", "Ask"])], "phases-0-title"),
    ("remove-phase 0", [("Talk", ["Names", "Plan", "Read", "Ask"])], "phases-0-title"),
    ("up-phase 1", [("Talk", ["Read", "Ask"]), ("Open", ["Names", "Plan"])], "phases-0-title"),
    ("up-phase 0", [("Open", ["Names", "Plan"]), ("Talk", ["Read", "Ask"])], "phases-0-title"),
    ("up-step 0.1", [("Open", ["Plan", "Names"]), ("Talk", ["Read", "Ask"])], "phases-0-steps-0-title"),
    ("up-step 1.0", [("Open", ["Names", "Plan", "Read"]), ("Talk", ["Ask"])], "phases-0-steps-2-title"),
    ("up-step 0.0", [("Open", ["Names", "Plan"]), ("Talk", ["Read", "Ask"])], "phases-0-steps-0-title"),
    ("down-step 0.0", [("Open", ["Plan", "Names"]), ("Talk", ["Read", "Ask"])], "phases-0-steps-1-title"),
    ("down-step 0.1", [("Open", ["Names"]), ("Talk", ["Plan", "Read", "Ask"])], "phases-1-steps-0-title"),
    ("down-step 1.1", [("Open", ["Names", "Plan"]), ("Talk", ["Read", "Ask"])], "phases-1-steps-1-title"),
]


@pytest.mark.parametrize(("order", "then", "next_field"), MOVES)
def test_an_order_moves_what_it_names_and_says_what_to_write_next(
    order: str, then: list[tuple[str, list[str]]], next_field: str
) -> None:
    phases, focus = rearrange(order, outline())
    assert (told(phases), focus) == (then, next_field)


@pytest.mark.parametrize(
    "order", ["", "save", "count", "add-step 9", "up-step 0.7", "remove-step 1.-1", "fly 1.1", "١"]
)
def test_an_order_that_points_nowhere_changes_nothing(order: str) -> None:
    assert rearrange(order, outline()) == (outline(), "")


def test_the_last_phase_stays() -> None:
    alone = outline()[:1]
    assert rearrange("remove-phase 0", alone) == (alone, "")


def test_the_phases_that_were_given_are_left_as_they_were() -> None:
    given = outline()
    rearrange("remove-step 0.0", given)
    assert given == outline()
