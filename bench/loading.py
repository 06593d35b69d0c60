"""Clicks a second from sealed segments to rows: mixed addresses, agents and queries, enrichment included."""

import time
from statistics import median

from bench.child import in_house
from bench.click_path import ENVIRON
from bench.machine import fixed_loop
from bench.result import Options, Result
from tests.house import House

CLICKS = 200_000
ROUNDS = 3
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:{0}.0) Gecko/20100101 Firefox/{0}.{1}"


def measure(options: Options) -> list[Result]:
    rates, size, loop = in_house(_measure)
    how = (
        f"the median of {ROUNDS} loads of {CLICKS:,} clicks, 900 agents, 50,000 addresses, nothing else going on;"
        f" the fixed loop took {loop:.2f} s"
    )
    return [
        Result("loading", median(rates) / 1000, "k/s", "≥ 40", how),
        Result("disk", size, "MB/M", "≤ 40", "megabytes that a million of these clicks take in their month file"),
    ]


def _measure(house: House) -> tuple[list[float], float, float]:
    house.link("summer", "https://shop.example/summer?color=green")
    rates = [_round(house, number) for number in range(ROUNDS)]
    figures = house.app.clicks.figures()
    return rates, figures["bytes"] / figures["rows"]["clicks"], fixed_loop()


def _round(house: House, round_: int) -> float:
    for number in range(round_ * CLICKS, (round_ + 1) * CLICKS):
        house.now += 3
        house.app.front(_environ(number), lambda status, headers: None)
    began = time.perf_counter()
    house.load()
    return CLICKS / (time.perf_counter() - began)


def _environ(number: int) -> dict[str, str]:
    return {
        **ENVIRON,
        "REMOTE_ADDR": f"{number % 199 + 1}.{number * 7919 % 251}.7.9",
        "HTTP_USER_AGENT": AGENT.format(number % 90 + 60, number * 31 % 10),
        "QUERY_STRING": f"utm_source=letter&utm_medium=email&sub1={number % 5000}",
    }
