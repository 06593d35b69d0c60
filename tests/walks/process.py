"""The real server in a process of its own, and visitors who load it: for tests that stop it and kill it."""

import http.client
import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode, urlsplit

from routy.holding import holder, is_held
from tests.clicks.yard import FIREFOX, GOOGLEBOT, IPHONE, SLACK

ROUTY = (sys.executable, "-m", "routy.cli")
CHECKOUT = Path(__file__).parents[2]
PATIENCE = 30.0
THREADS = 8
ENGINES = ("waitress", "granian")
# The visitors of these tests are few, and come often: that alone must not make them a program.
UNJUDGED = {"clicks.duplicate_seconds": "0", "clicks.most_per_minute": "0"}


class Process:
    """`python -m routy.cli serve` on one data directory, as often as it is started.

    `settings` are of the form `{"clicks.sync_ms": "10"}`. With granian, the process is the supervisor."""

    def __init__(
        self,
        directory: Path,
        engine: str = "waitress",
        settings: Mapping[str, str] = MappingProxyType({}),
        command: Sequence[str] = ROUTY,
    ) -> None:
        self.data, self.token, self.address = directory / "data", "", ""
        self.engine, self._command = engine, command
        given = {"server.engine": engine, **UNJUDGED, **settings}
        ours = {f"ROUTY_{name.upper().replace('.', '_')}": text for name, text in given.items()}
        self._environ = {name: text for name, text in os.environ.items() if not name.startswith("ROUTY_")} | ours
        self._log = directory / "log"  # one a start, so that what a killed server said is still there
        self._starts = 0
        self._popen: subprocess.Popen[bytes] | None = None

    # ---- life and death

    def start(self, *more: str, seconds: float = PATIENCE) -> None:
        """Start it and wait until it says where it listens."""
        self._starts += 1
        self._log = self._log.with_name(f"log.{self._starts}")
        with self._log.open("wb") as log:
            arguments = (*self._command, "serve", "--data", str(self.data), "--port", "0", *more)
            self._popen = subprocess.Popen(arguments, cwd=CHECKOUT, stdout=log, stderr=log, env=self._environ)
        self.address = until(self._told_address, f"the server to say where it listens: {self.log()}", seconds)

    def kill(self) -> None:
        """SIGKILL: nothing of it gets to say goodbye. The worker of a supervisor dies with it."""
        self._end(signal.SIGKILL)
        until(lambda: not is_held(self.data), "the data directory to be free")

    def kill_worker(self) -> None:
        """SIGKILL for the process that does the work, and a while until another one does it."""
        before = self.log().count("serves on")
        os.kill(self.worker, signal.SIGKILL)
        until(lambda: self.log().count("serves on") > before, f"another worker: {self.log()}")

    @property
    def worker(self) -> int:
        """The process that holds the data directory."""
        return int(holder(self.data)["pid"])

    def stop(self, seconds: float = PATIENCE) -> int:
        """SIGTERM; its exit status."""
        return self._end(signal.SIGTERM, seconds)

    def close(self) -> None:
        """At the end of a test, whatever has become of it."""
        if self._popen is not None and self._popen.poll() is None:
            self.kill()

    def log(self) -> str:
        return self._log.read_text()

    def _end(self, number: signal.Signals, seconds: float = PATIENCE) -> int:
        assert self._popen is not None
        self._popen.send_signal(number)
        return self._popen.wait(seconds)

    def _told_address(self) -> str:
        assert self._popen is not None
        assert self._popen.poll() is None, self.log()
        told = re.search(r"serves on (http://\S+),", self.log())
        return told[1] if told else ""

    # ---- the command line and the API

    def command(self, *arguments: str) -> str:
        """Run a command on its data directory; what it prints."""
        done = subprocess.run(
            (*ROUTY, *arguments, "--data", str(self.data)),
            cwd=CHECKOUT,
            env=self._environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout.strip()

    def begin(self) -> None:
        """The first start, the owner, and a token without a rate limit, for the API below."""
        self.start()
        self.command("user", "create", "--email", "owner@acme.example", "--name", "Owner")
        self.token = self.command("token", "create", "--name", "load", "--scopes", "full", "--rate", "0")

    def call(
        self, method: str, path: str, body: Any = None, fine: Sequence[int] = range(200, 300), **query: str
    ) -> Any:
        """The `data` of an answer of the API."""
        return self.whole(method, path, body, fine, **query)["data"]

    def whole(
        self, method: str, path: str, body: Any = None, fine: Sequence[int] = range(200, 300), **query: str
    ) -> Any:
        """The same with all that stands around it."""
        connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=PATIENCE)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        target = f"/api/v1{path}" + (f"?{urlencode(query)}" if query else "")
        connection.request(method, target, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        text = response.read()
        connection.close()
        assert response.status in fine, text
        return json.loads(text) if text else {"data": None}

    def visit(self, slug: str) -> None:
        """As somebody with a browser does."""
        connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=PATIENCE)
        assert _visit(connection, slug, KINDS[0]) == 302
        connection.close()

    def make_links(self, count: int) -> list[str]:
        """So many links by one batch call; their slugs."""
        items = [{"slug": f"load-{n}", "destination": f"https://shop.example/{n}"} for n in range(count)]
        results = self.call("POST", "/links/batch", {"items": items})
        assert [result["status"] for result in results] == [201] * count
        return [result["data"]["slug"] for result in results]

    def health(self) -> Any:
        """The inside of the server, and its `problems`."""
        found = self.call("GET", "/health", fine=(200, 503))
        return {**found["inside"], "problems": found["problems"]}

    def clicks_by_class(self) -> Counter[str]:
        """What the report says, of every class."""
        asked = {"metrics": "clicks", "class": "any", "dimensions": "class"}
        found = self.call("GET", "/reports", **asked)
        by_class = Counter({row["class"]: row["clicks"] for row in found["rows"]})
        assert by_class.total() == found["totals"]["clicks"]
        return by_class


