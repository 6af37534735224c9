"""What is committed stays, is seen by every process, and is never half there."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from index import engines
from index.engines import base
from index.engines.base import Engine, Entry, Search, Term, TokenStream
from index.engines.whoosh import directory, writer
from index.engines.whoosh.directory import file_lock
from index.engines.whoosh.engine import REFRESH_INTERVAL, STREAM_REFRESH_INTERVAL, WhooshEngine
from index.engines.whoosh.merging import MERGE_FACTOR, find_merges, find_small_merge

ROOT = Path(__file__).parent.parent.parent.parent


def entry(number: int, *words: str) -> Entry:
    streams = (TokenStream([(word, place) for place, word in enumerate(words)]),)
    return Entry(f"story:{number}", f"story:{number}", f"print {number}", streams)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def engine(path: Path) -> Iterator[Engine]:
    made = engines.open(path)
    yield made
    made.close()


def keys(engine: Engine, term: str) -> list[str]:
    return sorted(hit.key for hit in engine.search(Search(Term(term), limit=1000)).hits)


def test_a_new_engine_is_empty_and_healthy(engine: Engine) -> None:
    assert (engine.cursor(), engine.count(), engine.problem(), keys(engine, "a")) == (0, 0, None, [])


def test_an_address_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="no search engine we know"):
        engines.open("elsewhere:9200")


def test_the_last_of_several_wordings_in_one_commit_counts(engine: Engine) -> None:
    engine.apply([entry(1, "old"), entry(1, "new")], [], 1, after=0)
    assert (keys(engine, "old"), keys(engine, "new"), engine.count()) == ([], ["story:1"], 1)


def test_a_new_wording_takes_the_place_of_the_old(engine: Engine) -> None:
    engine.apply([entry(1, "old")], [], 1, after=0)
    engine.apply([entry(1, "new")], [], 2, after=1)
    assert (keys(engine, "old"), keys(engine, "new"), engine.count()) == ([], ["story:1"], 1)


def test_changes_read_from_an_older_cursor_are_refused(engine: Engine) -> None:
    engine.apply([entry(1, "new")], [], 5, after=0)
    with pytest.raises(base.StaleCursor):
        engine.apply([entry(1, "old")], [], 3, after=0)
    assert (keys(engine, "new"), engine.cursor()) == (["story:1"], 5)


def test_a_writer_that_holds_on_makes_others_give_up_in_time(engine: WhooshEngine, path: Path) -> None:
    engine.apply([], [], 1, after=0)
    with file_lock(path / (path / "current").read_text() / "MAIN_WRITELOCK"):
        started = time.monotonic()
        with pytest.raises(base.LockedIndex):
            engine.apply([entry(1, "a")], [], 2, after=1, wait=0.2)
        assert time.monotonic() - started < 30
    engine.apply([entry(1, "a")], [], 2, after=1, wait=0.2)


def test_a_commit_that_fails_leaves_everything_as_it_was(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    engine.apply([entry(1, "a")], [], 1, after=0)
    with pytest.raises(AttributeError):
        engine.apply([entry(2, "a"), Entry("s", "s", "", words=(None,))], ["story:1"], 2, after=1)  # type: ignore[arg-type]
    assert (keys(engine, "a"), engine.cursor()) == (["story:1"], 1)
    engine.apply([entry(2, "a")], [], 2, after=1, wait=0)
    assert keys(engine, "a") == ["story:1", "story:2"]


def test_terms_no_person_would_type_are_kept_or_left_out_but_never_break(engine: Engine) -> None:
    engine.apply([entry(1, "\ud800", "a\x00b", "", "x" * 5000, "কাজ")], [], 1, after=0)
    engine.purge()
    engine.apply([entry(2, "\ud800", "a\x00b", "a")], [], 2, after=1)
    assert keys(engine, "\ud800") == ["story:1", "story:2"]
    assert keys(engine, "a\x00b") == ["story:1", "story:2"]
    assert keys(engine, "a") == ["story:2"]
    assert keys(engine, "কাজ") == ["story:1"]
    assert keys(engine, "x" * 5000) == []


def test_another_process_sees_a_commit_within_a_second(path: Path) -> None:
    writer, reader = engines.open(path), engines.open(path)
    writer.apply([entry(1, "a")], [], 1, after=0)
    assert keys(reader, "a") == ["story:1"]
    writer.apply([entry(2, "a")], ["story:1"], 2, after=1)
    time.sleep(STREAM_REFRESH_INTERVAL + REFRESH_INTERVAL)
    assert keys(reader, "a") == ["story:2"]


def test_another_process_sees_a_commit_at_once_unless_they_come_in_a_stream(path: Path) -> None:
    writer, reader = engines.open(path), engines.open(path)
    for number in range(3):
        writer.apply([entry(number, "a")], [], number + 1, after=number)
        time.sleep(2 * REFRESH_INTERVAL)
        assert len(keys(reader, "a")) == number + 1


def test_a_searcher_that_was_open_never_returns_what_was_deleted_or_merged_away(path: Path) -> None:
    writer, reader = engines.open(path), engines.open(path)
    for number in range(40):
        writer.apply([entry(number, "a")], [], number + 1, after=number)
        keys(reader, "a")
    writer.apply([entry(50, "a")], [f"story:{number}" for number in range(40)], 41, after=40)
    writer.purge()
    time.sleep(STREAM_REFRESH_INTERVAL + REFRESH_INTERVAL)
    assert keys(reader, "a") == ["story:50"]


def test_processes_that_write_at_once_lose_nothing(path: Path) -> None:
    code = """if True:
        import sys
        sys.path.insert(0, sys.argv[1])
        from index import engines
        from index.engines.base import Entry, StaleCursor, TokenStream
        engine, done = engines.open(sys.argv[2]), 0
        while done < 15:
            after = engine.cursor()
            key = f"{sys.argv[3]}:{done}"
            try:
                engine.apply([Entry(key, key, "", (TokenStream([("a", 0)]),))], [], after + 1, after=after, wait=20)
            except StaleCursor:
                continue
            done += 1
    """
    command = [sys.executable, "-W", "ignore", "-c", code, str(ROOT), str(path)]
    writers = [subprocess.Popen([*command, name]) for name in ("one", "two", "three")]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    engine = engines.open(path)
    assert engine.cursor() == 45
    assert keys(engine, "a") == sorted(f"{name}:{number}" for name in ("one", "two", "three") for number in range(15))


def test_many_commits_leave_few_segments_and_files(engine: WhooshEngine, path: Path) -> None:
    for number in range(100):
        engine.apply([entry(number % 60, "a")], [], number + 1, after=number)
    files = [file for file in path.rglob("*") if file.suffix in {".docs", ".terms"}]
    assert len(files) < 2 * 2 * MERGE_FACTOR
    engine.purge()
    assert len(keys(engine, "a")) == 60


def test_a_purge_carries_over_what_was_deleted_while_it_wrote(
    engine: WhooshEngine, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.apply([entry(number, "a") for number in range(20)], [], 1, after=0)
    engine.apply([], ["story:3"], 2, after=1)
    merge = writer.merge

    def slow_merge(*given: object) -> object:
        made = merge(*given)  # type: ignore[arg-type]
        monkeypatch.setattr(writer, "merge", merge)
        other = WhooshEngine(path)
        other.apply([entry(30, "a"), entry(5, "b")], ["story:4"], 3, after=2)
        return made

    monkeypatch.setattr(writer, "merge", slow_merge)
    engine.purge()
    expected = sorted(f"story:{n}" for n in (*range(20), 30) if n not in {3, 4, 5})
    assert (keys(engine, "a"), keys(engine, "b"), engine.cursor()) == (expected, ["story:5"], 3)


def test_a_rebuild_answers_from_the_old_index_until_it_is_complete(engine: Engine, path: Path) -> None:
    other = engines.open(path)
    engine.apply([entry(1, "old")], [], 1, after=0)
    with engine.rebuild() as fresh:
        fresh.apply([entry(2, "new")], [], 7, after=0)
        assert (keys(engine, "old"), keys(other, "old"), keys(engine, "new")) == (["story:1"], ["story:1"], [])
    time.sleep(STREAM_REFRESH_INTERVAL + REFRESH_INTERVAL)
    assert (keys(engine, "new"), keys(other, "new"), keys(other, "old")) == (["story:2"], ["story:2"], [])
    assert (engine.cursor(), len(list(path.glob("*/")))) == (7, 1)
    other.apply([entry(3, "new")], [], 8, after=7)
    assert keys(other, "new") == ["story:2", "story:3"]


def test_a_rebuild_that_fails_changes_nothing(engine: Engine, path: Path) -> None:
    engine.apply([entry(1, "old")], [], 1, after=0)
    with pytest.raises(base.StaleCursor), engine.rebuild() as fresh:
        fresh.apply([entry(2, "new")], [], 7, after=3)
    assert (keys(engine, "old"), engine.cursor(), len(list(path.glob("*/")))) == (["story:1"], 1, 1)


def test_only_one_rebuild_runs_at_a_time(engine: Engine, path: Path) -> None:
    other = engines.open(path)
    with engine.rebuild(), pytest.raises(base.LockedIndex), other.rebuild():
        pass


def test_an_index_that_vanishes_is_noticed_while_searches_go_on(engine: Engine, path: Path) -> None:
    engine.apply([entry(1, "a")], [], 1, after=0)
    for file in sorted(path.rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()
    time.sleep(STREAM_REFRESH_INTERVAL + REFRESH_INTERVAL)
    assert keys(engine, "a") == ["story:1"]
    assert "missing" in (engine.problem() or "")
    with pytest.raises(base.CorruptIndex):
        engine.apply([entry(2, "a")], [], 2, after=1)
    with engine.rebuild() as fresh:
        fresh.apply([entry(2, "a")], [], 2, after=0)
    assert (keys(engine, "a"), engine.problem()) == (["story:2"], None)


@pytest.mark.parametrize("part", [".docs", ".terms", ".toc"])
def test_a_file_that_is_cut_short_is_noticed(engine: Engine, path: Path, part: str) -> None:
    engine.apply([entry(1, "a")], [], 1, after=0)
    for file in path.rglob(f"*{part}"):
        file.write_bytes(file.read_bytes()[:-10])
    assert engines.open(path).problem() is not None
    with pytest.raises(base.CorruptIndex):
        keys(engines.open(path), "a")


@pytest.mark.parametrize("part", [".docs", ".terms"])
def test_a_flipped_bit_is_noticed(engine: Engine, path: Path, part: str) -> None:
    engine.apply([entry(1, "a", "b", "c")], [], 1, after=0)
    (file,) = path.rglob(f"*{part}")
    data = bytearray(file.read_bytes())
    data[64] ^= 4
    file.write_bytes(data)
    assert "changed on disk" in (engines.open(path).problem() or "")
    assert "have changed" in (engine.problem(thorough=True) or "")


def test_the_folder_is_for_its_owner_alone(engine: Engine, path: Path) -> None:
    engine.apply([], [], 1, after=0)
    assert stat.S_IMODE(path.stat().st_mode) == 0o700


def test_every_file_of_a_commit_is_synced_before_it_counts(
    engine: Engine, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Power loss, as far as a test can stage it: nothing is named that was not synced before."""
    engine.cursor()
    done: list[str] = []
    real_sync, real_rename = os.fsync, os.rename
    monkeypatch.setattr(
        os, "fsync", lambda file: (done.append(str(Path(f"/proc/self/fd/{file}").readlink())), real_sync(file))
    )
    monkeypatch.setattr(os, "rename", lambda old, new: (done.append(f"rename {new}"), real_rename(old, new)))
    engine.apply([entry(1, "a")], [], 1, after=0)
    inner = path / (path / "current").read_text()
    suffixes = [Path(name).suffix if name != str(inner) else "folder" for name in done]
    rename = suffixes.index(".toc")
    assert done[rename].startswith("rename")
    assert {".docs", ".terms"} <= set(suffixes[:rename])
    assert suffixes[rename - 1] == "folder"
    assert suffixes[rename + 1] == "folder"
    assert any(".toc." in name for name in done[:rename])


