"""One POST over HTTP/1.1: to an address that was looked at, within its time, and with the answer's first 8 kB.

The time is that of everything together: each read gets what is left of it, so that a server that drips cannot hold
a thread for longer. Connections stay open for the next POST to the same host; they lead where they led when their
address was checked. Redirects are answers like others, and no answer is followed anywhere.
"""

import io
import select
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from http.client import HTTPException, HTTPResponse, RemoteDisconnected
from typing import Any

from routy.outbound import Guard, Place, Resolve, Unreachable, place_of

KEPT_BYTES, MOST_BYTES = 8192, 262_144
MOST_IDLE, IDLE_EACH, IDLE_SECONDS = 256, 4, 15.0
MOST_TRIED = 3  # addresses of one host


class Failed(Exception):
    """No answer came; the message says why, in words."""


@dataclass(frozen=True)
class Reply:
    """What the other side answered. `text` holds the first 8 kB of the body, `cut` whether there was more."""

    status: int
    headers: dict[str, str]
    text: str
    cut: bool


@dataclass
class Line:
    """An open connection, and the moment (monotonic) by which what is asked over it must be done."""

    socket: socket.socket
    until: float = 0.0
    idle_since: float = 0.0

    def left(self) -> float:
        rest = self.until - time.monotonic()
        if rest <= 0:
            raise TimeoutError
        return rest

    def makefile(self, mode: str) -> io.BufferedReader:
        """What http.client reads an answer from."""
        return io.BufferedReader(_Reading(self))


class _Reading(io.RawIOBase):
    def __init__(self, line: Line) -> None:
        self._line = line
        self._room = MOST_BYTES  # a chunk of negative size makes http.client read to the end, wherever that is

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        self._line.socket.settimeout(self._line.left())
        taken = self._line.socket.recv_into(into)
        self._room -= taken
        if self._room < 0:
            raise HTTPException("it goes on and on")
        return taken


@cache
def trusted() -> ssl.SSLContext:
    """Whom the system trusts: read when it is first needed, as that takes long."""
    return ssl.create_default_context()


