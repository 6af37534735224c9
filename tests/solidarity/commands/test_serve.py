"""`flask serve`, for real: it holds against slow senders, restarts what is killed, and stops when told."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from running import ROOT, Site, free_port, start
from visitor import Visitor

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
IDLE, SLOW, READERS = 1_000, 50, 100


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = start(tmp_path_factory.mktemp("serve") / "instance", "--empty")
    yield site
    if site.process.poll() is None:
        site.stop()


def children(pid: int) -> dict[str, int]:
    """The processes that `pid` started, by name."""
    numbers = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return {Path(f"/proc/{number}/comm").read_text().strip(): int(number) for number in numbers}


def workers(site: Site) -> list[int]:
    master = children(site.process.pid)["server"]
    return [int(number) for number in Path(f"/proc/{master}/task/{master}/children").read_text().split()]


def until(true: Callable[[], object], seconds: float = 60.0) -> bool:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if true():
                return True
        except (OSError, KeyError):
            pass
        time.sleep(0.1)
    return False


def answers(site: Site) -> bool:
    return Visitor(site.url).get("/healthz")[0] == 200


def test_slow_and_silent_connections_keep_no_reader_out(live: Site) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < IDLE + SLOW + 500:
        pytest.skip(f"this machine allows {hard} open files, too few for {IDLE} connections")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, IDLE + SLOW + 500), hard))
    address = ("127.0.0.1", int(live.url.rpartition(":")[2]))
    head = b"POST /en/account/sign-in HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\n"
    with ExitStack() as stack:
        for _ in range(IDLE):
            stack.enter_context(socket.create_connection(address, timeout=30))
        slow = [stack.enter_context(socket.create_connection(address, timeout=30)) for _ in range(SLOW)]
        for connection in slow:
            connection.sendall(head + b"e")
        read = [Visitor(live.url).get("/en/stories")[0] for _ in range(READERS)]
        ended = [connection.recv(65536)[:12] for connection in slow]

    assert (read, ended) == ([200] * READERS, [b"HTTP/1.1 408"] * SLOW)


def test_more_than_a_form_holds_is_not_read_where_people_sign_in(live: Site) -> None:
    assert Visitor(live.url).send("/en/account/sign-in", email="x" * 20_000)[0] == 413


def test_the_loop_comes_back_when_it_is_killed(live: Site) -> None:
    killed = children(live.process.pid)["tend"]
    os.kill(killed, signal.SIGKILL)

    assert until(lambda: children(live.process.pid)["tend"] != killed)
    assert answers(live)
    assert "tend was ended by SIGKILL; it is started again in" in log_of(live)


def is_running(pid: int) -> bool:
    """Whether a process still does something: one that has ended may wait in the table for its parent to ask."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def log_of(site: Site) -> str:
    return (site.instance.parent / f"{site.instance.name}.log").read_text()


def test_workers_come_back_when_they_are_killed(live: Site) -> None:
    assert until(lambda: len(workers(live)) == 2)
    killed = workers(live)
    for worker in killed:
        os.kill(worker, signal.SIGKILL)

    assert until(lambda: len(workers(live)) == 2 and not set(killed) & set(workers(live)))
    assert until(lambda: answers(live))


def test_the_server_comes_back_when_it_is_killed_and_its_workers_free_the_port(live: Site) -> None:
    assert until(lambda: len(workers(live)) == 2)
    killed, orphans = children(live.process.pid)["server"], workers(live)
    os.kill(killed, signal.SIGKILL)

    assert until(lambda: children(live.process.pid)["server"] != killed)
    assert until(lambda: not any(is_running(orphan) for orphan in orphans))
    assert until(lambda: answers(live))


def memory(pid: int) -> dict[str, int]:
    """What a process holds, in kB, by kind."""
    lines = (line.partition(":") for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:])
    return {kind: int(size.split()[0]) for kind, _, size in lines}


def test_whoever_starts_the_others_holds_hardly_anything_that_they_do_not_share(live: Site) -> None:
    assert until(lambda: len(workers(live)) == 2)
    starters = [live.process.pid, children(live.process.pid)["server"]]
    held = [memory(pid) for pid in starters]

    assert [kinds["Private_Dirty"] < kinds["Rss"] / 4 for kinds in held] == [True, True], held


def test_a_port_that_is_taken_is_said_in_one_line(live: Site, tmp_path: Path) -> None:
    port = live.url.rpartition(":")[2]
    ended = subprocess.run(
        [sys.executable, "-m", "flask", "serve", "--empty"],
        cwd=ROOT, env={**os.environ, "INSTANCE_PATH": str(tmp_path / "other"), "PORT": port},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith(f"Error: Cannot listen on 127.0.0.1, port {port}")


def test_whoever_is_told_to_stop_stops_everything(live: Site) -> None:
    everybody = [*children(live.process.pid).values(), *workers(live)]
    live.stop()

    assert live.process.returncode == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in everybody)


def test_nothing_outlives_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    site = start(tmp_path / "instance", "--empty", port=free_port())
    everybody = [*children(site.process.pid).values(), *workers(site)]
    site.process.kill()
    site.process.wait()

    assert until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in everybody))
