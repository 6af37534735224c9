"""A real site in a process of its own, and a real browser that can reach nothing else."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).parent.parent.parent
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.journey)


@dataclass
class Site:
    """A running site: its address, its folder, and who can sign in."""

    url: str
    instance: Path
    process: subprocess.Popen[bytes]

    def sign_in_of(self, role: str) -> tuple[str, str]:
        """E-mail address and password of the sample person of a role."""
        for line in (self.instance / "sample-sign-ins.txt").read_text().splitlines():
            name, email, password = line.split()
            if name == role:
                return email, password
        raise LookupError(role)

    def stop(self) -> None:
        """Stop it as an operator would."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)


def start(instance: Path, *arguments: str, port: int | None = None, **env: str) -> Site:
    """Start a site in `instance` and wait until it is ready."""
    port = port or free_port()
    environment = {**os.environ, "INSTANCE_PATH": str(instance), "PORT": str(port), "RATE_LIMITS": "no", **env}
    log = (instance.parent / f"{instance.name}.log").open("ab")
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "serve", *arguments], cwd=ROOT, env=environment, stdout=log, stderr=log
    )
    site = Site(f"http://127.0.0.1:{port}", instance, process)
    _wait_until_ready(site)
    return site


def _wait_until_ready(site: Site) -> None:
    for _ in range(600):
        if site.process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{site.url}/readyz", timeout=5) as answer:  # noqa: S310 - our own site
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    log = site.instance.parent / f"{site.instance.name}.log"
    raise RuntimeError(f"the site did not become ready:\n{log.read_text()[-4000:]}")


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The sample site, running."""
    site = start(tmp_path_factory.mktemp("live") / "instance")
    yield site
    site.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = os.environ.get("BROWSER_PATH") or "/usr/bin/chromium"
    if not Path(path).exists():
        pytest.skip("no browser on this machine: journeys need Chromium or Chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()
