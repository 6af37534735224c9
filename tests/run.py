"""What `bin/test` runs: style, types, layers and templates first, then the tests.

`--all` adds the long ones; `--postgres` runs the tests on a PostgreSQL server of their own.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn

import postgres

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
CHECKS = {
    "style": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "types": ["mypy"],
    "layers": ["lint-imports"],
    "templates": ["djlint", "templates", "--lint", "--quiet"],
}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def main(arguments: list[str]) -> int:
    """Run every check and the tests; returns 0 only when all of them passed, 2 where there is no PostgreSQL to run."""
    with ExitStack() as until_the_end:
        if "--postgres" in arguments:
            try:
                os.environ[postgres.SERVER] = until_the_end.enter_context(postgres.running())
            except postgres.NoServer as absent:
                print(absent, file=sys.stderr)
                return 2
        return _run([argument for argument in arguments if argument != "--postgres"])


def _stop(number: int, _frame: object) -> NoReturn:
    sys.exit(128 + number)


def _run(arguments: list[str]) -> int:
    everything = "--all" in arguments
    own = [argument for argument in arguments if argument != "--all"]
    failed = [] if own else [name for name, command in CHECKS.items() if not _passes(name, command)]
    browser = find_browser()
    if browser:
        os.environ["BROWSER_PATH"] = browser
    marks = [] if everything or own else ["-m", "not long"]
    spread = [] if own else ["--numprocesses", "2", "--dist", "worksteal"]
    status = subprocess.run([BIN / "pytest", *marks, *spread, *own], cwd=ROOT, check=False).returncode
    if not browser:
        print("\nNO BROWSER: every journey was SKIPPED. Install Chromium or Chrome and run bin/test again.")
    if failed:
        print(f"\nFAILED before the tests: {', '.join(failed)}")
    return status or len(failed)


def _passes(name: str, command: list[str]) -> bool:
    print(f"{name}: {' '.join(command)}", flush=True)
    return subprocess.run([BIN / command[0], *command[1:]], cwd=ROOT, check=False).returncode == 0


def find_browser() -> str | None:
    """A Chromium or Chrome of this machine, else Playwright's own, else Debian's package where it may be installed."""
    for name in BROWSERS:
        if path := shutil.which(name):
            return path
    return _downloaded() or _from_debian()


def _downloaded() -> str | None:
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False, capture_output=True)
    script = "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"
    asked = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)
    path = asked.stdout.strip()
    return path if path and Path(path).exists() else None


def _from_debian() -> str | None:
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return None
    for command in (["apt-get", "-qq", "update"], ["apt-get", "-qq", "-y", "install", "chromium"]):
        subprocess.run(
            command, check=False, capture_output=True, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        )
    return shutil.which("chromium")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _stop)  # a server that was started is stopped whatever ends the run
    sys.exit(main(sys.argv[1:]))
