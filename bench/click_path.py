"""What a click costs Routy itself, from the front to the line in the spool, and what loading it costs.

Figures are microseconds on this machine and, because machines differ, as a share of a fixed loop run just before
(the target: 20 µs where the loop takes 0.5 s).

    .venv/bin/python -m bench.click_path
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from routy.clicks import click, redirect, rules, visit
from routy.clicks.books import Books
from routy.clicks.enrich import ClickEnricher
from routy.clicks.loader import Loader
from routy.clicks.lookup import LinkTable
from routy.clicks.missing import MissingSlugs
from routy.clicks.redirect import Walk
from routy.clicks.salt import Salts
from routy.clicks.spool import Spool, to_line
from routy.clicks.streams import CLICKS
from routy.clicks.visit import Proxies
from routy.clock import system_clock
from routy.records import beginning, parse, write
from routy.resources.links import Link
from routy.store.duck import ClickStore
from routy.store.migrate import migrate
from routy.store.sqlite import Records

CLICKS_A_ROUND = 20_000
ROUNDS = 5
LOADED = 200_000
AGENT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1"
    " Mobile/15E148 Safari/604.{}"
)
ENVIRON = {
    "REQUEST_METHOD": "GET",
    "PATH_INFO": "/summer",
    "QUERY_STRING": "utm_source=letter&utm_medium=email",
    "HTTP_HOST": "go.example",
    "HTTP_USER_AGENT": AGENT.format(1),
    "HTTP_REFERER": "https://news.example/today",
    "HTTP_ACCEPT_LANGUAGE": "de-DE,de;q=0.9,en;q=0.8",
    "REMOTE_ADDR": "8.8.8.8",
}


@dataclass
class Bench:
    walk: Walk
    loader: Loader
    directory: Path


@contextmanager
def bench() -> Iterator[Bench]:
    """A click half with one link, in a temporary directory."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        records = Records(directory / "routy.db")
        migrate(records, system_clock())
        beginning.begin(records, "http://go.example", system_clock())
        actor = beginning.system_of(beginning.first_workspace(records) or "")
        with records.transaction(system_clock()) as tx:
            given = {"slug": "summer", "destination": "https://shop.example/summer?color=green"}
            write.create(tx, actor, Link, parse.creation(Link.fields, given))
        table, spool = LinkTable(records), Spool(CLICKS, directory / "spool" / "clicks", system_clock)
        table.load()
        spool.open()
        store = ClickStore(directory / "clicks")
        store.open()
        enrich = ClickEnricher(Salts(directory / "salts"), "truncated", directory / "spool")
        loader = Loader(store, [spool], directory / "spool", system_clock, {"clicks": enrich})
        yield Bench(
            Walk(system_clock, Proxies(()), table, spool, Books("bench"), MissingSlugs()), loader, directory
        )
        spool.close()
        store.close()
        records.close()


def fixed_loop() -> float:
    """Seconds of the loop that all figures are compared with, run as a script would."""
    began = time.perf_counter()
    exec("x = 0\nfor i in range(10**7): x += i", {})
    return time.perf_counter() - began


def microseconds(run: Callable[[], Any]) -> float:
    """The best of some rounds: what the code costs when nobody is in its way."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for _ in range(CLICKS_A_ROUND):
            run()
        best = min(best, time.perf_counter() - began)
    return best / CLICKS_A_ROUND * 1e6


def click_path(walk: Walk) -> dict[str, float]:
    """The whole walk, and its steps one by one."""
    asked = visit.read(ENVIRON, system_clock(), walk.proxies)
    domain, link = walk.table.find(asked.host, asked.slug)
    assert domain is not None
    assert link is not None
    choice = rules.choose(domain, link, asked)
    line = click.line("bench", asked, domain, link, choice)
    return {
        "answer": microseconds(lambda: redirect.answer(walk, ENVIRON, lambda status, headers: None)),
        "visit.read": microseconds(lambda: visit.read(ENVIRON, system_clock(), walk.proxies)),
        "lookup.find": microseconds(lambda: walk.table.find(asked.host, asked.slug)),
        "rules.choose": microseconds(lambda: rules.choose(domain, link, asked)),
        "click.line": microseconds(lambda: click.line("bench", asked, domain, link, choice)),
        "spool.to_line": microseconds(lambda: to_line(line)),
        "spool.append": microseconds(lambda: walk.spool.append(line)),
    }


def loading(made: Bench) -> dict[str, float]:
    """Rows a second, enrichment included, over mixed addresses and agents; and the bytes that a click takes."""
    made.walk.spool.seal_once()
    while made.loader.load_once():
        pass
    before = made.loader.store.figures()
    for number in range(LOADED):
        environ = {
            **ENVIRON,
            "REMOTE_ADDR": f"{number % 199 + 1}.{number * 7919 % 251}.{number * 104_729 % 253}.9",
            "HTTP_USER_AGENT": AGENT.format(number % 900),
            "QUERY_STRING": f"utm_source=letter&utm_medium=email&sub1={number % 5000}",
        }
        redirect.answer(made.walk, environ, lambda status, headers: None)
    time.sleep(1.0)
    made.walk.spool.seal_once()
    began = time.perf_counter()
    while made.loader.load_once():
        pass
    took = time.perf_counter() - began
    after = made.loader.store.figures()
    rows = after["rows"]["clicks"] - before["rows"]["clicks"]
    return {"rows/s": rows / took, "bytes/click": after["bytes"] / after["rows"]["clicks"]}


def main() -> None:
    loop = fixed_loop()
    print(f"fixed loop      {loop:8.3f} s")
    with bench() as made:
        for name, cost in click_path(made.walk).items():
            print(f"{name:15} {cost:8.2f} µs  {cost / loop * 0.5:8.2f} µs at a loop of 0.5 s")
        for name, figure in loading(made).items():
            print(f"{name:15} {figure:8.0f}")


if __name__ == "__main__":
    main()
