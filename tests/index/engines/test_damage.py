"""Every file of the index folder missing, empty, cut in half, from another moment, unreadable: nothing waits for ever,
what is wrong is said, and a repair makes it well again, whoever has the index open."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import factories
import pytest
from databases import Databases, connected
from sqlalchemy.orm import Session

from index import engines, sync
from index.engines.base import CorruptIndex, Engine, Every, Search

PATIENCE = 20  # seconds; all of it takes a fraction of one
FILES = ("current", "toc", "docs", "terms", "REBUILDLOCK", "PURGELOCK", "MAIN_WRITELOCK")


@pytest.fixture(scope="module")
def made(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Session, Path]]:
    """A database, and a folder with an index of two segments, and what it was before the second in `earlier`."""
    home = tmp_path_factory.mktemp("made")
    with databases.migrated(home) as url, connected(url) as database, Session(database) as session:
        _make(session, home / "indexes")
        yield session, home / "indexes"


@pytest.fixture
def session(made: tuple[Session, Path]) -> Session:
    return made[0]


@pytest.fixture
def folder(made: tuple[Session, Path], tmp_path: Path) -> Path:
    """A copy of the index that may be damaged."""
    shutil.copytree(made[1], tmp_path / "indexes")
    return tmp_path / "indexes" / "index"


def _make(session: Session, home: Path) -> None:
    folder = home / "index"
    engine = engines.open(folder)
    for number in range(40):
        factories.published(session, title=f"Lantern {number}")
    session.commit()
    sync.catch_up(session, engine)
    sync.purge(engine)
    shutil.copytree(folder, home / "earlier")
    factories.published(session, title="Quillwort")
    session.commit()
    sync.catch_up(session, engine)
    engine.close()
    for lock in (folder / "REBUILDLOCK", folder / "PURGELOCK"):
        lock.touch()


def file_of(folder: Path, kind: str) -> Path:
    """One of the files; of segments and tables of contents the newest."""
    inner = folder / (folder / "current").read_text()
    match kind:
        case "current" | "REBUILDLOCK" | "PURGELOCK":
            return folder / kind
        case "MAIN_WRITELOCK":
            return inner / kind
    return max(inner.glob(f"*.{kind}"), key=lambda path: path.stat().st_mtime_ns)


def missing(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    replace(path, b"")


def half(path: Path) -> None:
    data = path.read_bytes()
    replace(path, data[: len(data) // 2])


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    if data:
        data[len(data) // 3] ^= 0xFF
    replace(path, bytes(data))


def earlier(path: Path) -> None:
    """The file of this kind as it was at another moment: of another segment, of the commit before, of a lost index."""
    old = [
        *(path.parents[1] / "earlier").rglob(f"*{path.suffix}"),
        *(path.parents[2] / "earlier").rglob(f"*{path.suffix}"),
    ]
    if path.name == "current":
        replace(path, b"0123456789abcdef")
    elif path.suffix:
        replace(path, max(old, key=lambda one: one.stat().st_mtime_ns).read_bytes())


def unreadable(path: Path) -> None:
    """Not even root can read a folder as a file."""
    path.unlink()
    path.mkdir()


def looping(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


def replace(path: Path, data: bytes) -> None:
    """As a copy or a restored backup does: another file in its place."""
    new = path.with_name("new")
    new.write_bytes(data)
    new.replace(path)


DAMAGES: tuple[Callable[[Path], None], ...] = (missing, empty, half, flipped, earlier, unreadable, looping)


def in_time(work: Callable[[], object]) -> object:
    """The result of some work, which must not take for ever; an error is raised here."""
    result: list[object] = []

    def run() -> None:
        try:
            result.append(work())
        except Exception as error:  # noqa: BLE001 - raised below
            result.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    assert result, "it never ended"
    if isinstance(result[0], Exception):
        raise result[0]
    return result[0]


def asked(engine: Engine) -> str:
    """What a page gets: an answer, or an error that it knows."""
    try:
        return str(in_time(lambda: engine.search(Search(Every())).total))
    except CorruptIndex:
        return "corrupt"


def is_well(session: Session, engine: Engine) -> bool:
    """Whether a repair, and a catch-up, leave the index as the database says."""
    in_time(lambda: sync.repair(session, engine))
    in_time(lambda: sync.catch_up(session, engine))
    in_time(lambda: sync.purge(engine))
    return in_time(engine.problem) is None and sync.check(session, engine) == [] and asked(engine) == "41"


@contextmanager
def another_process(folder: Path) -> Iterator[Callable[[], str]]:
    """A process that has the index open, as a worker does; ask it what a page would get."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(folder, theirs), daemon=True)
    process.start()

    def ask() -> str:
        ours.send("ask")
        assert ours.poll(PATIENCE), "the other process does not answer"
        return str(ours.recv())

    assert ask() == "41"
    yield ask
    process.kill()
    process.join()


