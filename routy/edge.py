"""The other HTTP server around the WSGI front: granian, an extra, which parses HTTP outside of Python.

It hands a request to one of its threads as soon as the headers are there. Redirects are answered in that thread;
whatever else there is goes on to threads of its own, so that nothing ever stands before a redirect. A body can only
be read in granian's thread, however slowly it comes: so few may at the same time that some threads are always free.

granian 2.8 is used below its command line, whose supervisor knows nothing of stores; the exact version is pinned.
"""

import asyncio
import io
import json
import logging
import os
import re
import socket
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from granian._futures import _new_cbscheduler
from granian._granian import SocketHolder, WorkerSignal, WSGIWorker
from granian.http import HTTP1Settings

from routy.clock import system_clock
from routy.config import Config
from routy.errors import refusal
from routy.ids import new_id
from routy.paths import RESERVED, first_segment
from routy.server import CODES, LARGEST_BODY, STUCK_MS, Application

log = logging.getLogger("routy.edge")
logging.getLogger("_granian").setLevel(logging.WARNING)  # it tells of its threads

BACKLOG = 2048
LARGEST_HEAD = 262_144  # as waitress has it
HEAD_SECONDS = 30  # to send the headers in; an idle connection ends after it too
BODIES_AT_ONCE = 24
KEPT_FOR_REDIRECTS = 8
_RAW = re.compile(r"[\x80-\xff]")
_FIXED = {
    "SCRIPT_NAME": "",
    "SERVER_SOFTWARE": "routy",
    "wsgi.errors": sys.stderr,
    "wsgi.multiprocess": False,
    "wsgi.multithread": True,
    "wsgi.run_once": False,
    "wsgi.version": (1, 0),
}
_kept: list[object] = []  # granian's holder of a socket closes the number of its descriptor once too often


