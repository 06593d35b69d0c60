"""Webhook deliveries a second to a receiver in another process, while visitors come by the clock: events that wait
already are sent, each by a signed POST whose try is kept.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.paced import SLUGS, begin, finish
from bench.result import Options, Result
from tests.deliveries.crowd import count, crowd
from tests.walks.process import Process, until

EVENTS, RECEIVERS = 3_000, 4
VISITS = 300.0  # a second
SETTINGS = {"outbound.allowed_networks": "127.0.0.0/8"}
LONGEST = 20.0


def measure(options: Options) -> Iterator[Result]:
    with TemporaryDirectory() as directory, crowd(RECEIVERS) as receivers:
        process = Process(Path(directory), settings=SETTINGS)
        try:
            process.begin()
            _make_events(process)
            yield from _measure(process, receivers, min(LONGEST, options.seconds * 5))
        finally:
            process.close()


def _measure(process: Process, receivers: list[str], seconds: float) -> Iterator[Result]:
    quiet = finish(begin(f"{process.address}/load-{{}}", VISITS, seconds / 2))
    for receiver in receivers:
        hook = process.call("POST", "/webhooks", {"url": f"{receiver}/ok", "events": ["link.created"]})
        process.call("POST", f"/webhooks/{hook['id']}/replays", {"since": "2020-01-01T00:00:00Z"})
    until(lambda: _came(receivers) > 0, "the first delivery")
    visitors = begin(f"{process.address}/load-{{}}", VISITS, seconds)
    before, began = _came(receivers), time.monotonic()
    time.sleep(seconds)
    came, taken = _came(receivers) - before, time.monotonic() - began
    busy = finish(visitors)
    left = EVENTS * RECEIVERS - _came(receivers)
    how = (
        f"{came:,} in {taken:.0f} s to {RECEIVERS} receivers in one other process, beside {VISITS:.0f} redirects/s"
        + ("" if left else "; all were through before the end, so it is more")
    )
    yield Result("deliveries", came / taken, "1/s", "≥ 200", how)
    how = f"{busy.sent:,} redirects, p50 {busy.p50:.2f} ms; without deliveries p99 {quiet.p99:.2f} ms; {busy.said}"
    yield Result("redirect p99 beside deliveries", busy.p99, "ms", "< 20", how)


def _make_events(process: Process) -> None:
    process.make_links(SLUGS)
    for number in range(EVENTS // 500):
        items = [{"destination": f"https://shop.example/{number}/{n}"} for n in range(500)]
        process.call("POST", "/links/batch", {"items": items})


def _came(receivers: list[str]) -> int:
    return sum(count(receiver) for receiver in receivers)
