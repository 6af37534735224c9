"""What `.ci/locks` runs: every lock installs with the oldest pip, today and tomorrow, and nothing needs a compiler."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from locks import LOCKS, MACHINES, PYTHONS, REQUIREMENTS, Pin, environment, load, pins_in

OLDEST_PIP = (
    "pip==22.3 --hash=sha256:1daab4b8d3b97d1d763caeb01a4640a2250a0ea899e257b1e44b9eded91e15ab\n"  # ensurepip of 3.11.0
)
FLASK_PRINCIPAL = (
    "flask-principal==0.4.0 --hash=sha256:f5d6134b5caebfdbb86f32d56d18ee44b080876a27269560a96ea35f75c99453\n"
)
TOMORROW = "99999"
BUILDERS = ("setuptools", "wheel")
PLATFORMS = {
    ("linux", "x86_64"): ["manylinux_2_28_x86_64", "manylinux_2_27_x86_64", "manylinux_2_17_x86_64"],
    ("linux", "aarch64"): ["manylinux_2_28_aarch64", "manylinux_2_27_aarch64", "manylinux_2_17_aarch64"],
    ("darwin", "arm64"): ["macosx_15_0_arm64"],
}
ENV = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_CACHE_DIR": "1", "PIP_QUIET": "1"}


def main() -> int:
    """Do all of it, and say each thing that passed or failed; returns how many failed."""
    if sys.version_info[:2] != (3, 11):
        print("The oldest pip runs on Python 3.11 only: name one with PYTHON and VENV.")
        return 1
    with tempfile.TemporaryDirectory() as made, ThreadPoolExecutor(2) as two:
        folder = Path(made)
        releases = newer_releases(folder / "tomorrow")
        installs = two.map(lambda lock: installs_with_the_oldest_pip(lock, folder, releases), LOCKS)
        targets = [(python, machine) for machine in MACHINES for python in PYTHONS]
        wheels = two.map(lambda target: has_wheels(target[0], target[1], folder), targets)
        return [*installs, *wheels, carries_the_release(folder / "release")].count(False)


def newer_releases(folder: Path) -> Path:
    """A folder with a newer release of every package, and of what could build one: a lock must take none of them."""
    folder.mkdir()
    extras: dict[str, set[str]] = {name: set() for name in BUILDERS}
    for pin in (pin for lock in LOCKS for pin in load(lock)):
        extras.setdefault(pin.name, set()).update(pin.requirement.extras)
    for name, named in extras.items():
        _empty_wheel(folder, name, named)
    return folder


def _empty_wheel(folder: Path, name: str, extras: set[str]) -> None:
    stem = f"{name.replace('-', '_')}-{TOMORROW}"
    provided = [f"Provides-Extra: {extra}" for extra in sorted(extras)]
    metadata = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {TOMORROW}", *provided, ""]
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{stem}.dist-info/METADATA", "\n".join(metadata))
        wheel.writestr(f"{stem}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{stem}.dist-info/RECORD", "")


def installs_with_the_oldest_pip(lock: str, folder: Path, releases: Path) -> bool:
    """Whether a lock installs into an empty environment beside newer releases of everything, without a cache."""
    python = _with_the_oldest_pip(folder / lock)
    return _passes(
        f"{lock} lock, pip 22.3, newer releases at hand",
        [*_pip(python, "install", "--find-links", releases), "--requirement", REQUIREMENTS / f"{lock}.txt"],
        [python, "-m", "pip", "check"],
    )


def _with_the_oldest_pip(home: Path) -> Path:
    """The interpreter of a new environment that has no more than pip 22.3 and the setuptools of that time."""
    venv.create(home, with_pip=True)
    python = home / "bin" / "python"
    (home / "pip.txt").write_text(OLDEST_PIP)
    subprocess.run([*_pip(python, "install"), "--requirement", home / "pip.txt"], check=True, env=ENV)
    return python


def _pip(python: str | Path, *words: str | Path) -> list[str | Path]:
    return [python, "-m", "pip", *words, "--require-hashes"]


def has_wheels(python: str, machine: tuple[str, str], folder: Path) -> bool:
    """Whether every package of the run lock can be had as a wheel for a Python on a machine."""
    wanted = folder / f"{python}-{'-'.join(machine)}.txt"
    wanted.write_text("".join(_lines(pins_in(load("run"), environment(python, *machine)).values())))
    platforms = [option for platform in PLATFORMS[machine] for option in ("--platform", platform)]
    return _passes(
        f"run lock, wheels for {machine[0]} {machine[1]}, Python {python}",
        [
            *_pip(sys.executable, "download", "--dest", folder / "wheels", "--no-deps", "--only-binary", ":all:"),
            "--find-links", REQUIREMENTS / "wheels", "--implementation", "cp", "--python-version", python,
            *platforms, "--requirement", wanted,
        ],
    )  # fmt: skip


def carries_the_release(folder: Path) -> bool:
    """Whether the wheel in requirements/wheels holds the module of the one release of Flask-Principal, and no other."""
    python = _with_the_oldest_pip(folder)
    (folder / "wanted.txt").write_text(FLASK_PRINCIPAL)
    download = _pip(python, "download", "--dest", folder, "--no-deps", "--no-binary", ":all:", "--no-use-pep517")
    what = "flask-principal, the wheel is the release"
    if not _runs(what, [*download, "--requirement", folder / "wanted.txt"]):
        return False
    with tarfile.open(folder / "Flask-Principal-0.4.0.tar.gz") as release:
        module = release.extractfile("Flask-Principal-0.4.0/flask_principal.py")
        expected = {"flask_principal.py": module.read() if module else b""}
    with zipfile.ZipFile(REQUIREMENTS / "wheels" / "flask_principal-0.4.0-py3-none-any.whl") as wheel:
        held = {name: wheel.read(name) for name in wheel.namelist() if ".dist-info/" not in name}
    return _say(what, held == expected)


def _lines(pins: Iterable[Pin]) -> Iterator[str]:
    """Pins without their markers, which pip would ask of this machine and not of the other."""
    for pin in pins:
        yield " ".join([pin.line.partition(";")[0], *(f"--hash={text}" for text in pin.hashes)]) + "\n"


def _passes(what: str, *commands: list[str | Path]) -> bool:
    return _runs(what, *commands) and _say(what, True)


def _runs(what: str, *commands: list[str | Path]) -> bool:
    """Run commands until one fails; where one does, say what it said."""
    for command in commands:
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=ENV)
        if done.returncode:
            return _say(what, False, (done.stdout + done.stderr)[-3000:])
    return True


def _say(what: str, passed: bool, why: str = "") -> bool:
    print("passed:" if passed else "FAILED:", what, why, flush=True)
    return passed


if __name__ == "__main__":
    sys.exit(main())
