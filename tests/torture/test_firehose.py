"""Twenty readers of the firehose at 500 clicks a second, breaking off at random, while the server is killed and
stopped: each sees each click exactly once."""

import http.client
import socket
import threading
import time
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

import pytest

from tests.walks.followers import Follower
from tests.walks.process import ENGINES, KINDS, PATIENCE, Process, Visitors, _visit, until, until_loaded

READERS = 20
THREADS = 5
PER_SECOND = 500


class Paced:
    """Visitors who come so many times a second, together, wherever the server is just then."""

    def __init__(self, address: Callable[[], str], slugs: Sequence[str]) -> None:
        self._address, self._slugs = address, slugs
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._go) for _ in range(THREADS)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(30)

    def _go(self) -> None:
        while not self._over.is_set():
            connection = http.client.HTTPConnection(urlsplit(self._address()).netloc, timeout=5)
            try:
                self._visit(connection)
            except (OSError, http.client.HTTPException):
                self._over.wait(0.05)
            finally:
                connection.close()

    def _visit(self, connection: http.client.HTTPConnection) -> None:
        due = time.monotonic()
        while not self._over.is_set():
            _visit(connection, self._slugs[0], KINDS[0])
            due = max(due + THREADS / PER_SECOND, time.monotonic() - 0.1)
            self._over.wait(max(0.0, due - time.monotonic()))


def stored(process: Process) -> list[str]:
    """The ids of all clicks, as the list has them."""
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = process.whole("GET", "/clicks", limit="1000", fields="id", **cursor)
        found += [row["id"] for row in page["data"]]
        if not page["pagination"]["has_more"]:
            return found
        cursor = {"cursor": page["pagination"]["next_cursor"]}


@pytest.mark.parametrize("engine", ENGINES)
def test_readers_who_break_off_see_each_click_exactly_once(
    begin: Callable[..., Process], engine: str, torture: bool
) -> None:
    process = begin(engine)
    slugs = process.make_links(1)
    followers = [
        Follower(lambda: process.address, process.token, ("sse", "ndjson")[number % 2], patience=0.2 + number % 5)
        for number in range(READERS)
    ]
    for follower in followers:
        follower.start()
    until(lambda: all(follower.cursor for follower in followers), "the readers to know where they stand")
    visitors = Paced(lambda: process.address, slugs)
    visitors.start()
    for number in range(6 if torture else 1):
        time.sleep(20 if torture else 2)
        process.kill() if (number + (engine == "waitress")) % 2 else process.stop()
        process.start()
    time.sleep(1)
    visitors.stop()
    until_loaded(process)
    expected = stored(process)
    for follower in followers:
        follower.patience = PATIENCE
    try:
        everything = "every reader to see every click"
        seconds = PATIENCE * (10 if torture else 1)  # who broke off most is 10,000s of clicks behind
        until(lambda: all(len(one.seen) >= len(expected) for one in followers), everything, seconds)
    finally:
        for follower in followers:
            follower.stop()
        told = [(one.connections, len(one.seen), one.refused[-3:], one.cursor) for one in followers]
        print(len(expected), told)  # shown when it fails
    for follower in followers:
        assert sorted(follower.seen) == sorted(expected)
        assert not set(follower.refused) - {503}, "who breaks off may find its old place not yet free"
    assert sum(follower.connections for follower in followers) > 2 * READERS
    assert len(expected) > (10_000 if torture else 500)


@pytest.mark.parametrize("engine", ENGINES)
def test_who_does_not_read_is_cut_off_and_holds_up_nobody(
    begin: Callable[..., Process], engine: str, torture: bool
) -> None:
    """The connection takes what kernels hold; what is written behind that waits for somebody who never comes."""
    if not torture:
        pytest.skip("takes a minute: needs --torture")
    process = begin(engine)
    visitors = Visitors(process.address, process.make_links(1))
    visitors.start()
    target = urlsplit(process.address)
    asked = (
        f"GET /api/v1/firehose?streams=clicks&after=begin HTTP/1.1\r\nHost: x\r\nX-API-Key: {process.token}\r\n\r\n"
    )
    beside = Follower(lambda: process.address, process.token)
    with socket.socket() as stuck:
        stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stuck.connect((target.hostname, target.port))
        stuck.sendall(asked.encode())
        beside.start()
        until(lambda: readers(process) == 2, "both readers to be there")
        until(lambda: readers(process) == 1, "the one that does not read to be cut off", 120)
        before = len(beside.seen)
        until(lambda: len(beside.seen) > before, "the other to hear more")
        assert beside.connections == 1
    visitors.stop()
    visitors.join()
    beside.stop()


def readers(process: Process) -> int:
    """How many the server thinks there are."""
    return int(process.health()["firehose"]["readers"])