def test_threads_search_while_others_write(engine: Engine) -> None:
    failures: list[Exception] = []
    stop = threading.Event()

    def search() -> None:
        try:
            while not stop.is_set():
                found = keys(engine, "a")
                assert found == sorted(found)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
            failures.append(error)

    readers = [threading.Thread(target=search) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(30):
        engine.apply([entry(number, "a")], [f"story:{number - 5}"], number + 1, after=number)
    stop.set()
    for reader in readers:
        reader.join()
    assert failures == []
    assert len(keys(engine, "a")) == 5


def test_a_purge_leaves_no_facet_value_in_memory_either(engine: WhooshEngine) -> None:
    secret = Entry("story:1", "story:1", "", (), (), {"place": ["Plokmijn"]})
    other = Entry("story:2", "story:2", "", (), (), {"place": ["Oakland"]})
    engine.apply([secret, other], [], 1, after=0)
    both = engine.search(Search(base.Every(), facets=("place",)))
    engine.apply([], ["story:1"], 2, after=1)
    engine.purge()
    left = engine.search(Search(base.Every(), facets=("place",)))
    assert (dict(both.facets["place"]), dict(left.facets["place"])) == ({"Plokmijn": 1, "Oakland": 1}, {"Oakland": 1})
    assert engine._newest_snapshot().string_column("place").interner.words == ["", "Oakland"]


class Sized:
    """As much of a Whoosh segment as the merge policy looks at."""

    def __init__(self, count: int) -> None:
        self.count = count

    def doc_count(self) -> int:
        return self.count


@pytest.mark.parametrize(
    ("sizes", "chosen"),
    [
        ([], []),
        ([1] * 7, []),
        ([1] * 8, [1] * 8),
        ([1, 1, 1, 1, 20, 20, 200, 2000, 100_000], []),
        ([1] * 8 + [20] * 7, [1] * 8 + [20] * 7),
        ([1] * 8 + [20] * 6, [1] * 8),
    ],
)
def test_segments_are_merged_when_there_are_many_of_a_size(sizes: list[int], chosen: list[int]) -> None:
    assert [segment.count for segment in find_merges([Sized(size) for size in sizes])] == chosen


@pytest.mark.parametrize(
    ("sizes", "chosen"),
    [
        ([1] * 7, []),
        ([1] * 8, [1] * 8),
        ([500, 12, 1, 1, 1, 1, 1, 1, 1], [1] * 7 + [12]),
        ([20] * 8, []),
        ([20] * 8 + [1] * 12, [1] * 12 + [20]),
    ],
)
def test_a_commit_merges_no_more_than_the_smallest_segments(sizes: list[int], chosen: list[int]) -> None:
    assert [segment.count for segment in find_small_merge([Sized(size) for size in sizes], 32)] == chosen


def test_a_purge_removes_what_killed_processes_left(engine: WhooshEngine, path: Path) -> None:
    engine.apply([entry(1, "a")], [], 1, after=0)
    inner = path / (path / "current").read_text()
    left = [inner / "merging" / "MAIN_x.terms", inner / "MAIN_deadbeef.terms", path / "abandoned" / "MAIN_y.terms"]
    for file in left:
        file.parent.mkdir(exist_ok=True)
        file.write_text("secret")
    engine.purge()
    assert [file for file in left if file.exists()] == []
    assert keys(engine, "a") == ["story:1"]


def test_an_index_is_opened_while_another_process_commits(
    engine: Engine, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.apply([entry(1, "a")], [], 1, after=0)
    whoosh_index, overtaken = directory.FileIndex, iter([True])

    def opens(*args: Any, **options: Any) -> Any:
        if next(overtaken, False):  # the newest table of contents was listed, and replaced before it could be read
            raise FileNotFoundError
        return whoosh_index(*args, **options)

    monkeypatch.setattr(directory, "FileIndex", opens)

    assert engines.open(path).cursor() == 1
