"""A PostgreSQL server for one run of the tests: in a folder of its own, on loopback, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from running import free_port

SERVER = "TEST_POSTGRES"  # the variable that tells the tests where it is; without it they run on SQLite
DEBIAN = Path("/usr/lib/postgresql")  # a folder for each version, none of them on PATH
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",  # nothing here outlives the run
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "autovacuum": "off",
    "max_connections": "200",
    "log_min_messages": "fatal",
}


class NoServer(Exception):
    """PostgreSQL is not installed here."""


@contextmanager
def running() -> Iterator[str]:
    """Start a server; yields the URL at which its own database, `postgres`, is reached. Raises NoServer."""
    programs = find_programs()
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    try:
        owner = _unprivileged(folder)
        _run([programs / "initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync",
              "--locale-provider=icu", "--icu-locale=und", folder / "data"], cwd=folder, **owner)  # fmt: skip
        port = free_port()
        control = [programs / "pg_ctl", "--pgdata", folder / "data", "--wait", "--log", folder / "log"]
        options = " ".join(f"-c {name}='{value}'" for name, value in (SETTINGS | {"port": str(port)}).items())
        _run([*control, "--options", options, "start"], cwd=folder, **owner)
        try:
            yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
        finally:
            _run([*control, "--mode", "immediate", "stop"], cwd=folder, **owner)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def find_programs() -> Path:
    """The folder with `initdb` and `pg_ctl`: of PATH, else of Debian's newest version."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    versions = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not versions:
        raise NoServer("PostgreSQL is not installed here (on Debian and Ubuntu: apt-get install postgresql)")
    return versions[-1].parent


def _unprivileged(folder: Path) -> dict[str, Any]:
    """How to run the server as somebody else, and give them the folder, where we are root: it refuses root."""
    if os.geteuid() != 0:
        return {}
    owner = pwd.getpwnam("postgres")
    os.chown(folder, owner.pw_uid, owner.pw_gid)
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}


def _run(command: list[Any], **options: Any) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True, **options)
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name} failed:\n{done.stdout}{done.stderr}")
