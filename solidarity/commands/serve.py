"""`flask serve`: makes an instance ready, then runs the server and the tending loop, and stops both."""

from __future__ import annotations

import ipaddress
import os
import signal
import subprocess
import sys
import time

import click
from flask import current_app
from flask.cli import with_appcontext

from index import sync
from solidarity.commands import samples
from solidarity.config import ROOT
from solidarity.search_engine import engine
from solidarity.web.db import db
from stories import migrations
from stories.models import Base

WORKERS = 2
THREADS = 4  # one that waits for a lock must not keep readers waiting


@click.command("serve")
@click.option("--empty", is_flag=True, help="Load no sample stories.")
@click.option(
    "--sample-accounts", is_flag=True, help="Let the sample accounts sign in although others reach this address."
)
@with_appcontext
def serve(empty: bool, sample_accounts: bool) -> None:
    """Migrate, load the sample site into an empty instance, and serve on HOST and PORT."""
    host, port = os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT") or "5000"
    prepare(with_samples=not empty, with_accounts=sample_accounts or is_loopback(host))
    click.echo(greeting(host, port, empty=empty))
    sys.exit(_supervise([_server(host, port), _flask("tend")]))


def prepare(*, with_samples: bool, with_accounts: bool) -> None:
    """Bring database and index up to date; where there is nothing yet, load the samples."""
    migrations.upgrade(db.engine, Base.metadata)
    if with_samples and samples.is_empty():
        click.echo("Loading the sample stories …")
        samples.load_samples(with_accounts=with_accounts)
    samples.allow_accounts(with_accounts)
    sync.repair(db.session, engine())
    sync.catch_up(db.session, engine(), wait=30.0)
    db.session.rollback()


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def greeting(host: str, port: str, *, empty: bool) -> str:
    """What the terminal shows: the address, and who can sign in or how the first steward is made."""
    shown = f"[{host}]" if ":" in host else host
    lines = ["", f"  {current_app.config['SETTINGS'].site_name}: http://{shown}:{port}/", ""]
    kept = samples.sign_ins()
    if kept and is_loopback(host):
        lines += ["  Sign in at /en/account/sign-in as", *(f"    {line}" for line in kept.splitlines()), ""]
    if empty or not kept:
        lines += [
            "  The first steward is made with",
            "    bin/flask people invite EMAIL --name NAME --role steward",
            "",
        ]
    return "\n".join(lines)


def _server(host: str, port: str) -> list[str]:
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", port,
        "--workers", str(WORKERS), "--blocking-threads", str(THREADS), "--respawn-failed-workers", "--no-ws",
        "--log-level", "warning", "solidarity.wsgi:app",
    ]  # fmt: skip


def _flask(*words: str) -> list[str]:
    return [sys.executable, "-m", "flask", *words]


def _supervise(commands: list[list[str]]) -> int:
    """Run the commands until one ends or we are told to stop; then stop all. Returns the exit code."""
    children = [subprocess.Popen(command, cwd=ROOT) for command in commands]  # noqa: S603 - our own commands
    told: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: told.append(received))
    while not told and all(child.poll() is None for child in children):
        time.sleep(0.2)
    ended = [child.returncode for child in children if child.poll() is not None]
    for child in children:
        child.terminate()
    for child in children:
        _wait(child)
    return 0 if told else max(map(abs, ended), default=1)


def _wait(child: subprocess.Popen[bytes]) -> None:
    try:
        child.wait(timeout=15)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
