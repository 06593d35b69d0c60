"""A server on a copy of the directory with many clicks, and callers of its API who do not pause."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode, urlsplit

from bench.clicks_of import directory_of
from bench.result import Options
from routy.clock import system_clock
from routy.store.duck import ClickStore
from tests.walks.process import Process, until

CALM = 3.0  # seconds without work in the background


@contextmanager
def served(options: Options, engine: str = "waitress") -> Iterator[Process]:
    """With an owner's token, and nothing left to do in the background."""
    kept = directory_of(Path(options.cache), options.clicks)
    with TemporaryDirectory(dir=kept.parent) as directory:
        process = Process(Path(directory), engine)
        shutil.copytree(kept, process.data)
        _settle(process.data)
        try:
            process.begin()
            _wait_for_calm(process)
            yield process
        finally:
            process.close()


def _settle(data: Path) -> None:
    """Say of each month that it is sorted, as it is: the server would do it again."""
    store = ClickStore(data / "clicks")
    store.open()
    with store.writing() as writer:
        for month in store.months:
            with writer.transaction(month.name):
                writer.run("INSERT INTO sorted VALUES (0, make_timestamp_ms(?::BIGINT))", [system_clock()])
    store.close()


def _wait_for_calm(process: Process) -> None:
    def spent() -> float:
        text = Path(f"/proc/{process.worker}/stat").read_text().rpartition(")")[2].split()
        return int(text[11]) + int(text[12])

    def calm() -> bool:
        before = spent()
        time.sleep(CALM)
        return spent() - before < 10 * CALM  # a tenth of a core

    until(calm, "the server to have nothing to do", 120)


@contextmanager
def calling(process: Process, paths: list[str]) -> Iterator[Callable[[], int]]:
    """One caller who asks for these in turn, again and again; how many answers have come."""
    done, answers = threading.Event(), [0]

    def go() -> None:
        while not done.is_set():
            _read(process, paths[answers[0] % len(paths)])
            answers[0] += 1

    with ThreadPoolExecutor(1) as pool:
        going = pool.submit(go)
        try:
            yield lambda: answers[0]
        finally:
            done.set()
        going.result(120)


def path(name: str, **query: str) -> str:
    return f"/api/v1/{name}?{urlencode(query)}"


def _read(process: Process, target: str) -> None:
    """The answer is taken and thrown away."""
    connection = HTTPConnection(urlsplit(process.address).netloc, timeout=120)
    connection.request("GET", target, headers={"Authorization": f"Bearer {process.token}"})
    response = connection.getresponse()
    assert response.status == 200, response.read(500)
    while response.read(2**20):
        pass
    connection.close()
