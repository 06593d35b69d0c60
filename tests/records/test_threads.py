"""Readers that walk while others write: what the contract says of cursors and feeds, under threads."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from routy.records import write
from routy.resources.links import Link
from routy.resources.tags import Tag
from tests.house import House
from tests.records.models import insert

OLD, CHANGES = 600, 2_000
WRITERS, EACH = 8, 60


def run_all(jobs: list[Callable[[], None]]) -> None:
    """Run side by side; what one of them raises is raised here."""
    failures: list[BaseException] = []

    def guarded(job: Callable[[], None]) -> None:
        try:
            job()
        except BaseException as error:  # noqa: BLE001 (raised again below)
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def walk(house: House, path: str, **query: str) -> list[Any]:
    seen: list[Any] = []
    while True:
        answer = house.call("GET", path, **query).json
        seen += answer["data"]
        assert len(seen) <= OLD + CHANGES, "it walks in circles"
        if not answer["pagination"]["has_more"]:
            return seen
        query["cursor"] = answer["pagination"]["next_cursor"]


@pytest.mark.parametrize("sort", ["-created_at,-id", "created_at,id"])
def test_walks_over_links_see_each_surviving_one_once_while_2000_change(house: House, sort: str) -> None:
    house.records.script("PRAGMA synchronous = OFF")  # it is not the disk that is tested here
    old = add_links(house, OLD)
    doomed, walks, stop = old[::3], [], threading.Event()

    def change() -> None:
        for n in range(CHANGES // 2):
            with house.records.transaction(house.now) as tx:
                if n < len(doomed):
                    write.delete(tx, house.owner.actor, Link, doomed[n])
            house.now += n % 2
            insert(house, Link, {"destination": "https://new.example/"})
        stop.set()

    def look() -> None:
        while not walks or not stop.is_set():
            walks.append([row["id"] for row in walk(house, "/links", limit="37", sort=sort)])

    run_all([change, look])
    survivors = set(old) - set(doomed)
    assert len(walks) > 1
    for seen in walks:
        assert len(seen) == len(set(seen)), "one was seen twice"
        assert survivors <= set(seen), "one was not seen"


def add_links(house: House, count: int) -> list[str]:
    items = [{"destination": f"https://old{n}.example/"} for n in range(count)]
    return [result["data"]["id"] for result in house.call("POST", "/links/batch", {"items": items}).data]


def test_a_follower_of_the_feed_misses_nothing_under_8_writers(house: House) -> None:
    house.records.script("PRAGMA synchronous = OFF")
    begin, done = house.last_seq(), threading.Event()
    made: list[list[str]] = [[] for _ in range(WRITERS)]
    left = threading.Semaphore(0)
    followed: list[list[Any]] = [[], []]

    def make(number: int) -> None:
        for n in range(EACH):
            body = {"name": f"tag {number} {n}"}
            if n % 10 == 9:
                house.call("POST", "/tags", {"name": ""})  # refused: it must leave no hole that stops a follower
            made[number].append(house.call("POST", "/tags", body).data["id"])
        left.release()

    def follow(number: int) -> None:
        after, idle = begin, 0
        while idle < 2:
            finished = done.is_set()
            answer = house.call("GET", "/events", after=str(after), limit="7" if number else "1000").json
            followed[number] += answer["data"]
            after = int(answer["pagination"]["next_cursor"])
            idle = idle + 1 if finished and not answer["data"] else 0

    def watch() -> None:
        for _ in range(WRITERS):
            left.acquire()
        done.set()

    run_all([*(lambda n=n: make(n) for n in range(WRITERS)), lambda: follow(0), lambda: follow(1), watch])
    for events in followed:
        seqs = [event["seq"] for event in events]
        assert seqs == sorted(set(seqs)), "out of order, or twice"
        assert seqs == list(range(begin + 1, begin + 1 + len(seqs))), "one was skipped"
        assert {event["record_id"] for event in events} == {one for each in made for one in each}


def test_a_feed_can_be_followed_in_pages_from_any_place(house: House) -> None:
    for n in range(9):
        insert(house, Tag, {"name": f"tag {n}"})
    whole = house.call("GET", "/events", after="0", limit="1000").json["data"]
    assert [event["seq"] for event in whole] == sorted(event["seq"] for event in whole)
    for place in (0, 3, len(whole) - 1, len(whole)):
        after = str(whole[place - 1]["seq"] if place else 0)
        seen: list[Any] = []
        while page := house.call("GET", "/events", after=after, limit="2", resource="tags").json["data"]:
            seen += page
            after = str(page[-1]["seq"])
        assert seen == [event for event in whole[place:] if event["resource"] == "tags"]
    last = house.call("GET", "/events", after=str(10**12)).json
    assert (last["data"], last["pagination"]["next_cursor"]) == ([], str(10**12))


def test_creations_of_the_same_slug_at_once_make_one_link(house: House) -> None:
    replies: list[int] = []

    def take() -> None:
        replies.append(house.call("POST", "/links", {"slug": "wanted", "destination": "https://a.example/"}).status)

    run_all([take] * 8)
    assert sorted(replies) == [201] + [409] * 7


def test_the_same_idempotency_key_at_once_makes_one_record(house: House) -> None:
    replies: list[Any] = []

    def make() -> None:
        replies.append(house.call("POST", "/tags", {"name": "once"}, headers={"Idempotency-Key": "threads"}))

    run_all([make] * 8)
    assert [reply.status for reply in replies] == [201] * 8
    assert len({reply.data["id"] for reply in replies}) == 1


def test_changes_with_if_match_lose_no_update(house: House) -> None:
    tag = house.make(Tag, name="counted", metadata={"n": "0"})

    def count_up() -> None:
        for _ in range(5):
            while True:
                now = house.call("GET", f"/tags/{tag['id']}")
                body = {"metadata": {"n": str(int(now.data["metadata"]["n"]) + 1)}}
                headers = {"If-Match": now.headers["ETag"]}
                if house.call("PATCH", f"/tags/{tag['id']}", body, headers=headers).status == 200:
                    break

    run_all([count_up] * 4)
    found = house.call("GET", f"/tags/{tag['id']}").data
    assert (found["metadata"]["n"], found["version"]) == ("20", 21)
