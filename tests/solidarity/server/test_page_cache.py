"""Pages that are kept, on a real server with one worker: which are, for how long, and what is sent of them."""

from __future__ import annotations

import gzip
import http.client
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import brotli
import pytest
from databases import Databases, connected
from running import ROOT, free_port
from sqlalchemy.orm import Session

from index import engines
from index.engines.base import Engine
from solidarity.server.cached_page import CachedPage
from solidarity.server.content_encoding import chosen
from solidarity.server.page_store import PageStore
from solidarity.server.wsgi_adapter import Answer
from stories import changes
from stories.change_watcher import ChangeWatcher
from stories.models import Change


@dataclass
class Server:
    """The server, and the database and the index that it looks at."""

    port: int
    url: str
    index: Engine

    def ask(self, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of one request."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            connection.request(method, path, headers={name.replace("_", "-"): text for name, text in headers.items()})
            with connection.getresponse() as answer:
                return answer.status, {name.lower(): text for name, text in answer.getheaders()}, answer.read()

    def number(self, path: str, **headers: str) -> int:
        """Which of all answers that were ever made one is."""
        return int(self.ask(path, **headers)[2].split()[0])

    def change(self) -> None:
        """Something public changes, in this process."""
        with connected(self.url) as engine, Session(engine) as session:
            session.add(Change(kind="theme", subject_id=1))
            session.commit()

    def follow(self) -> None:
        """The index follows, in this process."""
        with connected(self.url) as engine, Session(engine) as session:
            self.index.apply((), (), changes.newest(session), after=self.index.cursor())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[Server]:
    home, port = tmp_path_factory.mktemp("cached"), free_port()
    command = [
        sys.executable, "-m", "granian", "--interface", "rsgi", "--http", "1", "--no-ws", "--port", str(port),
        "--log-level", "warning", "cached_app:front",
    ]  # fmt: skip
    with databases.migrated(home) as url, (home / "log").open("wb") as log:
        env = {"PYTHONPATH": str(ROOT), "DATABASE_URL": url, "INDEX": f"whoosh:{home / 'index'}"}
        process = subprocess.Popen(command, cwd=Path(__file__).parent, env=env, stdout=log, stderr=log)
        server = Server(port, url, engines.open(home / "index"))
        for _ in range(300):
            try:
                server.ask("/private")
                break
            except OSError:
                time.sleep(0.1)
        server.change()
        server.follow()
        time.sleep(1.2)  # until it has seen which build the index is
        yield server
        process.terminate()
        assert process.wait(timeout=20) == 0


# --- how long


def test_a_page_is_made_once_for_a_state_and_anew_right_after_a_change(server: Server) -> None:
    first = [server.number("/page/a") for _ in range(3)]
    server.change()
    server.follow()
    second = [server.number("/page/a") for _ in range(3)]

    assert (len(set(first)), len(set(second)), first[0] < second[0]) == (1, 1, True)


def test_a_page_made_while_the_index_lags_behind_is_not_kept(server: Server) -> None:
    server.change()
    behind = [server.number("/page/b") for _ in range(3)]
    server.follow()
    level = [server.number("/page/b") for _ in range(3)]

    assert (len(set(behind)), len(set(level))) == (3, 1)


def test_a_page_is_made_anew_after_the_index_was_rebuilt(server: Server) -> None:
    before = server.number("/page/rebuilt")
    cursor = server.index.cursor()
    with server.index.rebuild() as fresh:
        fresh.apply((), (), cursor, after=0)
    time.sleep(2.2)

    assert server.number("/page/rebuilt") > before


@pytest.mark.parametrize("path", ["/private", "/cookie", "/varied", "/missing"])
def test_what_is_not_the_same_for_everyone_is_not_kept(server: Server, path: str) -> None:
    assert server.number(path) < server.number(path)


def test_every_address_is_a_page_of_its_own(server: Server) -> None:
    assert len({server.number(path) for path in ("/page/c", "/page/c?", "/page/c?x", "/page/c?x=1", "/page/d")}) >= 4


def test_a_file_is_kept_whatever_changes(server: Server) -> None:
    before = server.number("/asset")
    server.change()
    server.follow()

    assert server.number("/asset") == before


def test_readers_who_come_at_once_share_one_making(server: Server) -> None:
    with ThreadPoolExecutor(20) as pool:
        numbers = set(pool.map(lambda _: server.number("/slow/a"), range(20)))

    assert len(numbers) == 1


def test_readers_of_what_is_private_share_nothing(server: Server) -> None:
    with ThreadPoolExecutor(8) as pool:
        numbers = set(pool.map(lambda _: server.number("/private/a"), range(8)))

    assert len(numbers) == 8


def test_a_long_page_is_kept_too(server: Server) -> None:
    status, _headers, body = server.ask("/long")

    assert (status, len(body) > 1_800_000, server.ask("/long")[2] == body) == (200, True, True)


def test_other_methods_and_bodies_reach_the_application(server: Server) -> None:
    first = server.number("/page/e")

    assert int(server.ask("/page/e", "POST")[2].split()[0]) > first
    assert server.number("/page/e", Content_Length="0") > first


# --- what is sent


@pytest.mark.parametrize(
    ("accepted", "encoding", "unpack"),
    [("gzip, br", "br", brotli.decompress), ("gzip", "gzip", gzip.decompress), ("identity", None, bytes)],
)
def test_each_encoding_has_the_same_words_and_a_tag_of_its_own(
    server: Server, accepted: str, encoding: Any, unpack: Any
) -> None:
    plain = server.ask("/page/f", Accept_Encoding="")
    for _ in range(2):
        status, headers, body = server.ask("/page/f", Accept_Encoding=accepted)
        assert (status, headers.get("content-encoding"), headers["vary"]) == (200, encoding, "Accept-Encoding")
        assert (unpack(body), int(headers["content-length"])) == (plain[2], len(body))
        assert (headers["etag"] == plain[1]["etag"]) is (encoding is None)


@pytest.mark.parametrize("accepted", ["br", "gzip", "identity"])
def test_a_reader_who_has_the_page_gets_no_bytes(server: Server, accepted: str) -> None:
    tag = server.ask("/page/g", Accept_Encoding=accepted)[1]["etag"]
    other = server.ask("/page/g", Accept_Encoding="br" if accepted != "br" else "gzip")[1]["etag"]
    for known in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        status, headers, body = server.ask("/page/g", Accept_Encoding=accepted, If_None_Match=known)
        assert (status, headers["etag"], headers["vary"], headers["cache-control"], body) == (
            304, tag, "Accept-Encoding", "public", b"",
        )  # fmt: skip

    for known in ('"x"', other, tag[:-2] + '"', "x"):
        assert server.ask("/page/g", Accept_Encoding=accepted, If_None_Match=known)[0] == 200


def test_who_makes_a_page_may_have_it_already(server: Server) -> None:
    status, headers, _body = server.ask("/page/h", If_None_Match="*")

    assert (status, server.ask("/page/h", Accept_Encoding="identity")[1]["etag"]) == (304, headers["etag"])


@pytest.mark.parametrize("accepted", ["br", "identity"])
def test_head_says_what_get_would_and_sends_nothing(server: Server, accepted: str) -> None:
    _, got, body = server.ask("/page/i", Accept_Encoding=accepted)
    status, headers, nothing = server.ask("/page/i", "HEAD", Accept_Encoding=accepted)

    assert (status, nothing, int(headers["content-length"])) == (200, b"", len(body))
    assert headers | {"date": ""} == got | {"date": ""}


def test_what_is_private_is_never_compressed(server: Server) -> None:
    assert "content-encoding" not in server.ask("/private", Accept_Encoding="br, gzip")[1]


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("", ""), ("gzip, deflate, br, zstd", "br"), ("gzip", "gzip"), ("GZIP;q=0.5", "gzip"), ("br;q=0, gzip", "gzip"),
        ("*", "br"), ("*;q=0", ""), ("br;q=0.1, gzip;q=0.9", "gzip"), ("identity, br;q=0.5", ""), ("br;q=x", ""),
        ("deflate", ""), ("br;q=0,*", "gzip"), (";;,,=q", ""),
    ],
)  # fmt: skip
def test_a_reader_gets_what_they_take(accepted: str, encoding: str) -> None:
    assert chosen(accepted) == encoding


