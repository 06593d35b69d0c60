"""Clicks that a `kill -9` costs: each visit carries a number of its own, so that a lost click and a doubled one
cannot hide each other. What a visitor received must be a row, once; a visit that broke off may be one.
"""

import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from socket import socket
from tempfile import TemporaryDirectory
from threading import Event, Thread

from bench.result import Options, Result
from bench.visitors import connect, expect_redirect, request
from routy.store.duck import ClickStore
from tests.walks.process import Process, until_loaded

CONNECTIONS = 16
SHORTEST, LONGEST = 0.5, 2.0  # seconds of load before a kill
CLICKS = "/* bench.kills */ SELECT sub1, count(*) AS clicks FROM clicks GROUP BY sub1"


@dataclass
class Numbered:
    """Visitors who number their visits, over connections that may break."""

    received: set[int] = field(default_factory=set)
    broken: set[int] = field(default_factory=set)
    seconds: float = 0.0
    _next: int = 0

    def visit(self, address: str, slug: str, done: Event) -> None:
        """Until the server is gone."""
        began = time.monotonic()
        connections = [connect(address) for _ in range(CONNECTIONS)]
        while not done.is_set() and connections:
            under_way = [(each, self._ask(each, address, slug)) for each in connections]
            connections = [each for each, number in under_way if self._hear(each, number)]
        self.seconds += time.monotonic() - began

    def _ask(self, connection: socket, address: str, slug: str) -> int:
        self._next += 1
        with suppress(OSError):  # to hear an answer fails too
            connection.sendall(request("go.example", f"/{slug}?sub1={self._next}"))
        return self._next

    def _hear(self, connection: socket, number: int) -> bool:
        try:
            expect_redirect(connection)
        except (OSError, AssertionError):
            connection.close()
            self.broken.add(number)
            return False
        self.received.add(number)
        return True


def measure(options: Options) -> Iterator[Result]:
    for engine in ("waitress", "granian"):
        with TemporaryDirectory() as directory:
            process = Process(Path(directory), engine)
            try:
                yield _measure(process, options.kills)
            finally:
                process.close()


def _measure(process: Process, kills: int) -> Result:
    process.begin()
    slug, visitors = process.make_links(1)[0], Numbered()
    for number in range(kills):
        _round(process, slug, visitors, number)
    until_loaded(process)
    assert process.stop() == 0, process.log()
    lost, doubled, strange = _compare(process.data, visitors)
    rate = len(visitors.received) / visitors.seconds
    how = (
        f"{kills} × kill -9 at {rate:,.0f} redirects/s: {len(visitors.received):,} received, {lost} lost, {doubled}"
        f" doubled, {strange} that nobody made; {len(visitors.broken)} broke off"
    )
    return Result(f"lost or doubled, {process.engine}", lost + doubled + strange, "clicks", "= 0", how)


def _round(process: Process, slug: str, visitors: Numbered, number: int) -> None:
    """With granian, supervisor and worker are killed in turn; a worker's visitors may go on at the next one."""
    done = Event()
    thread = Thread(target=visitors.visit, args=(process.address, slug, done))
    thread.start()
    time.sleep(random.uniform(SHORTEST, LONGEST))
    if process.engine == "granian" and number % 2:
        process.kill_worker()
        done.set()
        thread.join()
    else:
        process.kill()
        thread.join()
        process.start()


def _compare(data: Path, visitors: Numbered) -> tuple[int, int, int]:
    """Lost, doubled, and clicks that no visitor made."""
    store = ClickStore(data / "clicks")
    store.open()
    with store.reading() as reader:
        found = Counter({int(row["sub1"]): row["clicks"] for row in reader.rows(CLICKS)})
    store.close()
    doubled = sum(clicks - 1 for clicks in found.values())
    return len(visitors.received - found.keys()), doubled, len(found.keys() - visitors.received - visitors.broken)
