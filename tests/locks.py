"""What a lock file pins on a machine, and whether that is everything its packages ask for there."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REQUIREMENTS = Path(__file__).parent.parent / "requirements"
LOCKS = ("run", "test", "bench")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
MACHINES = (("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64"))

Key = tuple[str, frozenset[str]]  # pip looks for `package` and for `package[extra]` apart


@dataclass(frozen=True)
class Pin:
    """A line of a lock: one package in one version, with the hashes of its files."""

    line: str
    hashes: tuple[str, ...]

    @cached_property
    def requirement(self) -> Requirement:
        return Requirement(self.line)

    @cached_property
    def name(self) -> str:
        return canonicalize_name(self.requirement.name)

    @cached_property
    def key(self) -> Key:
        return self.name, frozenset(self.requirement.extras)

    @cached_property
    def version(self) -> str:
        """The one version that the line allows, or nothing where it allows several."""
        specifiers = list(self.requirement.specifier)
        exact = len(specifiers) == 1 and specifiers[0].operator == "==" and "*" not in specifiers[0].version
        return specifiers[0].version if exact else ""


def read(text: str) -> list[Pin]:
    """The pins of a lock file; its options are left out."""
    pins = []
    for entry in text.replace("\\\n", " ").splitlines():
        line, *hashes = (part.strip() for part in entry.split("--hash="))
        if line and not line.startswith(("-", "#")):
            pins.append(Pin(line, tuple(hashes)))
    return pins


def load(lock: str) -> list[Pin]:
    """The pins of one of our lock files."""
    return read((REQUIREMENTS / f"{lock}.txt").read_text(encoding="utf-8"))


def environment(python: str, system: str, machine: str) -> dict[str, str]:
    """What the markers of a lock see on another machine with CPython."""
    return {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "implementation_name": "cpython",
        "implementation_version": f"{python}.0",
        "platform_python_implementation": "CPython",
        "os_name": "posix",
        "sys_platform": system,
        "platform_system": system.capitalize(),
        "platform_machine": machine,
    }


def every_environment() -> Iterator[dict[str, str]]:
    """Each machine and each Python that the README promises."""
    for python in PYTHONS:
        for system, machine in MACHINES:
            yield environment(python, system, machine)


def pins_in(pins: list[Pin], there: dict[str, str]) -> dict[Key, Pin]:
    """The pins that count in an environment, by package and extras."""
    return {pin.key: pin for pin in pins if _holds(pin.requirement.marker, there)}


def unpinned(pins: list[Pin], there: dict[str, str]) -> Iterator[str]:
    """What the packages of a lock ask for in an environment and the lock does not pin, a sentence each.

    Reads what is installed here; a package that is not, or in another version, is passed over.
    """
    pinned = pins_in(pins, there)
    for pin in pinned.values():
        for wanted in _wanted_by(pin, there):
            found = pinned.get((canonicalize_name(wanted.name), frozenset(wanted.extras)))
            if found is None or found.version not in wanted.specifier:
                yield f"{pin.line.partition('=')[0]} asks for {_bare(wanted)}, which is not pinned"


def _wanted_by(pin: Pin, there: dict[str, str]) -> Iterator[Requirement]:
    """What a package asks for in an environment; with the extras that the lock names it asks for itself, too."""
    if pin.requirement.extras:
        yield Requirement(pin.name)
    for wanted in _metadata(pin.name, pin.version):
        if any(_holds(wanted.marker, there | {"extra": extra}) for extra in {"", *pin.requirement.extras}):
            yield wanted


@cache
def _metadata(name: str, version: str) -> tuple[Requirement, ...]:
    try:
        installed = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return ()
    return tuple(Requirement(text) for text in installed.requires or [] if installed.version == version)


def _holds(marker: Marker | None, there: dict[str, str]) -> bool:
    return marker is None or marker.evaluate(there)


def _bare(requirement: Requirement) -> str:
    """A requirement without its marker."""
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    return f"{requirement.name}{extras}{requirement.specifier}"
