"""Visitors who come by the clock, so many a second, whether those before them have their answer or not.

`python -m bench.paced URL RATE SECONDS` prints how long answers took, and what this program itself needed: it is
not the bottleneck where it sends in time and has most of a core to spare. It runs above others where that is
allowed, as real visitors have machines of their own.
"""

import gc
import json
import os
import selectors
import socket
import subprocess
import sys
import time
from collections import deque
from dataclasses import dataclass
from itertools import count
from urllib.parse import urlsplit

from bench.visitors import CHECKOUT, connect, request

SLUGS = 150
MOST = 1_000  # connections
ABOVE = -10  # how nice


@dataclass(frozen=True)
class Paced:
    """Milliseconds from a request's last byte to its answer's; `lag` is how late requests went out, `busy` the
    share of a core that sending took, `above` whether it ran before others."""

    sent: int
    p50: float
    p99: float
    slowest: float
    lag: float
    busy: float
    above: bool

    @property
    def said(self) -> str:
        rank = "before all others" if self.above else "as one of many"
        return f"the generator, {rank}, took {self.busy:.0%} of a core and sent {self.lag:.1f} ms late (p99)"


def paced(url: str, rate: float, seconds: float) -> Paced:
    """In a process of its own. `url` may hold `{}` for a number."""
    return finish(begin(url, rate, seconds))


def begin(url: str, rate: float, seconds: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bench.paced", url, str(rate), str(seconds)]
    return subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)


def finish(child: subprocess.Popen[str]) -> Paced:
    out, _ = child.communicate()
    assert child.returncode == 0, "visitors broke off"
    return Paced(**json.loads(out))


class Visitors:
    """Connections that wait for answers, and those that are free."""

    def __init__(self, url: str, rate: float, seconds: float) -> None:
        self.url, self.rate, self.whole = url, rate, round(rate * seconds)
        parts = urlsplit(url)
        self.asked = [request(parts.netloc, parts.path.format(number)) for number in range(SLUGS)]
        self.selector = selectors.DefaultSelector()
        self.free = deque(self._connect() for _ in range(32))
        self.opened = len(self.free)
        self.began: dict[socket.socket, float] = {}
        self.times: list[float] = []
        self.lags: list[float] = []

    def run(self) -> None:
        start = time.perf_counter()
        for number in count():
            due = start + number / self.rate
            self._hear_until(due if number < self.whole else due + 10, number >= self.whole)
            if number >= self.whole:
                return
            self._send(number, due)

    def _send(self, number: int, due: float) -> None:
        if not self.free:
            assert self.opened < MOST, "nobody answers"
            self.free.append(self._connect())
            self.opened += 1
        connection = self.free.popleft()
        connection.sendall(self.asked[number * 7 % SLUGS])
        self.began[connection] = now = time.perf_counter()
        self.lags.append(now - due)

    def _hear_until(self, due: float, to_the_end: bool) -> None:
        while (left := due - time.perf_counter()) > 0 and (self.began or not to_the_end):
            for key, _ in self.selector.select(left):
                self._hear(key.fileobj)  # type: ignore[arg-type]

    def _hear(self, connection: socket.socket) -> None:
        answer = connection.recv(65536)
        now = time.perf_counter()
        assert answer.startswith(b"HTTP/1.1 302"), answer
        assert answer.endswith(b"\r\n\r\n"), answer
        self.times.append(now - self.began.pop(connection))
        self.free.append(connection)

    def _connect(self) -> socket.socket:
        connection = connect(self.url)
        self.selector.register(connection, selectors.EVENT_READ)
        return connection


def at(times: list[float], share: float) -> float:
    """Milliseconds."""
    return sorted(times)[min(len(times) - 1, int(len(times) * share))] * 1000


def main(url: str, rate: float, seconds: float) -> None:
    above = _go_above()
    visitors = Visitors(url, rate, seconds)
    gc.disable()
    clock, spent = time.perf_counter(), time.process_time()
    visitors.run()
    busy = (time.process_time() - spent) / (time.perf_counter() - clock)
    assert not visitors.began, "some never got an answer"
    times = visitors.times
    found = Paced(
        len(times), at(times, 0.5), at(times, 0.99), max(times) * 1000, at(visitors.lags, 0.99), busy, above
    )
    print(json.dumps(found.__dict__))


def _go_above() -> bool:
    try:
        os.nice(ABOVE)
    except PermissionError:
        return False
    return True


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]))
