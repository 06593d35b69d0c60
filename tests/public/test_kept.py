"""Figures are made once for everybody, and never older than some seconds once the clicks have moved on."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from routy.clock import SECOND
from routy.errors import Unavailable
from routy.public.kept import FRESH, Kept
from tests.public.fair import SUMMER_CLICKS, Fair

VIEWERS = 1000


@pytest.fixture
def clock() -> list[int]:
    return [1_000_000]


@pytest.fixture
def kept(clock: list[int]) -> Kept[str]:
    return Kept(lambda: clock[0], most=3)


def test_a_thousand_viewers_cost_one_query(fair: Fair) -> None:
    share = fair.share(dimensions=["time", "country"], ranges=["7d"])
    made = fair.house.app.kept.made
    paths = [
        share["path"],
        f"{share['path']}.json",
        f"{share['path']}.csv",
        share["embed_path"],
        share["badge_path"],
    ]
    with ThreadPoolExecutor(32) as pool:
        replies = list(pool.map(lambda n: fair.house.ask("GET", paths[n % 5], f"utm_x={n}"), range(VIEWERS)))
    assert {reply.status for reply in replies} == {200}
    assert fair.house.app.kept.made == made + 1


def test_a_viewers_own_range_is_another_query_and_no_more(fair: Fair) -> None:
    share = fair.share(ranges=["7d"])
    made = fair.house.app.kept.made
    for query in ("", "range=30d", "range=7d", "range=7d&theme=dark", "theme=light"):
        fair.look(share, query)
    assert fair.house.app.kept.made == made + 2


def test_new_clicks_show_after_some_seconds(fair: Fair) -> None:
    share = fair.share(dimensions=["time"])
    made = fair.house.app.kept.made
    before = fair.look(share)["totals"]["clicks"]
    fair.click("/summer", 99)
    fair.house.load()
    assert fair.look(share)["totals"]["clicks"] == before, "fresh enough"
    fair.house.now += FRESH
    assert fair.look(share)["totals"]["clicks"] == before + 1 > SUMMER_CLICKS
    assert fair.house.app.kept.made == made + 2


def test_what_has_not_moved_is_not_asked_again(fair: Fair) -> None:
    share = fair.share(range="yesterday")
    made = fair.house.app.kept.made
    for _ in range(5):
        fair.look(share)
        fair.house.now += FRESH
    assert fair.house.app.kept.made == made + 1


def test_a_link_that_gets_the_tag_is_counted_in(fair: Fair) -> None:
    share = fair.share(fair.tag)
    before = fair.look(share)["totals"]["clicks"]
    fair.house.call("PATCH", f"/links/{fair.winter['id']}", {"tag_ids": [fair.tag["id"]]})
    fair.house.now += FRESH
    assert fair.look(share)["totals"]["clicks"] > before
    fair.house.call("PATCH", f"/links/{fair.winter['id']}", {"tag_ids": []})
    fair.house.now += FRESH
    assert fair.look(share)["totals"]["clicks"] == before


# ---- the shelf itself


def test_who_comes_while_it_is_made_waits_for_the_same(kept: Kept[str]) -> None:
    begun, go = threading.Event(), threading.Event()

    def make() -> str:
        begun.set()
        go.wait(10)
        return "made"

    with ThreadPoolExecutor(5) as pool:
        first = pool.submit(kept.get, "key", lambda: "", make)
        begun.wait(10)
        others = [pool.submit(kept.get, "key", lambda: "", lambda: "another") for _ in range(4)]
        go.set()
        assert [first.result(10), *(one.result(10) for one in others)] == ["made"] * 5
    assert kept.made == 1


def test_what_is_being_renewed_is_shown_as_it_was_meanwhile(kept: Kept[str], clock: list[int]) -> None:
    kept.get("key", lambda: "1", lambda: "old")
    clock[0] += FRESH
    during: list[str] = []

    def make() -> str:
        during.append(kept.get("key", lambda: "2", lambda: "never"))
        return "new"

    assert kept.get("key", lambda: "2", make) == "new"
    assert during == ["old"]


def test_who_waits_for_a_failure_fails_too_and_the_next_tries_again(kept: Kept[str]) -> None:
    def fail() -> str:
        raise Unavailable("busy", retry_after=1)

    for _ in range(2):
        with pytest.raises(Unavailable):
            kept.get("key", lambda: "", fail)
    assert kept.get("key", lambda: "", lambda: "made") == "made"


def test_it_is_made_again_only_when_its_state_has_moved(kept: Kept[str], clock: list[int]) -> None:
    answers: list[Callable[[], str]] = [lambda: "a", lambda: "b", lambda: "c"]
    found = []
    for state, make in zip(("1", "1", "2"), answers, strict=True):
        found.append(kept.get("key", lambda state=state: state, make))  # type: ignore[misc]
        clock[0] += FRESH
    assert found == ["a", "a", "c"]


def test_a_clock_that_goes_back_keeps_nothing_for_ever(kept: Kept[str], clock: list[int]) -> None:
    kept.get("key", lambda: "1", lambda: "old")
    clock[0] -= 100 * SECOND
    assert kept.get("key", lambda: "2", lambda: "new") == "new"


def test_what_nobody_asks_for_goes_first(kept: Kept[str]) -> None:
    for key in ("a", "b", "c", "a", "d"):
        kept.get(key, lambda: "", lambda key=key: key)  # type: ignore[misc]
    made = kept.made
    for key in ("a", "c", "d"):
        kept.get(key, lambda: "", lambda: "again")
    assert kept.made == made == 4
