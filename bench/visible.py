"""Seconds from a redirect to the report that shows it, on a quiet server and under load."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.result import Options, Result
from bench.visitors import ask, connect, rate, request
from tests.walks.process import Process, until

VISITS = 6


def measure(options: Options) -> list[Result]:
    with TemporaryDirectory() as directory:
        process = Process(Path(directory))
        try:
            process.begin()
            return list(_results(process))
        finally:
            process.close()


def _results(process: Process) -> Iterator[Result]:
    slugs = iter(process.make_links(3 * VISITS))
    _seconds(process, next(slugs))
    quiet = [_seconds(process, next(slugs)) for _ in range(VISITS)]
    yield Result("click in a report", max(quiet), "s", "≤ 2", f"the longest of {VISITS} on a quiet server")
    with _loaded(process, next(slugs)) as rates:
        busy = [_seconds(process, next(slugs)) for _ in range(VISITS)]
    how = f"the longest of {VISITS} while visitors get {rates[0]:,.0f} redirects a second"
    yield Result("click in a report, under load", max(busy), "s", "≤ 2", how)


def _seconds(process: Process, slug: str) -> float:
    """At any moment of a segment's life."""
    time.sleep(random.random())
    with connect(process.address) as connection:
        ask(connection, request("go.example", f"/{slug}"))
    began = time.perf_counter()
    until(lambda: _clicks(process, slug), f"the click on {slug}")
    return time.perf_counter() - began


def _clicks(process: Process, slug: str) -> int:
    rows = process.call("GET", "/reports", metrics="clicks", dimensions="link", limit="100")["rows"]
    return sum(row["clicks"] for row in rows if row["slug"] == slug)


@contextmanager
def _loaded(process: Process, slug: str) -> Iterator[list[float]]:
    """Visitors without a pause, while the block runs; their rate, afterwards."""
    rates: list[float] = []
    thread = threading.Thread(
        target=lambda: rates.append(rate(f"{process.address}/{slug}", 2.5 * VISITS).redirects)
    )
    thread.start()
    time.sleep(1)
    yield rates
    thread.join()