def _serve(folder: Path, pipe: object) -> None:
    engine = engines.open(folder)
    while True:
        pipe.recv()  # type: ignore[attr-defined]
        pipe.send(asked(engine))  # type: ignore[attr-defined]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("kind", FILES)
def test_damage_is_repaired_while_others_go_on(
    session: Session, folder: Path, kind: str, damage: Callable[[Path], None]
) -> None:
    held = engines.open(folder)
    assert in_time(held.problem) is None
    with another_process(folder) as worker:
        damage(file_of(folder, kind))

        assert (worker(), asked(held)) == ("41", "41"), "what is open goes on from memory"
        assert is_well(session, held)
        assert worker() == "41"


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("kind", FILES)
def test_damage_from_before_the_start_is_said_and_repaired(
    session: Session, folder: Path, kind: str, damage: Callable[[Path], None]
) -> None:
    damage(file_of(folder, kind))
    fresh = engines.open(folder)

    found = asked(fresh), in_time(fresh.problem) is None
    assert found in {("41", True), ("41", False), ("40", True), ("0", True), ("corrupt", False)}
    assert is_well(session, fresh)


@pytest.mark.parametrize("gone", ["all", "inner"])
def test_a_folder_that_is_gone_is_made_anew_while_others_go_on(session: Session, folder: Path, gone: str) -> None:
    held = engines.open(folder)
    assert asked(held) == "41"
    with another_process(folder) as worker:
        shutil.rmtree(folder if gone == "all" else folder / (folder / "current").read_text())

        assert in_time(held.problem) is not None
        assert (worker(), asked(held)) == ("41", "41")
        assert is_well(session, held)
        assert worker() == "41"


def test_a_name_that_leads_nowhere_keeps_nobody_waiting(session: Session, folder: Path) -> None:
    held = engines.open(folder)
    assert asked(held) == "41"
    (folder / "current").write_text("nosuchfolder")

    assert asked(held) == "41"
    assert in_time(held.problem) == "the index folder nosuchfolder is missing"
    with pytest.raises(CorruptIndex):
        in_time(held.cursor)
    assert in_time(lambda: sync.catch_up(session, held).up_to_date) is False
    fresh = engines.open(folder)
    assert (asked(fresh), in_time(fresh.problem)) == ("corrupt", "the index folder nosuchfolder is missing")
    assert is_well(session, held)
    assert asked(fresh) == "41"


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes somebody who may not read the folder; root may become anybody")
def test_a_folder_without_permission_is_said_to_be_unreadable(folder: Path) -> None:
    for path in (folder, *folder.parents):
        if path.stat().st_uid == os.geteuid() and path != Path("/"):
            path.chmod(0o755)
    inner = folder / (folder / "current").read_text()
    for path in (folder, *folder.rglob("*")):
        os.chown(path, 65534, 65534)
    inner.chmod(0)
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=_as_nobody, args=(folder, theirs))
    process.start()
    assert ours.poll(PATIENCE)
    told = ours.recv()
    process.join()

    assert told[0] == "corrupt"
    assert "cannot be read" in told[1] or "unreadable" in told[1] or "missing" in told[1]


def _as_nobody(folder: Path, pipe: object) -> None:
    os.setuid(65534)
    try:
        engine = engines.open(folder)
        pipe.send((asked(engine), engine.problem()))  # type: ignore[attr-defined]
    except Exception as error:  # noqa: BLE001
        pipe.send((type(error).__name__, str(error)))  # type: ignore[attr-defined]
