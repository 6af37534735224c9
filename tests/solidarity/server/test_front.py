"""The front on a real server, spoken to over sockets: what reaches the application, and what never does."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from running import ROOT, free_port

from solidarity.web.shares import Share


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server with the small application of `front_app`."""
    port = free_port()
    log = (tmp_path_factory.mktemp("front") / "log").open("wb")
    process = subprocess.Popen(
        [
            sys.executable, "-m", "granian", "--interface", "rsgi", "--http", "1", "--no-ws", "--port", str(port),
            "--http1-header-read-timeout", "2000", "--log-level", "warning", "front_app:front",
        ],
        cwd=Path(__file__).parent,
        env={"PYTHONPATH": str(ROOT)},
        stdout=log, stderr=log,
    )  # fmt: skip
    for _ in range(300):
        try:
            ask(port, "GET", "/")
            break
        except OSError:
            time.sleep(0.1)
    yield port
    process.terminate()
    assert process.wait(timeout=20) == 0
    log.close()


Told = tuple[int, bytes]


def ask(
    port: int, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None, *,
    patience: float = 20
) -> Told:  # fmt: skip
    """Status and body of one ordinary request."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=patience)) as connection:
        connection.request(method, path, body=body, headers=headers or {})
        with connection.getresponse() as answer:
            return answer.status, answer.read()


def shown(port: int, *request: Any) -> dict[str, Any]:
    status, body = ask(port, *request)
    assert status == 200, body
    found: dict[str, Any] = json.loads(body)
    return found


def raw(port: int, sent: bytes, *, half_closed: bool = False) -> bytes:
    """All that comes back for these bytes, until the server closes or is silent for five seconds."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(sent)
        if half_closed:
            time.sleep(0.2)
            connection.shutdown(socket.SHUT_WR)
        received = b""
        try:
            while piece := connection.recv(65536):
                received += piece
        except OSError:
            pass
        return received


def post(length: int | str, body: bytes = b"", path: bytes = b"/x", more: bytes = b"") -> bytes:
    head = b"POST %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: %s\r\n" % (path, str(length).encode())
    return head + more + b"\r\n" + body


# --- what reaches the application


def test_the_environment_is_as_wsgi_wants_it(port: int) -> None:
    found = shown(port, "POST", "/caf%C3%A9/%2Fa?x=%ff+y", b"hello", {"Content-Type": "text/x", "Host": "s.example:8"})

    assert {name: found[name] for name in sorted(found) if name not in {"REMOTE_ADDR", "SERVER_PORT"}} == {
        "CONTENT_LENGTH": "5", "CONTENT_TYPE": "text/x", "HTTP_ACCEPT_ENCODING": "identity", "HTTP_HOST": "s.example:8",
        "PATH_INFO": "/café//a".encode().decode("latin-1"), "QUERY_STRING": "x=%ff+y", "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "", "SERVER_NAME": "127.0.0.1", "SERVER_PROTOCOL": "HTTP/1.1", "body": "hello",
        "wsgi.url_scheme": "http",
    }  # fmt: skip
    assert (found["REMOTE_ADDR"], found["SERVER_PORT"]) == ("127.0.0.1", str(port))


def test_bytes_in_an_address_that_are_no_utf8_are_replaced(port: int) -> None:
    assert shown(port, "GET", "/%ff")["PATH_INFO"] == "/\ufffd".encode().decode("latin-1")


def test_headers_sent_twice_are_one_and_underscores_forge_none(port: int) -> None:
    sent = b"GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\nCookie: a=1\r\nCookie: b=2\r\nX-Forwarded-For: 1\r\n"
    answer = raw(port, sent + b"X-Forwarded-For: 2\r\nX_Forwarded_Proto: https\r\n\r\n")
    found = json.loads(answer.partition(b"\r\n\r\n")[2])

    assert (found["HTTP_COOKIE"], found["HTTP_X_FORWARDED_FOR"]) == ("a=1; b=2", "1,2")
    assert "HTTP_X_FORWARDED_PROTO" not in found


def test_an_address_that_names_its_host_wins_over_the_header(port: int) -> None:
    answer = raw(port, b"GET http://b.example/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")

    assert json.loads(answer.partition(b"\r\n\r\n")[2])["HTTP_HOST"] == "b.example"


def test_several_cookies_are_set_and_other_bytes_kept(port: int) -> None:
    answer = raw(port, b"GET /cookies HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")

    assert answer.count(b"set-cookie: ") == 2
    assert "x-name: Lānai\r\n".encode() in answer


def test_head_has_no_body_and_an_empty_answer_none_either(port: int) -> None:
    head = raw(port, b"HEAD /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 200")
    assert head.endswith(b"\r\n\r\n")
    assert ask(port, "GET", "/nothing") == (204, b"")


def test_a_large_body_arrives_whole_and_a_long_answer_too(port: int) -> None:
    assert shown(port, "POST", "/x", b"y" * 3_000_000)["body"] == 3_000_000
    assert ask(port, "GET", "/long") == (200, b"x" * 5_000_000)


def test_who_asks_before_sending_is_told_to_go_on(port: int) -> None:
    answer = raw(port, post(5, b"hello", more=b"Expect: 100-continue\r\n"))

    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK")


