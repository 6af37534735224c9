"""`flask serve`: makes an instance ready, then keeps the server and the tending loop running until told to stop.

All processes come from this one by forking, after everything is imported: it is imported once, and lies in memory once.
"""

from __future__ import annotations

import importlib
import ipaddress
import multiprocessing
import os
import resource
import socket
import sys
from functools import partial

import click
from flask import current_app
from flask.cli import with_appcontext
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from sqlalchemy.exc import DBAPIError

from index import sync
from solidarity.commands import forking, samples, settings_record, tend
from solidarity.commands.supervisor import Child, Supervisor
from solidarity.search_engine import engine
from solidarity.web.db import db
from stories import migrations, storage, upkeep
from stories.models import Base
from stories.processes import Processes

APPLICATION = "solidarity.rsgi"
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
    _in_a_process_of_its_own(partial(_prepare_if_there_is_room, not empty, sample_accounts or is_loopback(host)))
    importlib.import_module(APPLICATION)  # and warmed up; every worker shares that
    click.echo(greeting(host, port, empty=empty))
    children = [Child("server", partial(_run_server, host, int(port))), Child("tend", tend.follow)]
    code = Supervisor(children).run()
    upkeep.put_away(db.engine)
    sys.exit(code)


def _in_a_process_of_its_own(work: partial[None]) -> None:
    """So that what it opens and what it takes of memory is not handed on to every process that follows."""
    process = forking.start("prepare", work)
    process.join()
    if process.exitcode:
        sys.exit(process.exitcode)


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
    upkeep.renew_statistics(db.engine)


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


def _run_server(host: str, port: int) -> None:
    """The process that holds the workers and starts again those that end."""
    multiprocessing.set_start_method("fork", force=True)  # granian follows it
    Granian(
        f"{APPLICATION}:app", host, port, interface=Interfaces.RSGI, websockets=False, log_level=LogLevels.warning,
        workers=WORKERS, respawn_failed_workers=True, workers_kill_timeout=15,
        http=HTTPModes.http1, http1_settings=HTTP1Settings(header_read_timeout=SILENCE * 1000),
        backlog=BACKLOG, backpressure=CONNECTIONS,
    ).serve()  # fmt: skip


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
