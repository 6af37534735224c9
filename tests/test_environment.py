"""How bin/environment makes a Python environment, and what it says when it cannot."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EMPTY_LOCK = "--no-index\n"
BAD_LOCK = f"--no-index\nnothing-here==1 --hash=sha256:{'0' * 64}\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with bin/environment, a command that uses it, and a lock that asks for nothing."""
    for folder in ("bin", "requirements"):
        (tmp_path / folder).mkdir()
    shutil.copy(ROOT / "bin" / "environment", tmp_path / "bin")
    (tmp_path / "bin" / "command").write_text('lock=run\n. "$(dirname "$0")/environment"\ncommand -v python\n')
    (tmp_path / "requirements" / "run.txt").write_text(EMPTY_LOCK)
    return tmp_path


def run(checkout: Path, **env: str) -> tuple[int, str, str]:
    """Run the command; returns its exit code, what it printed, and what it complained of."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHON", "VENV")}
    command = ["/bin/sh", checkout / "bin" / "command"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=kept | env)
    return done.returncode, done.stdout, done.stderr


def test_the_interpreter_and_the_folder_can_be_chosen_and_are_made_once(checkout: Path) -> None:
    chosen = {"PYTHON": sys.executable, "VENV": "made here"}
    first, second = run(checkout, **chosen), run(checkout, **chosen)

    installing = "Installing what is needed (run); this is done once and takes a minute …\n"
    python = f"{checkout}/made here/bin/python\n"
    assert (first, second) == ((0, python, installing), (0, python, ""))
    assert not (checkout / ".venv").exists()


def test_a_lock_that_cannot_be_installed_shows_what_the_installer_said(checkout: Path) -> None:
    (checkout / "requirements" / "run.txt").write_text(BAD_LOCK)
    code, _, complaint = run(checkout, PYTHON=sys.executable)

    assert code == 1
    assert "The packages could not be installed" in complaint
    assert "  ERROR: No matching distribution found for nothing-here==1\n" in complaint
    assert not (checkout / ".venv" / "installed-run.txt").exists()


def test_an_interpreter_that_will_not_do_is_named(checkout: Path) -> None:
    assert run(checkout, PYTHON="python2.4") == (
        1,
        "",
        "PYTHON=python2.4 is not a Python 3.11 or newer with its venv module.\n",
    )


def test_a_folder_that_is_no_environment_is_left_alone(checkout: Path) -> None:
    (checkout / "papers").mkdir()
    (checkout / "papers" / "letter.txt").write_text("dear")
    code, _, complaint = run(checkout, PYTHON=sys.executable, VENV="papers")

    assert (code, (checkout / "papers" / "letter.txt").read_text()) == (1, "dear")
    assert complaint == f"{checkout}/papers is not a Python environment: remove it, or name another folder with VENV.\n"
