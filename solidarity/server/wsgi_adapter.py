"""Asks a WSGI application: makes its environment from an RSGI request, and collects what it answers."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextvars import Context
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

WHOLE = 1024 * 1024  # bytes up to which an answer is sent in one piece

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Headers = list[tuple[str, str]]


def environment(scope: Any, body: bytes) -> dict[str, Any]:
    """The WSGI environment of an RSGI request whose body has been read."""
    server, _, port = scope.server.rpartition(":")
    environ = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": server or "localhost",
        "SERVER_PORT": port or "80",
        "SERVER_PROTOCOL": "HTTP/1.0" if scope.http_version == "1" else f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    _add_headers(environ, scope.headers.items())
    if scope.authority:  # of an address that names its host, which then counts (RFC 9112, 3.2.2)
        environ["HTTP_HOST"] = scope.authority
    if body:
        environ["CONTENT_LENGTH"] = str(len(body))
    return environ


def _add_headers(environ: dict[str, Any], headers: Iterable[tuple[str, str]]) -> None:
    """Several of one name become one. Names with `_` are dropped: they could pass for a proxy's own with `-`."""
    for name, value in headers:
        if "_" in name or name == "content-length":
            continue
        key = "CONTENT_TYPE" if name == "content-type" else f"HTTP_{name.upper().replace('-', '_')}"
        joint = "; " if name == "cookie" else ","
        environ[key] = f"{environ[key]}{joint}{value}" if key in environ else value


@dataclass
class Answer:
    """What an application answered: `body`, and what is to follow it where that is much."""

    status: int
    headers: Headers
    body: bytes
    rest: Iterator[bytes] = field(default_factory=lambda: iter(()))
    more: bool = False


class Call:
    """One request to an application. Its steps may be taken by different threads, one after the other."""

    def __init__(self, application: Application, environ: dict[str, Any]) -> None:
        self._application, self._environ = application, environ
        self._context = Context()
        self._status, self._headers = "", Headers()
        self._written: list[bytes] = []
        self._close: Callable[[], None] = lambda: None

    def answer(self) -> Answer:
        """Ask. An answer that is not sent whole has `more`, and its `rest` is taken with `next`."""
        return self._context.run(self._answer)

    def next(self, rest: Iterator[bytes]) -> bytes | None:
        """The next piece of an answer, or None after the last."""
        try:
            return self._context.run(next, rest, None)
        except BaseException:
            self.close()
            raise

    def whole(self, answer: Answer) -> Answer:
        """The answer with all of its body, however long."""
        if not answer.more:
            return answer
        pieces = [answer.body]
        while (piece := self.next(answer.rest)) is not None:
            pieces.append(piece)
        self.close()
        return Answer(answer.status, answer.headers, b"".join(pieces))

    def close(self) -> None:
        """Tell the application that its answer was sent, or that nobody waits for it any more."""
        close, self._close = self._close, lambda: None
        self._context.run(close)

    def _answer(self) -> Answer:
        pieces = self._application(self._environ, self._start)
        self._close = getattr(pieces, "close", self._close)
        try:
            return self._collected(iter(pieces))
        except BaseException:
            self._close()
            raise

    def _collected(self, rest: Iterator[bytes]) -> Answer:
        """Take pieces until there are no more, or until they are too much to keep."""
        taken, size = [], 0
        for piece in rest:
            taken.append(piece)
            size += len(piece)
            if size > WHOLE:
                break
        body = b"".join([*self._written, *taken])
        answer = Answer(int(self._status[:3]), self._headers, body, rest, more=size > WHOLE)
        if not answer.more:
            close, self._close = self._close, lambda: None
            close()
        return answer

    def _start(self, status: str, headers: Headers, _exc_info: Any = None) -> Callable[[bytes], None]:
        self._status, self._headers = status, [(name.lower(), _as_sent(value)) for name, value in headers]
        return self._written.append


def _as_sent(value: str) -> str:
    """A header as the server takes it, which encodes in UTF-8 what WSGI means as bytes."""
    return value if value.isascii() else value.encode("latin-1").decode(errors="replace")