def test_an_error_of_the_application_is_a_page(port: int) -> None:
    assert ask(port, "GET", "/broken") == (500, b"refused 500 /broken")


def test_an_answer_that_breaks_is_seen_to_be_broken(port: int) -> None:
    with pytest.raises((http.client.IncompleteRead, OSError)):
        ask(port, "GET", "/breaks-late", patience=2)
    assert ask(port, "GET", "/nothing")[0] == 204


# --- what never does


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (post(5, b"hell"), b"400"),
        (post("5x", b"hello"), b"400"),
        (post("-5", b"hello"), b"400"),
        (post(5, b"hello", more=b"Content-Length: 6\r\n"), b"400"),
        (post(101, b"h" * 101, b"/small"), b"413"),
        (post(10_000_001), b"413"),
        (b"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", b"411"),
        (post(5, b"hello", more=b"Transfer-Encoding: chunked\r\n"), b"411"),
    ],
)
def test_a_body_that_is_not_what_it_says_reaches_no_view(port: int, sent: bytes, status: bytes) -> None:
    assert raw(port, sent, half_closed=True).split()[1] == status


def test_what_follows_a_body_is_another_request(port: int) -> None:
    sent = b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET /nothing HTTP/1.1\r\nHost: a\r\n"
    answer = raw(port, sent + b"Connection: close\r\n\r\n")

    assert b'"body": "hello"' in answer
    assert b"HTTP/1.1 204" in answer


def test_a_slow_body_is_ended_after_its_deadline(port: int) -> None:
    begun = time.monotonic()
    answer = raw(port, post(1_000, b"a"))

    assert answer.startswith(b"HTTP/1.1 408")
    assert b"refused 408 /x" in answer
    assert 0.9 < time.monotonic() - begun < 4.0


def test_a_slow_body_that_keeps_coming_gets_more_time(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(post(9_000))
        for _ in range(9):
            time.sleep(0.25)  # 2.25 s in all, where one second is the grace
            connection.sendall(b"b" * 1_000)
        assert b'"body": 9000' in connection.recv(65536)


def test_silent_connections_are_closed(port: int) -> None:
    begun = time.monotonic()
    assert raw(port, b"") == b""
    assert raw(port, b"GET /x HTTP/1.1\r\nHos") == b""
    assert time.monotonic() - begun < 9.0


def test_where_memory_is_used_up_the_oldest_body_makes_room(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as old:
        old.sendall(post(3_500_000, b"o" * 3_000_000))
        time.sleep(0.3)
        assert shown(port, "POST", "/x", b"y" * 2_000_000)["body"] == 2_000_000
        assert old.recv(65536).startswith(b"HTTP/1.1 503")
    assert shown(port, "POST", "/x", b"y" * 3_000_000)["body"] == 3_000_000


def test_who_leaves_in_the_middle_leaves_nothing_behind(port: int) -> None:
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(post(3_500_000, b"o" * 2_000_000))
    time.sleep(0.3)

    assert shown(port, "POST", "/x", b"y" * 3_900_000)["body"] == 3_900_000


@pytest.mark.parametrize(
    ("count", "many", "another"),
    [(8, ("POST", "/waits"), ("GET", "/x")), (3, ("POST", "/waits-to-hash"), ("POST", "/x"))],
    ids=["writers and a reader", "wrong passwords and a writer"],
)
def test_some_that_wait_keep_no_other_waiting(
    port: int, count: int, many: tuple[str, str], another: tuple[str, str]
) -> None:
    waiting = [threading.Thread(target=ask, args=(port, *many, b"x")) for _ in range(count)]
    for sender in waiting:
        sender.start()
    time.sleep(0.3)
    begun = time.monotonic()
    assert ask(port, *another)[0] == 200
    took = time.monotonic() - begun
    for sender in waiting:
        sender.join()

    assert took < 1.5


def test_costly_addresses_have_a_share_of_the_threads_and_a_queue_with_an_end(port: int) -> None:
    answers: list[int] = []
    searchers = [threading.Thread(target=lambda: answers.append(ask(port, "GET", "/en/search")[0])) for _ in range(5)]
    places = sum(Share.MACHINES.value[1:])
    machines = [
        threading.Thread(target=lambda: answers.append(ask(port, "GET", "/api/hold")[0])) for _ in range(places + 3)
    ]
    for asking in (*searchers, *machines):
        asking.start()
    waits(lambda: len(answers) == 3)
    waits(lambda: len(json.loads(ask(port, "GET", "/held")[1])) == 3)
    refused, read = list(answers), [ask(port, "GET", "/x")[0] for _ in range(50)]
    held = json.loads(ask(port, "GET", "/held")[1])
    ask(port, "GET", "/release")
    for asking in (*searchers, *machines):
        asking.join()

    assert (refused, read, held) == ([503] * 3, [200] * 50, ["/api/hold", "/en/search", "/en/search"])
    assert sorted(answers) == [200] * (places + 5) + [503] * 3


def waits(true: Callable[[], bool]) -> None:
    """Wait until something is so."""
    until = time.monotonic() + 15.0
    while not true() and time.monotonic() < until:
        time.sleep(0.05)


def test_a_sender_of_too_much_hears_why_after_the_last_byte(port: int) -> None:
    assert ask(port, "POST", "/small", b"x" * 5_000_000)[:2] == (413, b"refused 413 /small")
