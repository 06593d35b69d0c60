"""The firehose on a real connection: it waits, ends when it must, and stands in nobody's way."""

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

from tests.walks.process import Process, Visitors, until

SOON = 2.5  # seconds from a click to its event
WAITS = 2.0


class Listener:
    """An open connection, read by a thread; `lines` as NDJSON has them."""

    def __init__(self, process: Process, token: str = "", **query: str) -> None:
        target = urlsplit(process.address)
        self._connection = http.client.HTTPConnection(target.netloc, timeout=60)
        asked = "&".join(f"{name}={value}" for name, value in {"format": "ndjson", **query}.items())
        self._connection.request("GET", f"/api/v1/firehose?{asked}", headers={"X-API-Key": token or process.token})
        self._socket = self._connection.sock
        self._response = self._connection.getresponse()
        self.status, self.lines = self._response.status, list[Any]()
        self.over = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()

    def rows(self, stream: str) -> list[Any]:
        return [line["data"] for line in self.lines if line["stream"] == stream]

    def close(self) -> None:
        with suppress(OSError):  # the other side was quicker
            self._socket.shutdown(socket.SHUT_RDWR)
        self.over.wait(10)
        self._response.close()
        self._connection.close()

    def _read(self) -> None:
        try:
            while line := self._response.readline():
                self.lines.append(json.loads(line))
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            pass  # cut off, or closed by the test
        self.over.set()


@contextmanager
def listening(process: Process, **query: str) -> Iterator[Listener]:
    listener = Listener(process, **query)
    until(lambda: listener.lines or listener.over.is_set(), "the first line")
    try:
        yield listener
    finally:
        listener.close()


def readers(process: Process) -> int:
    """How many the server thinks there are."""
    return int(process.health()["firehose"]["readers"])


def test_a_click_and_a_change_are_told_within_moments(process: Process) -> None:
    slug = process.make_links(1)[0]
    with listening(process) as listener:
        process.visit(slug)
        began = time.monotonic()
        until(lambda: listener.rows("clicks"), "the click", SOON + 10)
        took = time.monotonic() - began
        tag = process.call("POST", "/tags", {"name": "a"})
        until(lambda: listener.rows("events"), "the event")
        assert [row["record_id"] for row in listener.rows("events")] == [tag["id"]]
        assert len(listener.rows("clicks")) == 1 and took > 0


def test_a_server_that_stops_ends_its_readers_and_goes(process: Process) -> None:
    with listening(process) as one, listening(process) as other:
        assert process.stop(10) == 0
        for listener in (one, other):
            until(listener.over.is_set, "the end")
            assert listener.lines[-1]["data"] == {"reason": "the server stops"}


def test_a_token_that_is_revoked_hears_no_more(process: Process) -> None:
    made = process.call("POST", "/tokens", {"name": "listener", "scopes": ["clicks:read", "events:read"]})
    with listening(process, token=made["secret"]) as listener:
        process.call("DELETE", f"/tokens/{made['id']}", fine=(204,))
        until(listener.over.is_set, "the end")
        assert listener.lines[-1]["data"] == {"reason": "the credential is no good any more"}


def test_beyond_the_cap_readers_are_refused_and_redirects_and_the_api_go_on(process: Process) -> None:
    slugs = process.make_links(2)
    with ExitStack() as stack:
        held = [stack.enter_context(listening(process)) for _ in range(24)]
        assert {one.status for one in held} == {200}
        assert process.whole("GET", "/firehose", fine=(503,))["error"]["code"] == "UNAVAILABLE"
        visitors = Visitors(process.address, slugs, 50)
        visitors.start()
        visitors.join()
        assert not visitors.broken and not visitors.strange and visitors.slowest < WAITS
        assert process.call("GET", "/links")
    until(lambda: readers(process) == 0, "the places to be free again")
    with listening(process) as again:
        assert again.status == 200
