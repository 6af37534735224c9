"""The files for Caddy and nginx in docs/deploy, in front of a real site: addresses, limits, slow bodies."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
import yaml
from databases import Databases
from running import ROOT, free_port

DEPLOY = ROOT / "docs" / "deploy"
FORGED = {
    "X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Port": "666", "X_Forwarded_For": "6.6.6.7", "Forwarded": "for=6.6.6.8", "Host": "stories.test",
}  # fmt: skip


def program(name: str) -> str:
    """Where a program is; the test is skipped where it is not installed."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if not found:
        pytest.skip(f"{name} is not installed: apt-get install {'systemd' if 'systemd' in name else name}")
    return found


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[int]:
    """The port of a real site that trusts one proxy."""
    home, port = tmp_path_factory.mktemp("upstream"), free_port()
    command = [
        sys.executable, "-m", "granian", "--interface", "rsgi", "--http", "1", "--no-ws", "--port", str(port),
        "--log-level", "warning", "proxied_app:front",
    ]  # fmt: skip
    env = {"PYTHONPATH": str(ROOT), "INSTANCE_PATH": str(home), "TRUSTED_PROXIES": "1", "PATH": os.environ["PATH"]}
    with (
        databases.migrated(home) as url,
        Running(command, port, cwd=Path(__file__).parent, env=env | {"DATABASE_URL": url}),
    ):
        yield port


class Running:
    """A program that listens on a port, for as long as the block lasts."""

    def __init__(self, command: list[str], port: int, **options: Any) -> None:
        self.command, self.port, self.options = command, port, options

    def __enter__(self) -> None:
        self.process = subprocess.Popen(self.command, **self.options)
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                break
            except OSError:
                assert self.process.poll() is None, "it ended"
                time.sleep(0.1)

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)


@pytest.fixture(scope="module", params=["caddy", "nginx"])
def proxy(request: pytest.FixtureRequest, upstream: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a proxy that was set up with our file, without https."""
    name, port, home = request.param, free_port(), tmp_path_factory.mktemp(request.param)
    binary = program(name)
    command = _caddy(binary, home) if name == "caddy" else _nginx(binary, home, port, upstream)
    env = {
        **os.environ, "SITE_ADDRESS": f"http://:{port}", "UPSTREAM": f"127.0.0.1:{upstream}",
        "XDG_DATA_HOME": str(home), "XDG_CONFIG_HOME": str(home),
    }  # fmt: skip
    with (home / "log").open("wb") as log, Running(command, port, env=env, stdout=log, stderr=log):
        yield port


def _caddy(binary: str, home: Path) -> list[str]:
    text = (DEPLOY / "Caddyfile").read_text().replace("{\n\tservers", "{\n\tadmin off\n\tservers", 1)
    (home / "Caddyfile").write_text(text)
    return [binary, "run", "--config", str(home / "Caddyfile"), "--adapter", "caddyfile"]


def _nginx(binary: str, home: Path, port: int, upstream: int) -> list[str]:
    text = (DEPLOY / "nginx.conf").read_text().replace("127.0.0.1:5000", f"127.0.0.1:{upstream}")
    text = re.sub(r"server \{\n    listen 80;.*?\n\}\n", "", text, flags=re.DOTALL)
    text = re.sub(r" *ssl_certificate.*\n", "", text).replace("listen 443 ssl", f"listen 127.0.0.1:{port}")
    folders = "".join(
        f"{kind}_temp_path {home}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (home / "nginx.conf").write_text(
        f"user root;\ndaemon off;\npid {home}/pid;\nerror_log stderr;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{folders}{text}}}\n"
    )
    return [binary, "-c", str(home / "nginx.conf"), "-p", str(home)]


def ask(port: int, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request(method, path, body=body, headers={"Host": "stories.test", **headers})
        with connection.getresponse() as answer:
            return answer.status, answer.read()


def test_the_site_sees_who_asks_and_believes_nothing_a_visitor_made_up(proxy: int) -> None:
    status, body = ask(proxy, "GET", "/shown", **FORGED)
    seen = json.loads(body)

    assert (status, seen["address"], seen["scheme"]) == (200, "127.0.0.1", "http")
    assert seen["host"].partition(":")[0] == "stories.test"
    assert "666" not in body.decode()


def test_pages_and_forms_come_through(proxy: int) -> None:
    status, page = ask(proxy, "GET", "/en/account/sign-in")

    assert (status, b'name="csrf_token"' in page) == (200, True)
    assert json.loads(ask(proxy, "POST", "/shown", b"x" * 3_000_000)[1])["sent"] == 3_000_000


def test_what_is_far_too_large_is_refused(proxy: int) -> None:
    try:
        status, _ = ask(proxy, "POST", "/shown", b"x" * 33 * 1024 * 1024)
    except OSError:  # refused while it was still being sent
        status = 413
    assert status == 413
    assert ask(proxy, "POST", "/en/account/sign-in", b"x" * 20_000)[0] == 413
    assert ask(proxy, "POST", "/en/account/sign-in", b"x" * 20_000_000)[0] == 413


def test_slow_bodies_keep_no_reader_out(proxy: int) -> None:
    head = b"POST /en/account/sign-in HTTP/1.1\r\nHost: stories.test\r\nContent-Length: 9000\r\n\r\nx"
    with ExitStack() as stack:
        slow = [stack.enter_context(socket.create_connection(("127.0.0.1", proxy), timeout=40)) for _ in range(30)]
        for connection in slow:
            connection.sendall(head)
        time.sleep(1.0)
        assert [ask(proxy, "GET", "/en/stories")[0] for _ in range(10)] == [200] * 10
        assert json.loads(ask(proxy, "POST", "/shown", b"quick")[1])["sent"] == 5


def test_the_unit_is_one_that_systemd_takes(tmp_path: Path) -> None:
    text = (DEPLOY / "solidarity-stories.service").read_text()
    unit = tmp_path / "solidarity-stories.service"
    unit.write_text(text.replace("/opt/solidarity-stories/.venv/bin/python", sys.executable))
    verified = subprocess.run(
        [program("systemd-analyze"), "verify", "--man=no", unit], capture_output=True, text=True, check=False
    )

    assert (verified.returncode, verified.stderr) == (0, "")


def test_the_compose_file_names_what_is_there() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    site, proxy = services["site"], services["proxy"]

    assert (DEPLOY / site["build"]["context"] / site["build"]["dockerfile"]).resolve() == DEPLOY / "Dockerfile"
    assert (DEPLOY / proxy["volumes"][0].partition(":")[0]).resolve() == DEPLOY / "Caddyfile"
    assert proxy["environment"]["UPSTREAM"] == f"site:{site['expose'][0]}"
    assert site["environment"]["INSTANCE_PATH"] == site["volumes"][0].partition(":")[2]
    settings = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert set(site["environment"]) <= settings
