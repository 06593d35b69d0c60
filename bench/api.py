"""Server time of the API, from the front to the encoded answer: to make a link, and to list some of many."""

import time
from collections.abc import Callable
from statistics import median
from typing import Any

from bench.child import in_house
from bench.filling import fill
from bench.result import Options, Result
from tests.house import House

LINKS = 100_000
CALLS = 200

Times = dict[str, float]


def measure(options: Options) -> list[Result]:
    made, lists, search = in_house(_measure)
    listed = "; ".join(f"{name} {ms:.1f}" for name, ms in lists.items())
    return [
        Result("API: make a link", made, "ms", "< 3", f"the median of {CALLS}, committed to disk"),
        Result(
            "API: list 100 links", max(lists.values()), "ms", "< 15", f"the slowest median with {LINKS:,}: {listed}"
        ),
        Result("API: search 100 links", search, "ms", "", "a text in slug, title or destination: reads them all"),
    ]


def _measure(house: House) -> tuple[float, Times, float]:
    fill(house.records, LINKS)
    house.app.walk.table.load()
    made = _milliseconds(lambda number: house.link(None, f"https://shop.example/new/{number}"), CALLS)
    folder = house.call("GET", "/folders").data[3]["id"]
    tag = house.call("GET", "/tags").data[3]["id"]
    lists = {
        name: _milliseconds(_lister(house, query), CALLS // 4) for name, query in _queries(folder, tag).items()
    }
    search = _milliseconds(_lister(house, {"q": "product 777"}), CALLS // 4)
    return made, lists, search


def _queries(folder: str, tag: str) -> dict[str, dict[str, str]]:
    return {
        "active by title": {"status": "active", "sort": "title"},
        "paused, newest first": {"status": "paused", "sort": "-created_at"},
        "slug prefix by slug": {"slug[prefix]": "link-00", "sort": "-slug"},
        "one folder by title": {"folder_id": folder, "sort": "title"},
        "one tag, newest first": {"tag_ids": tag, "sort": "-created_at"},
        "one tag by title": {"tag_ids": tag, "sort": "title"},
        "destination contains": {"destination[contains]": "0099", "sort": "-created_at"},
    }


def _lister(house: House, query: dict[str, str]) -> Callable[[int], None]:
    def run(number: int) -> None:
        reply = house.call("GET", "/links", limit="100", **query)
        assert reply.status == 200, reply.body
        assert reply.data, query

    return run


def _milliseconds(run: Callable[[int], Any], times: int) -> float:
    """The median, after a first call that may read the file."""
    run(-1)
    taken = []
    for number in range(times):
        began = time.perf_counter()
        run(number)
        taken.append(time.perf_counter() - began)
    return median(taken) * 1000
