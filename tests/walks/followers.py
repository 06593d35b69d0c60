"""Readers of the firehose that break off whenever they like and go on from their last cursor."""

import json
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

ACCEPT = {"sse": "text/event-stream", "ndjson": "application/x-ndjson"}
FIRST_WAIT = 0.2


class Ended(Exception):
    """The connection is over, one way or another."""


@dataclass
class Follower:
    """Follows one stream from a thread of its own; `seen` are the ids that it was sent, in order, and `cursor` that
    of the last whole message. `patience`: about how many seconds it stays at most before it breaks off."""

    address: Callable[[], str]
    token: str
    form: str = "sse"
    streams: str = "clicks"
    patience: float = 1e9
    seen: list[str] = field(default_factory=list)
    cursor: str | None = None
    connections: int = 0
    refused: list[int] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._go)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(30)
            assert not self._thread.is_alive()

    def _go(self) -> None:
        while not self._stop.is_set():
            try:
                self._follow()
            except (OSError, Ended):
                self._stop.wait(FIRST_WAIT * random.random())

    def _follow(self) -> None:
        target = urlsplit(self.address())
        with socket.create_connection((target.hostname, target.port), timeout=5) as connection:
            connection.settimeout(0.5)
            self._ask(connection, target.netloc)
            for message in self._messages(connection):
                self._take(message)

    def _ask(self, connection: socket.socket, host: str) -> None:
        query = urlencode({"streams": self.streams})
        head = [f"GET /api/v1/firehose?{query} HTTP/1.0", f"Host: {host}", f"X-API-Key: {self.token}"]
        head += [f"Accept: {ACCEPT[self.form]}"] + ([f"Last-Event-ID: {self.cursor}"] if self.cursor else [])
        connection.sendall("\r\n".join([*head, "", ""]).encode())
        self.connections += 1

    def _messages(self, connection: socket.socket) -> Iterator[bytes]:
        """The whole messages behind the head of the answer; what is cut off is nobody's. Patience begins with the
        first, so that a slow machine does not keep anybody from ever hearing something."""
        rest, behind_head, until = b"", False, float("inf")
        end = b"\n\n" if self.form == "sse" else b"\n"
        while not self._stop.is_set() and time.monotonic() < until:
            try:
                more = connection.recv(random.choice((100, 5_000, 65_536)))
            except TimeoutError:
                continue
            if not more:
                raise Ended
            rest += more
            if not behind_head and b"\r\n\r\n" in rest:
                head, _, rest = rest.partition(b"\r\n\r\n")
                behind_head = True
                self._expect_fine(head)
            while behind_head and end in rest:
                message, _, rest = rest.partition(end)
                yield message
                until = time.monotonic() + self.patience * random.random() if until == float("inf") else until

    def _expect_fine(self, head: bytes) -> None:
        status = int(head.split()[1])
        if status != 200:
            self.refused.append(status)
            raise Ended

    def _take(self, message: bytes) -> None:
        stream, cursor, row = _parsed_sse(message) if self.form == "sse" else _parsed_line(message)
        self.cursor = cursor or self.cursor
        if stream in ("clicks", "events"):
            self.seen.append(row["id"])


def _parsed_sse(message: bytes) -> tuple[str, str | None, Any]:
    lines = [line.partition(": ")[::2] for line in message.decode().split("\n")]
    fields = {name: text for name, text in lines if name}
    return fields.get("event", ""), fields.get("id"), json.loads(fields.get("data", "null"))


def _parsed_line(message: bytes) -> tuple[str, str | None, Any]:
    told = json.loads(message)
    return told["stream"], told["cursor"], told["data"]