class Refused(Exception):
    """A request that gets no further; `status` and why."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


def listen(config: Config) -> socket.socket:
    """The listening socket; OSError when the address cannot be had."""
    found = socket.getaddrinfo(config.server.host, config.server.port, type=socket.SOCK_STREAM)
    family, *_, address = found[0]
    listener = socket.create_server(address[:2], family=family, backlog=BACKLOG)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STUCK_MS)  # as connections have it then
    return listener


class Http:
    """A server on a socket that listens already; `run` serves until SystemExit."""

    def __init__(self, config: Config, application: Application, listener: socket.socket | None = None) -> None:
        self._application, self._public_url = application, config.public_url
        self._listener = listener or listen(config)
        self._connections = config.server.connection_limit
        self._threads = BODIES_AT_ONCE + (
            KEPT_FOR_REDIRECTS
            if config.clicks.durability == "process"
            else config.server.threads  # they wait for the disk
        )
        self._apart = ThreadPoolExecutor(config.server.threads, "apart")
        self._bodies = threading.BoundedSemaphore(BODIES_AT_ONCE)
        self._signal, self._closing, self._drained = WorkerSignal(), threading.Event(), threading.Event()
        self._signal.add_cb(self._drained.set)

    @property
    def address(self) -> str:
        """Where it listens: the port is the real one when 0 was asked for."""
        host, port, *_ = self._listener.getsockname()
        return f"http://{f'[{host}]' if ':' in host else host}:{port}"

    def run(self, patience: float, ending: Callable[[], None] = lambda: None) -> None:
        """Serve until SystemExit or `close`; then let the requests under way finish, for so many seconds. `ending`
        is called first: answers that have no end by themselves end then."""
        begun = ThreadPoolExecutor(1, "begin").submit(self._begin)  # not here, where a signal raises SystemExit
        try:
            begun.result()
            self._closing.wait()
        except (SystemExit, KeyboardInterrupt):
            log.debug("told to stop")
        begun.result()
        ending()
        self._signal.set()
        self._drained.wait(patience)
        self._listener.close()
        self._apart.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        self._closing.set()

    def end(self, status: int) -> int:
        """Leave the process: threads outside of Python may still wait for a client who will never go on."""
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)

    def _begin(self) -> None:
        loop = asyncio.new_event_loop()  # granian wants to be shown one; nothing ever runs in it
        loop.close()
        holder = SocketHolder(os.dup(self._listener.fileno()), False, BACKLOG)
        head = HTTP1Settings(header_read_timeout=HEAD_SECONDS * 1000, max_buffer_size=LARGEST_HEAD)
        worker = WSGIWorker(
            1, (None, holder), None, 1, 1, self._threads, 30, self._connections, "1", head, None, None,
            False, None, None, None, "tls1.3", None, [], False,
        )  # fmt: skip
        scheduler = _new_cbscheduler(loop, self._take, impl_asyncio=True)
        _kept.extend((worker, holder, scheduler, loop))
        worker.serve_mtr(scheduler, loop, self._signal)

    # ---- one request

    def _take(self, protocol: Any, environ: dict[str, Any]) -> None:
        """Called by granian, in one of its threads."""
        environ.update(_FIXED)
        if not environ["QUERY_STRING"].isascii():
            environ["QUERY_STRING"] = _RAW.sub(lambda found: f"%{ord(found[0]):02X}", environ["QUERY_STRING"])
        if _is_link(environ["PATH_INFO"]) and not _has_body(environ):
            self._answer(protocol, environ)
        elif self._reads(protocol, environ):
            self._apart.submit(self._answer, protocol, environ)

    def _reads(self, protocol: Any, environ: dict[str, Any]) -> bool:
        """Whether the request is whole now; else it is answered already."""
        try:
            if _has_body(environ):
                self._read_body(environ)
        except Refused as refused:
            self._refuse(protocol, refused)
            return False
        return True

    def _answer(self, protocol: Any, environ: dict[str, Any]) -> None:
        begun = _Begun()
        try:
            body = self._application(environ, begun)
            if isinstance(body, list | tuple):
                protocol.response_bytes(begun.status, begun.headers, b"".join(body))
            else:
                protocol.response_iter(begun.status, begun.headers, _Chunks(body))
        except Exception:
            log.exception("a request failed")
            self._refuse(protocol, Refused(500, "INTERNAL", "something went wrong here"))

    def _read_body(self, environ: dict[str, Any]) -> None:
        """The whole body, in memory. Who sends it slowly holds one of the threads that may read."""
        most = _length(environ)
        if not self._bodies.acquire(blocking=False):
            raise Refused(503, "UNAVAILABLE", "too many bodies are being sent at once; redirects go on")
        try:
            body = environ["wsgi.input"].read(LARGEST_BODY + 1 if most is None else most)
        finally:
            self._bodies.release()
        if most is not None and len(body) < most:
            raise Refused(400, CODES[400], "the body is shorter than it was said to be")
        if len(body) > LARGEST_BODY:
            raise Refused(413, CODES[413], f"the body may have at most {LARGEST_BODY} bytes")
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        environ["CONTENT_LENGTH"], environ["wsgi.input"] = str(len(body)), io.BytesIO(body)

    def _refuse(self, protocol: Any, refused: Refused) -> None:
        request_id = new_id("req", system_clock())
        wait = 2 if refused.status == 503 else None
        told = refusal(refused.code, str(refused), request_id, self._public_url, retry_after=wait)
        headers = [("Content-Type", "application/json"), ("X-Request-Id", request_id), ("Server", "routy")]
        headers += [("Retry-After", str(wait))] if wait else []
        protocol.response_bytes(refused.status, headers, json.dumps(told).encode())


class _Begun:
    """What WSGI calls start_response."""

    __slots__ = ("headers", "status")

    def __init__(self) -> None:
        self.status, self.headers = 500, [("Server", "routy")]

    def __call__(self, status: str, headers: Iterable[tuple[str, str]], exc_info: object = None) -> None:
        self.status, self.headers = int(status[:3]), [*headers, ("Server", "routy")]


class _Chunks:
    """A body of many parts, as granian takes it: `close` is always called."""

    def __init__(self, body: Iterable[bytes]) -> None:
        self._body, self._parts = body, iter(body)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._parts)

    def close(self) -> None:
        close: Callable[[], None] | None = getattr(self._body, "close", None)
        if close is not None:
            close()


def _is_link(path: str) -> bool:
    segment = first_segment(path)
    return segment != "" and segment not in RESERVED


def _has_body(environ: dict[str, Any]) -> bool:
    return environ.get("CONTENT_LENGTH", "0") != "0" or "HTTP_TRANSFER_ENCODING" in environ


def _length(environ: dict[str, Any]) -> int | None:
    """What the body says of its length. None: it will show; granian does not tell when such a body was cut off, so
    only JSON may come like this, whose end is seen."""
    if "HTTP_TRANSFER_ENCODING" in environ:
        if not environ.get("CONTENT_TYPE", "").startswith("application/json"):
            raise Refused(411, "LENGTH_REQUIRED", "say the length of the body (Content-Length)")
        return None
    length = int(environ["CONTENT_LENGTH"])
    if length > LARGEST_BODY:
        raise Refused(413, CODES[413], f"the body may have at most {LARGEST_BODY} bytes")
    return length