def until(ask: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    """Ask until the answer is true; the answer."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := ask():
            return found
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds} s for {what}")


# ---- visitors


@dataclass(frozen=True)
class Kind:
    """A visitor, and the class that their visits must be counted in."""

    click_class: str
    weight: int
    headers: dict[str, str]
    method: str = "GET"


KINDS = (
    Kind("human", 40, {"User-Agent": FIREFOX, "Referer": "https://news.example/today"}),
    Kind("human", 20, {"User-Agent": IPHONE, "Accept-Language": "de-DE,de;q=0.9"}),
    Kind("bot", 10, {"User-Agent": GOOGLEBOT}),
    Kind("bot", 3, {}),
    Kind("preview", 7, {"User-Agent": SLACK}),
    Kind("prefetch", 5, {"User-Agent": FIREFOX, "Sec-Purpose": "prefetch;prerender"}),
    Kind("prefetch", 5, {"User-Agent": IPHONE, "Purpose": "prefetch"}),
    Kind("head", 10, {"User-Agent": FIREFOX}, "HEAD"),
)
WEIGHTS = [kind.weight for kind in KINDS]


@dataclass
class Visitors:
    """Threads that visit links, each so often, over one kept-alive connection and only until that breaks.

    `received` counts the 302s by the class that each must have; `broken` the visits whose answer did not come,
    which may or may not have been kept; `strange` every other status."""

    address: str
    slugs: Sequence[str]
    each: int = sys.maxsize
    received: Counter[str] = field(default_factory=Counter)
    strange: Counter[int] = field(default_factory=Counter)
    broken: int = 0
    slowest: float = 0.0
    _threads: list[threading.Thread] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        self._threads = [threading.Thread(target=self._go) for _ in range(THREADS)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let them finish the visit that they are at."""
        self.each = 0

    def join(self) -> None:
        for thread in self._threads:
            thread.join(PATIENCE)
            assert not thread.is_alive()

    def _go(self) -> None:
        connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=PATIENCE)
        chance = random.Random()
        try:
            for number in count():
                if number >= self.each:
                    return
                kind = chance.choices(KINDS, WEIGHTS)[0]
                began = time.monotonic()
                self._count(kind, _visit(connection, chance.choice(self.slugs), kind), time.monotonic() - began)
        except (OSError, http.client.HTTPException):
            with self._lock:
                self.broken += 1
        finally:
            connection.close()

    def _count(self, kind: Kind, status: int, seconds: float) -> None:
        with self._lock:
            self.slowest = max(self.slowest, seconds)
            if status == 302:
                self.received[kind.click_class] += 1
            else:
                self.strange[status] += 1


def _visit(connection: http.client.HTTPConnection, slug: str, kind: Kind) -> int:
    connection.request(kind.method, f"/{slug}", headers=kind.headers)
    response = connection.getresponse()
    response.read()
    return response.status


# ---- what was received is what is stored


class Received:
    """What visitors saw in all rounds together."""

    def __init__(self) -> None:
        self.redirects = self.broken = 0

    def add(self, visitors: Visitors) -> None:
        visitors.join()
        assert not visitors.strange, visitors.strange
        assert visitors.received
        self.redirects += visitors.received.total()
        self.broken += visitors.broken


def visiting(process: Process, slugs: Sequence[str]) -> Visitors:
    """Visitors who have begun."""
    visitors = Visitors(process.address, slugs)
    visitors.start()
    until(lambda: visitors.received.total() > 100, "the first redirects")
    return visitors


def until_loaded(process: Process) -> Any:
    """The health of a server that has stored all that it and those before it have answered."""

    def loaded() -> Any:
        health = process.health()
        rests = health["spool"]["waiting"]["clicks"] or health["books"]["spooled"] or not health["books"]["holds"]
        return None if rests else health

    return until(loaded, "the spool to be loaded")


def expect_stored(process: Process, received: Received) -> int:
    """Each redirect that a visitor received is a row, once; a visit that broke off may be one. The rows."""
    until_loaded(process)
    stored = process.clicks_by_class().total()
    assert received.redirects <= stored <= received.redirects + received.broken
    return stored


def expect_all_stored(process: Process, received: Received) -> None:
    """The same, and that ledgers, rows and roll-ups say so too. Ends the server."""
    stored = expect_stored(process, received)
    assert process.stop() == 0, process.log()
    found = json.loads(process.command("verify"))
    assert (found["ok"], found["problems"], found["spooled"]["clicks"]) == (True, [], 0)
    assert sum(month["rows"] for month in found["months"] if month["stream"] == "clicks") == stored
