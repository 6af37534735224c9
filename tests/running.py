"""A real site in a process of its own, as an operator would start it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent


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

    def kill(self) -> None:
        """End the server, its workers and the tending loop at once, as a power cut would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=30)

    def stop(self) -> None:
        """Stop it as an operator would."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)


def start(instance: Path, *arguments: str, port: int | None = None, status: int = 200, **env: str) -> Site:
    """Start a site in `instance` and wait until it is ready; `status`: what /readyz is to answer."""
    port = port or free_port()
    environment = {**os.environ, "INSTANCE_PATH": str(instance), "PORT": str(port), "RATE_LIMITS": "no", **env}
    with (instance.parent / f"{instance.name}.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "flask", "serve", *arguments],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    site = Site(f"http://127.0.0.1:{port}", instance, process)
    _wait_until_ready(site, status)
    return site


def _wait_until_ready(site: Site, status: int) -> None:
    patience = time.monotonic() + 180
    while time.monotonic() < patience:
        if site.process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{site.url}/readyz", timeout=5) as answer:  # noqa: S310 - our own site
                answered = answer.status
        except urllib.error.HTTPError as error:
            answered = error.code
            error.close()
        except OSError:
            answered = 0
        if answered == status:
            return
        time.sleep(0.1)
    site.kill()
    log = site.instance.parent / f"{site.instance.name}.log"
    raise RuntimeError(f"the site did not become ready:\n{log.read_text()[-4000:]}")


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run_flask(instance: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run one command in an instance and wait for it."""
    return subprocess.run(
        [sys.executable, "-m", "flask", *words],
        cwd=ROOT,
        env={**os.environ, "INSTANCE_PATH": str(instance), **env},
        capture_output=True,
        text=True,
        check=False,
    )
