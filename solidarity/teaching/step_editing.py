"""The phases and steps of a guide while they are being written: added, removed and moved without losing a word.

They are what the form gave: a list of phases, each a dict with its `steps`, each step a dict. An order says what to do:
"add-step 1" (to the phase at 1), "up-step 1.2" (the step at 2 of the phase at 1), "remove-phase 0".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any

from stories.text import limits

Phases = list[dict[str, Any]]
_ORDER = re.compile(r"([a-z]+-[a-z]+) ?([0-9]{0,3})\.?([0-9]{0,3})")

_PLACE = re.compile(r"phases-[0-9]+(?:-steps-[0-9]+)?")
MOST_SENT = 2 * (limits.GUIDE_PHASES + limits.GUIDE_STEPS)  # the form still shows more than fit, so that none is lost


def is_beyond_measure(names: Iterable[str]) -> bool:
    """Whether the fields with these names hold so many parts and steps that no person can have written them."""
    places = {place[0] for name in names if (place := _PLACE.match(name))}
    return len(places) > MOST_SENT


def empty_phase(title: str = "") -> dict[str, Any]:
    """A phase with one step to be written."""
    return {"title": title, "about": "", "steps": [{}]}


def rearrange(order: str, phases: Phases) -> tuple[Phases, str]:
    """The phases after `order`, and the id of the field that should be written next.

    An order that is none, or that points nowhere, changes nothing.
    """
    told = _ORDER.fullmatch(order)
    changed = deepcopy(phases)
    if told is None or told[1] not in _VERBS:
        return changed, ""
    try:
        return changed, _VERBS[told[1]](changed, int(told[2] or 0), int(told[3] or 0))
    except IndexError:
        return deepcopy(phases), ""


def _add_phase(phases: Phases, _phase: int, _step: int) -> str:
    phases.append(empty_phase())
    return f"phases-{len(phases) - 1}-title"


def _add_step(phases: Phases, phase: int, _step: int) -> str:
    phases[phase]["steps"].append({})
    return f"phases-{phase}-steps-{len(phases[phase]['steps']) - 1}-title"


def _remove_phase(phases: Phases, phase: int, _step: int) -> str:
    """Its steps go to the phase before it, or after it where it was the first; the last phase of all stays."""
    if len(phases) == 1:
        return ""
    steps = phases.pop(phase)["steps"]
    heir = phases[max(0, phase - 1)]
    heir["steps"] = heir["steps"] + steps if phase else steps + heir["steps"]
    return f"phases-{max(0, phase - 1)}-title"


def _remove_step(phases: Phases, phase: int, step: int) -> str:
    del phases[phase]["steps"][step]
    return f"phases-{phase}-title"


def _up_phase(phases: Phases, phase: int, _step: int) -> str:
    moved = phases.pop(phase)
    phases.insert(max(0, phase - 1), moved)
    return f"phases-{max(0, phase - 1)}-title"


def _up_step(phases: Phases, phase: int, step: int) -> str:
    """One place up; the first step of a phase goes to the end of the phase before."""
    moved = phases[phase]["steps"].pop(step)
    if step == 0 and phase > 0:
        phase, step = phase - 1, len(phases[phase - 1]["steps"]) + 1
    phases[phase]["steps"].insert(max(0, step - 1), moved)
    return f"phases-{phase}-steps-{max(0, step - 1)}-title"


def _down_step(phases: Phases, phase: int, step: int) -> str:
    """One place down; the last step of a phase goes to the beginning of the phase after."""
    steps = phases[phase]["steps"]
    moved = steps.pop(step)
    if step == len(steps) and phase + 1 < len(phases):
        phase, step = phase + 1, -1
    phases[phase]["steps"].insert(step + 1, moved)
    return f"phases-{phase}-steps-{min(step + 1, len(phases[phase]['steps']) - 1)}-title"


_VERBS: dict[str, Callable[[Phases, int, int], str]] = {
    "add-phase": _add_phase,
    "add-step": _add_step,
    "remove-phase": _remove_phase,
    "remove-step": _remove_step,
    "up-phase": _up_phase,
    "up-step": _up_step,
    "down-step": _down_step,
}
