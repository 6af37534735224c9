"""`flask serve`: makes an instance ready, then keeps the server and the tending loop running until told to stop."""

from __future__ import annotations

import ipaddress
import os
import resource
import socket
import sys

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import DBAPIError

from index import sync
from solidarity.commands import samples, settings_record
from solidarity.commands.supervisor import Child, Supervisor
from solidarity.config import ROOT
from solidarity.search_engine import engine
from solidarity.web.db import db
from stories import migrations, storage
from stories.models import Base
from stories.processes import Processes

WORKERS = 2
SILENCE = 10  # seconds in which a connection has to say what it wants
BACKLOG = 4_096  # connections that the system keeps until a worker takes them
CONNECTIONS = 4_096  # that a worker holds: silent ones must not keep readers out


@click.command("serve")
@click.option("--empty", is_flag=True, help="Load no sample stories.")
@click.option(
    "--sample-accounts", is_flag=True, help="Let the sample accounts sign in although others reach this address."
)
@with_appcontext
def serve(empty: bool, sample_accounts: bool) -> None:
    """Migrate, load the sample site into an empty instance, and serve on HOST and PORT."""
    host, port = os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT") or "5000"
    _require_free(host, port)
    _allow_connections()
    _prepare_if_there_is_room(not empty, sample_accounts or is_loopback(host))
    click.echo(greeting(host, port, empty=empty))
    children = [Child("the server", _server(host, port)), Child("flask tend", _flask("tend"))]
    sys.exit(Supervisor(children, ROOT).run())


def _prepare_if_there_is_room(with_samples: bool, with_accounts: bool) -> None:
    """A disk that is full or read-only keeps nobody from reading: then the site starts as it is."""
    try:
        prepare(with_samples=with_samples, with_accounts=with_accounts)
    except (OSError, DBAPIError) as error:
        reason = storage.trouble(error)
        if reason is None:
            raise
        click.echo(
            f"The disk of {current_app.config['SETTINGS'].instance_path} is {reason.value}: nothing can be saved."
        )
        db.session.rollback()


def prepare(*, with_samples: bool, with_accounts: bool) -> None:
    """Bring database and index up to date; where there is nothing yet, load the samples."""
    migrations.upgrade(db.engine, Base.metadata)
    settings_record.record()
    if with_samples and samples.is_empty():
        click.echo("Loading the sample stories …")
        samples.load_samples(with_accounts=with_accounts)
    samples.allow_accounts(with_accounts)
    sync.repair(db.session, engine())
    with Processes() as processes:
        sync.catch_up(db.session, engine(), wait=30.0, processes=processes)
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
        sys.executable, "-m", "granian", "--interface", "rsgi", "--host", host, "--port", port,
        "--workers", str(WORKERS), "--respawn-failed-workers", "--workers-kill-timeout", "15",
        "--http", "1", "--no-ws", "--http1-header-read-timeout", str(SILENCE * 1000),
        "--backlog", str(BACKLOG), "--backpressure", str(CONNECTIONS),
        "--log-level", "warning", "solidarity.rsgi:app",
    ]  # fmt: skip


def _flask(*words: str) -> list[str]:
    return [sys.executable, "-m", "flask", *words]


def _allow_connections() -> None:
    """Let this process and what it starts have a file open for each connection, as far as the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + 1_000
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _require_free(host: str, port: str) -> None:
    """Say it in one line where another program has the port. Raises ClickException."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise click.ClickException(
                f"Cannot listen on {host}, port {port} ({error.strerror}). Choose another with PORT."
            ) from error