@dataclass
class Poster:
    """Posts, and keeps connections. Safe for many threads."""

    guard: Guard
    resolve: Resolve
    seconds: float
    context: Callable[[], ssl.SSLContext] = trusted
    _idle: dict[tuple[str, str, int], deque[Line]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _closed: bool = False

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Failed where no answer came, or none that is HTTP."""
        until = time.monotonic() + self.seconds
        try:
            place = place_of(url)
            kept = self._take(place)
            if kept is not None:
                kept.until = until
                try:
                    return self._ask(kept, place, headers, body)
                except (RemoteDisconnected, ConnectionError, ssl.SSLEOFError):
                    pass  # it was closed while nobody used it
            return self._ask(self._connect(place, until), place, headers, body)
        except Unreachable as error:
            raise Failed(str(error)) from None
        except TimeoutError:
            raise Failed(f"no answer within {self.seconds:g} s") from None
        except (OSError, HTTPException, ValueError) as error:  # ValueError: chunks of senseless sizes
            raise Failed(_in_words(error)) from None

    def close(self) -> None:
        with self._lock:
            self._closed = True
            lines = [line for kept in self._idle.values() for line in kept]
            self._idle.clear()
        for line in lines:
            line.socket.close()

    # ---- one question

    def _ask(self, line: Line, place: Place, headers: Mapping[str, str], body: bytes) -> Reply:
        try:
            line.socket.settimeout(line.left())
            line.socket.sendall(_request(place, headers, body))
            answer = HTTPResponse(line, method="POST")  # type: ignore[arg-type]
            answer.begin()
            reply, whole = _read(answer)
        except BaseException:
            line.socket.close()
            raise
        if whole and not answer.will_close:
            self._keep(place, line)
        else:
            line.socket.close()
        return reply

    # ---- connections

    def _connect(self, place: Place, until: float) -> Line:
        addresses = self.guard.addresses(place, self.resolve, until - time.monotonic())
        for number, address in enumerate(addresses[:MOST_TRIED], 1):
            line = None
            try:
                line = Line(_reach(address, place.port, until), until)
                return self._secured(line, place) if place.scheme == "https" else line
            except OSError as error:
                if line is not None:
                    line.socket.close()
                if number == min(len(addresses), MOST_TRIED) or isinstance(error, ssl.SSLError | TimeoutError):
                    raise
        raise Unreachable(f"DNS: {place.host} has no address")

    def _secured(self, line: Line, place: Place) -> Line:
        line.socket.settimeout(line.left())
        line.socket = self.context().wrap_socket(line.socket, server_hostname=place.host)
        return line

    def _take(self, place: Place) -> Line | None:
        """A connection that nobody uses, and that the other side has not closed or said anything on."""
        while True:
            with self._lock:
                kept = self._idle.get(_key(place))
                line = kept.pop() if kept else None
                if kept is not None and not kept:
                    del self._idle[_key(place)]
            if line is None:
                return None
            if time.monotonic() - line.idle_since < IDLE_SECONDS and not _is_readable(line.socket):
                return line
            line.socket.close()

    def _keep(self, place: Place, line: Line) -> None:
        line.idle_since = time.monotonic()
        old: list[Line] = []
        with self._lock:
            kept = self._idle.setdefault(_key(place), deque())
            kept.append(line)
            if len(kept) > IDLE_EACH or self._closed:
                old.append(kept.popleft())
            if len(self._idle) > MOST_IDLE:
                old += self._idle.pop(next(iter(self._idle)))
        for each in old:
            each.socket.close()


def _key(place: Place) -> tuple[str, str, int]:
    return place.scheme, place.host, place.port


def _is_readable(line: socket.socket) -> bool:
    poll = select.poll()
    poll.register(line, select.POLLIN | select.POLLHUP | select.POLLERR)
    return bool(poll.poll(0))


def _reach(address: str, port: int, until: float) -> socket.socket:
    line = socket.create_connection((address, port), timeout=max(0.001, until - time.monotonic()))
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return line


def _request(place: Place, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = [f"POST {place.target} HTTP/1.1", f"Host: {place.authority}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _read(answer: HTTPResponse) -> tuple[Reply, bool]:
    """The reply, and whether all of it was read. Its status counts even where its body never comes to an end."""
    try:
        body = answer.read(KEPT_BYTES + 1)
    except (OSError, HTTPException, ValueError):
        body = b""
    whole = answer.isclosed() or answer.length == 0
    headers = {name[:200]: value[:1000] for name, value in answer.getheaders()[:50]}
    text = body[:KEPT_BYTES].decode("utf-8", "replace").replace("\0", "\ufffd")
    return Reply(answer.status, headers, text, len(body) > KEPT_BYTES or not whole), whole


# ---- what went wrong, in words


def _in_words(error: Exception) -> str:
    for kind, say in _WORDS:
        if isinstance(error, kind):
            return say(error)
    return f"the connection failed: {error}"


_WORDS: tuple[tuple[type[Exception], Callable[[Any], str]], ...] = (
    (ssl.SSLCertVerificationError, lambda error: f"TLS: the certificate is not good: {error.verify_message}"),
    (ssl.SSLError, lambda error: f"TLS: {(error.reason or 'it failed').replace('_', ' ').lower()}"),
    (ConnectionRefusedError, lambda error: "the connection was refused"),
    (RemoteDisconnected, lambda error: "the connection was closed without an answer"),
    (ConnectionError, lambda error: "the connection was cut off"),
    (HTTPException, lambda error: f"what came was no HTTP: {type(error).__name__}"),
    (ValueError, lambda error: "what came was no HTTP: a number was expected"),
    (OSError, lambda error: f"the connection failed: {error.strerror or type(error).__name__}"),
)
