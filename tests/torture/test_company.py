"""Others who want something of the server at the same time: redirects do not wait for them."""

import http.client
import json
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.walks.process import ENGINES, Process, Received, Visitors, expect_stored, until, visiting

WAITS = 2.0  # more than any redirect may take on a machine that is busy with tests; who waits for a place waits 5 s


@dataclass
class Company:
    """A server, its links, and what its visitors of all tests received."""

    process: Process
    slugs: Sequence[str]
    received: Received

    def expect_redirects(self) -> None:
        """As if nobody else were there."""
        visitors, before = Visitors(self.process.address, self.slugs, 100), self.received.broken
        visitors.start()
        self.received.add(visitors)
        assert self.received.broken == before
        assert visitors.slowest < WAITS

    def expect_stored(self) -> None:
        expect_stored(self.process, self.received)


@pytest.fixture(scope="module", params=ENGINES)
def company(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    process = Process(tmp_path_factory.mktemp("company"), request.param)
    try:
        process.begin()
        yield Company(process, process.make_links(20), Received())
    finally:
        process.close()


def connect(address: str) -> socket.socket:
    parts = urlsplit(address)
    return socket.create_connection((parts.hostname, parts.port), timeout=20)


@contextmanager
def connections(address: str, count: int, said: bytes = b"") -> Iterator[list[socket.socket]]:
    """So many that say this much and no more."""
    with ExitStack() as stack:
        held = [stack.enter_context(connect(address)) for _ in range(count)]
        for each in held:
            each.sendall(said)
        yield held


def test_five_hundred_idle_connections_are_nobody_s_business(company: Company) -> None:
    process = company.process
    half = b"GET /load-1 HTTP/1.1\r\nHost: x\r\n"
    with connections(process.address, 500), connections(process.address, 50, half):
        company.expect_redirects()
    company.expect_stored()


def test_who_sends_slowly_waits_alone(company: Company) -> None:
    process = company.process
    whole = b'{"slug": "slow", "destination": "https://shop.example/"}'
    given = f"Authorization: Bearer {process.token}\r\nContent-Type: application/json"
    post = f"POST /api/v1/links HTTP/1.1\r\nHost: x\r\n{given}\r\nContent-Length: {len(whole)}\r\n\r\n".encode()
    password = b"POST /load-1 HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\npassw"
    with (
        connections(process.address, 100, b"GET /load-1 HT"),
        connections(process.address, 10, post) as slow,
        connections(process.address, 60, password),
    ):
        company.expect_redirects()
        slow[0].sendall(whole)
        assert b" 201 " in slow[0].recv(200)
    company.expect_stored()


class Writers:
    """Threads that make links as fast as they are let."""

    def __init__(self, process: Process, count: int) -> None:
        self.process, self.done, self.statuses = process, threading.Event(), set[int]()
        self.threads = [threading.Thread(target=self._write) for _ in range(count)]

    def __enter__(self) -> "Writers":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self.done.set()
        for thread in self.threads:
            thread.join(30)

    def _write(self) -> None:
        body = json.dumps({"destination": "https://shop.example/"})
        headers = {"Authorization": f"Bearer {self.process.token}", "Content-Type": "application/json"}
        while not self.done.is_set():
            connection = http.client.HTTPConnection(urlsplit(self.process.address).netloc, timeout=60)
            with suppress(OSError, http.client.HTTPException):
                connection.request("POST", "/api/v1/links", body, headers)
                self.statuses.add(connection.getresponse().status)
            connection.close()


@contextmanager
def write_lock(file: Path) -> Iterator[None]:
    """Another program that writes into the record store and does not finish."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_redirects_pass_by_a_held_write_lock_and_all_who_wait_for_it(company: Company, torture: bool) -> None:
    process = company.process
    with Writers(process, 60) as writers:
        with write_lock(process.data / "routy.db"):
            time.sleep(30 if torture else 2)
            company.expect_redirects()
        until(lambda: 201 in writers.statuses, "writes to go on")
    assert writers.statuses <= {201, 503}
    until(lambda: not process.health()["problems"], "health to be green again", 90)
    company.expect_stored()


def test_the_load_goes_on_while_a_write_lock_is_held(company: Company) -> None:
    """Clicks are counted although nobody can write into the record store."""
    process = company.process
    with write_lock(process.data / "routy.db"):
        visitors = visiting(process, company.slugs)
        before = process.health()["books"]["stored"]
        until(lambda: process.health()["books"]["stored"] > before + 100, "clicks to be stored")
        visitors.stop()
        company.received.add(visitors)
    company.expect_stored()
