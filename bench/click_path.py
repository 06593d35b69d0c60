"""What a click costs Routy itself: from the front to the line in the spool, step by step, without sockets.

Microseconds, as they would be on a machine where the fixed loop takes half a second.
"""

import time
from collections.abc import Callable
from typing import Any

from bench.child import in_house
from bench.machine import USUAL, fixed_loop
from bench.result import Options, Result
from routy.clicks import click, pages, rules, visit
from routy.clicks.spool import to_line
from routy.clock import system_clock
from tests.house import House

VISITS = 20_000
ROUNDS = 7
ENVIRON = {
    "REQUEST_METHOD": "GET",
    "PATH_INFO": "/summer",
    "QUERY_STRING": "utm_source=letter&utm_medium=email",
    "HTTP_HOST": "go.example",
    "HTTP_USER_AGENT": (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
        " Version/18.1 Mobile/15E148 Safari/604.1"
    ),
    "HTTP_REFERER": "https://news.example/today",
    "HTTP_ACCEPT_LANGUAGE": "de-DE,de;q=0.9,en;q=0.8",
    "REMOTE_ADDR": "73.8.8.8",
}

Step = Callable[[], Any]


def measure(options: Options) -> list[Result]:
    steps = in_house(_measure)
    whole = steps.pop("front")
    rest = ", ".join(f"{name} {cost:.1f}" for name, cost in steps.items())
    how = f"the best of {ROUNDS} rounds of {VISITS:,} visits where the fixed loop takes {USUAL} s; of that: {rest}"
    return [Result("own code of a click", whole, "µs", "≤ 20", how)]


def _measure(house: House) -> dict[str, float]:
    """The whole walk and its steps. Loop and steps take turns, so that both see the same machine."""
    house.link("summer", "https://shop.example/summer?color=green")
    steps = _steps(house)
    best = dict.fromkeys(steps, float("inf"))
    for _ in range(ROUNDS):
        loop = fixed_loop()
        for name, step in steps.items():
            best[name] = min(best[name], _microseconds(step) * USUAL / loop)
    return best


def _steps(house: House) -> dict[str, Step]:
    """`front` contains the others."""
    front, walk = house.app.front, house.app.walk
    asked = visit.read(ENVIRON, system_clock(), walk.proxies)
    domain, link = walk.table.find(asked.host, asked.slug)
    assert domain is not None
    assert link is not None
    click.begin(asked, link)
    choice = rules.choose(domain, link, asked)
    line = click.line("bench", asked, domain, link, choice)
    return {
        "front": lambda: front(ENVIRON, _ignore),
        "visit.read": lambda: visit.read(ENVIRON, system_clock(), walk.proxies),
        "table.find": lambda: walk.table.find(asked.host, asked.slug),
        "click.begin": lambda: click.begin(asked, link),
        "rules.choose": lambda: rules.choose(domain, link, asked),
        "click.line": lambda: click.line("bench", asked, domain, link, choice),
        "spool.to_line": lambda: to_line(line),
        "spool.append, with to_line": lambda: walk.spool.append(line),
        "pages.respond": lambda: pages.respond(choice, "GET", _ignore),
    }


def _ignore(status: str, headers: list[tuple[str, str]]) -> None:
    """A start_response."""


def _microseconds(step: Step) -> float:
    began = time.perf_counter()
    for _ in range(VISITS):
        step()
    return (time.perf_counter() - began) / VISITS * 1e6
