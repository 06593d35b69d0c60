"""What a redirect waits at 500 a second while reports on all clicks are made in a loop, an export runs and 500
connections do nothing, against what it waits when nobody else is there; the two take turns.
"""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from statistics import median

from bench.filling import SLUG
from bench.paced import Paced, paced
from bench.result import Options, Result
from bench.served import calling, path, served
from bench.visitors import connect
from tests.walks.process import Process

RATE = 500
ROUNDS = 3
SECONDS = 8
IDLE = 500
UNPAUSED = SLUG.replace("{:07d}", "{:06d}1")
WHOLE = {"from": "2025-11-01", "to": "2026-10-31", "metrics": "clicks,uniques", "timezone": "UTC"}
MONTH = {"created_at[gte]": "2026-09-01T00:00:00Z", "created_at[lt]": "2026-10-01T00:00:00Z"}


@dataclass
class Rounds:
    quiet: list[Paced] = field(default_factory=list)
    busy: list[Paced] = field(default_factory=list)
    reports: int = 0
    exports: int = 0


def measure(options: Options) -> Iterator[Result]:
    rounds = Rounds()
    with served(options) as process:
        url = f"{process.address}/{UNPAUSED}"
        paced(url, RATE, 2)
        for _ in range(ROUNDS):
            rounds.quiet.append(paced(url, RATE, SECONDS))
            with _company(process, rounds):
                rounds.busy.append(paced(url, RATE, SECONDS))
    yield from _results(rounds, options)


def _results(rounds: Rounds, options: Options) -> Iterator[Result]:
    quiet, busy = (median(each.p99 for each in side) for side in (rounds.quiet, rounds.busy))
    ratio = median(after.p99 / before.p99 for before, after in zip(rounds.quiet, rounds.busy, strict=True))
    worst = max(rounds.busy, key=lambda each: each.lag)
    how = (
        f"p99 {busy:.1f} ms (median {_middle(rounds.busy):.2f}) while {rounds.reports} reports on"
        f" {options.clicks / 1e6:g} M clicks and {rounds.exports} exports of a month were made and {IDLE}"
        f" connections idled; {quiet:.1f} ms ({_middle(rounds.quiet):.2f}) without; {ROUNDS} rounds of {SECONDS} s"
        f" in turn; {worst.said}"
    )
    yield Result(f"redirect p99 at {RATE}/s in company", ratio, "ratio", "≤ 2", how)


def _middle(rounds: list[Paced]) -> float:
    return median(each.p50 for each in rounds)


@contextmanager
def _company(process: Process, rounds: Rounds) -> Iterator[None]:
    reports = [path("reports", dimensions=name, **WHOLE) for name in ("country", "device", "day")]
    with (
        _idle(process.address),
        calling(process, reports) as reported,
        calling(process, [path("clicks", format="parquet", **MONTH)]) as exported,
    ):
        yield
        rounds.reports += reported()
        rounds.exports += exported()


@contextmanager
def _idle(address: str) -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        yield [stack.enter_context(connect(address)) for _ in range(IDLE)]
