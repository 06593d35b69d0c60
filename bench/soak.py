"""Whether a server grows: its memory over minutes of redirects, reports and lists, against that when warm."""

import time
from collections.abc import Iterator
from statistics import median

from bench.company import UNPAUSED, WHOLE
from bench.memory import MIB, bytes_told
from bench.paced import begin, finish
from bench.result import Options, Result
from bench.served import calling, path, served
from tests.walks.process import Process

RATE = 300
EVERY = 0.5  # seconds from look to look
CALLS = [
    path("reports", dimensions="country", **WHOLE),
    path("links", limit="100", sort="-created_at"),
    path("reports", dimensions="day", metrics="clicks"),
    path("clicks", limit="100"),
]


def measure(options: Options) -> Iterator[Result]:
    with served(options) as process:
        seen, said = _watch(process, options.soak * 60)
    fifth = max(1, len(seen) // 5)
    warm, end = (median(part) for part in (seen[fifth : 2 * fifth], seen[-fifth:]))
    how = (
        f"resident memory {warm:.0f} MB in the second fifth, {end:.0f} MB in the last, {max(seen):.0f} at most, of"
        f" {options.soak:g} minutes with {RATE} redirects a second, and reports on {options.clicks / 1e6:g} M"
        f" clicks and lists without a pause; {said}"
    )
    yield Result("memory over a soak", end / warm, "ratio", "≤ 1.1", how)


def _watch(process: Process, seconds: float) -> tuple[list[float], str]:
    seen = []
    with calling(process, CALLS):
        visitors = begin(f"{process.address}/{UNPAUSED}", RATE, seconds)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(EVERY)
            seen.append(bytes_told("status", "VmRSS", process.worker) / MIB)
        found = finish(visitors)
    return seen, f"redirects took {found.p50:.2f} ms, p99 {found.p99:.1f}"