# --- parts


def page(size: int, etag: str = '"a"') -> CachedPage:
    found = CachedPage.of(Answer(200, [("etag", etag), ("content-type", "application/octet-stream")], b"x" * size))
    assert found is not None
    return found


def test_a_store_holds_so_many_bytes_and_lets_the_least_asked_for_go() -> None:
    store = PageStore(100_000)
    for name in "abcdefgh":
        store.keep((name, ""), page(12_000))
        store.get(("a", ""))

    assert store.held <= 100_000
    assert [name for name in "abcdefgh" if store.get((name, ""))] == ["a", "d", "e", "f", "g", "h"]


def test_a_page_that_is_large_for_a_store_throws_nothing_out() -> None:
    store = PageStore(100_000)
    store.keep(("a", ""), page(1_000))
    store.keep(("b", ""), page(30_000))

    assert (len(store), store.get(("b", ""))) == (1, None)


def test_what_readers_have_stays_good_when_a_page_is_compressed_better() -> None:
    words = Path(__file__).read_bytes()
    found = CachedPage.of(Answer(200, [("etag", '"a"'), ("content-type", "text/html")], words))
    assert found is not None
    before = found.variant("br")
    found.shrink()
    after = found.variant("br")

    assert len(after.body) < len(before.body)
    assert brotli.decompress(after.body) == words
    assert after.unchanged_since('"a-br5"') == [("etag", '"a-br5"'), ("vary", "Accept-Encoding")]
    assert dict(after.headers)["etag"] == '"a-br11"'


def test_a_watcher_sees_what_others_commit_and_outlives_trouble(database_url: str) -> None:
    watcher = ChangeWatcher(database_url)
    with connected(database_url) as engine, Session(engine) as session:
        before = watcher.newest()
        session.add(Change(kind="theme", subject_id=1))
        session.flush()
        meanwhile = watcher.newest()
        session.commit()
        after, newest = watcher.newest(), changes.newest(session)
        session.rollback()
        watcher._connection.driver_connection.close()  # as a server that restarts does
        broken, again = watcher.newest(), watcher.newest()
    watcher.close()

    assert (before, meanwhile, after, broken, again) == (0, 0, newest, None, newest)
    assert newest > 0


def test_where_the_state_cannot_be_had_nothing_is_known(databases: Databases, tmp_path: Path) -> None:
    with databases.blank(tmp_path) as url:
        watcher = ChangeWatcher(url)
        assert watcher.newest() is None
        watcher.close()
